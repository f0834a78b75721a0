"""A project's `catalog-info.yaml` (Backstage's format) as services of the catalogue, or as problems for its owner.

Documents of kind Component become services; other kinds are Backstage's business and are passed over. A name that
Backstage refuses, or a value of the wrong type, makes the document unusable; lesser faults leave the service in the
catalogue with the fault noted. The team is the GitLab group that the project is in, never what the file claims.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from bot.catalogue.bounded_yaml import LARGEST, Unreadable, documents
from integrations.gitlab import ProjectFile
from integrations.store import CatalogueProblem, Service

MOST_COMPONENTS = 50
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_VERSION = re.compile(r"backstage\.io/v1(alpha|beta)[0-9]+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one project's file says."""

    services: tuple[Service, ...] = ()
    problems: tuple[CatalogueProblem, ...] = ()

    def __bool__(self) -> bool:
        """Whether the file says anything at all."""
        return bool(self.services or self.problems)


def one_line(text: str) -> str:
    """Return foreign text as one line without control characters; what it says stays as it is."""
    spaced = _SPACE.sub(" ", text).strip()
    return "".join(character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs"))


def _name(value: str) -> str:
    if len(value) > 63 or not _NAME.fullmatch(value):
        raise ValueError(
            "must have at most 63 letters, digits, `-`, `_` or `.`, and begin and end with a letter or digit"
        )
    # Backstage tells names apart without regard to case.
    return value.lower()


def _absent(value: object) -> object:
    return "" if value is None else value


Line = Annotated[str, BeforeValidator(_absent), AfterValidator(one_line)]


class _Metadata(BaseModel):
    name: Annotated[str, AfterValidator(_name)]
    title: Line = ""
    description: Line = ""
    namespace: Line = ""
    tags: list[Any] | None = None
    links: list[Any] | None = None


class _Spec(BaseModel):
    type: Line = ""
    lifecycle: Line = ""
    owner: Line = ""
    system: Line = ""


class _Component(BaseModel):
    version: str = Field(alias="apiVersion")
    metadata: _Metadata
    spec: Annotated[_Spec, BeforeValidator(lambda value: {} if value is None else value)] = _Spec()


def read(file: ProjectFile) -> Reading:
    """Return the services and problems of a project's file; nothing for a project without one, or archived."""
    if file.project.archived or (file.text is None and not file.too_large):
        return Reading()
    if file.text is None:
        return _unusable(file, f"larger than {LARGEST // 1024} KiB")
    try:
        parsed = documents(file.text)
    except Unreadable as error:
        return _unusable(file, str(error))
    services: dict[str, Service] = {}
    problems: list[str] = []
    for place, document in enumerate(parsed, start=1):
        where = f"document {place}: " if len(parsed) > 1 else ""
        if document is None:
            continue
        try:
            service = _component(file, document)
        except Unreadable as error:
            problems.append(f"{where}{error}")
            continue
        if service is None:
            continue
        if service.name in services:
            problems.append(f"{where}the name {service.name} is there twice")
        elif len(services) >= MOST_COMPONENTS:
            problems.append(f"{where}more than {MOST_COMPONENTS} components")
            break
        else:
            services[service.name] = service
    return Reading(tuple(services.values()), tuple(_problem(file, problem) for problem in problems))


def _problem(file: ProjectFile, message: str) -> CatalogueProblem:
    project = file.project
    return CatalogueProblem(project.id, project.path, project.group, f"{file.path}: {message}"[:500])


def _unusable(file: ProjectFile, message: str) -> Reading:
    return Reading(problems=(_problem(file, message),))


def _component(file: ProjectFile, document: Any) -> Service | None:
    """Return the service that a document describes, None for other kinds. Raises Unreadable."""
    if not isinstance(document, Mapping):
        raise Unreadable("this is no description of anything; it needs apiVersion, kind, metadata and spec")
    kind = document.get("kind")
    if not isinstance(kind, str) or not kind:
        raise Unreadable("kind is missing; for a service it is Component")
    if kind != "Component":
        return None
    try:
        component = _Component.model_validate(document)
    except ValidationError as error:
        raise Unreadable("; ".join(_said(each["loc"], each["msg"], each["type"]) for each in error.errors())) from None
    return _service(file, component)


def _said(place: tuple[int | str, ...], message: str, kind: str) -> str:
    name = ".".join(str(part) for part in place)
    if kind != "value_error":
        return f"{name} is missing or of the wrong type"
    return f"{name} {message.removeprefix('Value error, ')}"


def _service(file: ProjectFile, component: _Component) -> Service:
    project, metadata, spec = file.project, component.metadata, component.spec
    notes: list[str] = []
    if not _VERSION.fullmatch(component.version):
        notes.append(f"apiVersion {component.version[:40]!r} is not one of Backstage's")
    if metadata.namespace not in ("", "default"):
        notes.append(f"metadata.namespace {metadata.namespace[:40]!r} is not used here")
    for name, value in (("type", spec.type), ("lifecycle", spec.lifecycle)):
        if not value:
            notes.append(f"spec.{name} is missing")
    if spec.owner and not _same_team(spec.owner, project.group):
        notes.append(f"spec.owner says {spec.owner[:60]!r}; the team is the project's GitLab group {project.group}")
    return Service(
        name=metadata.name,
        project_id=project.id,
        path=project.path,
        team=project.group,
        web_url=project.web_url,
        title=_bounded(metadata.title, 120, "metadata.title", notes),
        description=_bounded(metadata.description, 1000, "metadata.description", notes),
        lifecycle=_bounded(spec.lifecycle.lower(), 40, "spec.lifecycle", notes) or "unknown",
        kind=_bounded(spec.type.lower(), 40, "spec.type", notes) or "service",
        system=_bounded(spec.system, 120, "spec.system", notes),
        tags=_tags(metadata.tags or [], notes),
        links=_links(metadata.links or [], notes),
        default_branch=project.default_branch,
        problems=tuple(notes),
    )


def _bounded(text: str, most: int, name: str, notes: list[str]) -> str:
    if len(text) <= most:
        return text
    notes.append(f"{name} is longer than {most} characters; the rest is not shown")
    return text[: most - 1] + "…"


def _same_team(owner: str, group: str) -> bool:
    """Return whether an owner's reference (`payments`, `group:default/payments`, a full path) means the group."""
    name = owner.lower().removeprefix("group:").removeprefix("default/")
    return name in (group.lower(), group.lower().rpartition("/")[2], group.lower().replace("/", "-"))


def _tags(given: list[Any], notes: list[str]) -> tuple[str, ...]:
    good = [tag for tag in given if isinstance(tag, str) and len(tag) <= 63 and _TAG.fullmatch(tag)]
    if len(good) < len(given):
        notes.append("metadata.tags are lower-case letters, digits, `+`, `#`, `:` and single `-`; others are left out")
    if len(good) > 20:
        notes.append("only the first 20 of metadata.tags are used")
    return tuple(dict.fromkeys(good[:20]))


def _links(given: list[Any], notes: list[str]) -> tuple[tuple[str, str], ...]:
    """Return titles with addresses; addresses that no browser should be sent to are left out and noted."""
    good: list[tuple[str, str]] = []
    for link in given[:20]:
        url = link.get("url") if isinstance(link, Mapping) else None
        if isinstance(url, str) and len(url) <= 1000 and _is_web(url):
            title = link.get("title")
            good.append((one_line(title)[:80] if isinstance(title, str) and title else url, url))
        else:
            notes.append("one of metadata.links has no address that begins with https:// or http://")
    if len(given) > 20:
        notes.append("only the first 20 of metadata.links are used")
    return tuple(good)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http") and bool(parts.hostname) and not any(c.isspace() or c in "<>|" for c in url)
    )
