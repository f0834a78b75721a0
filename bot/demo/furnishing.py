"""What is in a seeded project, made by rule from what the service is meant to show: always the same for one service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.demo.services import Condition, DemoService
from integrations.gitlab.simulator.world import (
    Contents,
    SimDeployment,
    SimEnvironment,
    SimMergeRequest,
    SimPipeline,
    SimProject,
    SimRelease,
    SimUser,
)

CATALOGUE_FILE = "catalog-info.yaml"
_STAGES = (("dev", "development"), ("staging", "staging"), ("production", "production"))
_TITLES = ("Raise the timeout to the database", "Draft: Try the new cache", "Update dependencies", "Fix a typo")


def _choice(service: DemoService, what: str, count: int) -> int:
    """Return a number below `count` that only depends on the service and on what it is for."""
    digest = hashlib.sha256(f"{service.slug}:{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % count


def _sha(service: DemoService, what: str) -> str:
    return hashlib.sha256(f"{service.slug}@{what}".encode()).hexdigest()[:40]


def catalogue_file(service: DemoService) -> bytes:
    """Return the project's catalog-info.yaml, with the fault that the service is there for."""
    if service.condition is Condition.FILE_BROKEN:
        return b"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: [newsletter\n"
    owner = "group:somebody-else" if service.condition is Condition.OTHER_OWNER else f"group:{service.group}"
    lines = [
        "apiVersion: backstage.io/v1alpha1",
        "kind: Component",
        "metadata:",
        f"  name: {json.dumps(service.name)}",
        f"  title: {json.dumps(service.title, ensure_ascii=False)}",
        f"  description: {json.dumps(service.description, ensure_ascii=False)}",
        f"  tags: {json.dumps(service.tags)}",
        "  links:",
        f"    - url: https://runbooks.acme.example/{service.slug}",
        "      title: Runbook",
        "spec:",
        f"  type: {service.kind}",
        f"  lifecycle: {service.lifecycle}",
        f"  owner: {owner}",
        *([f"  system: {service.system}"] if service.system else []),
    ]
    if service.condition is Condition.FILE_ALIASES:
        lines += ["x-defaults: &defaults", "  retries: 3", "x-consumer: *defaults"]
    if service.condition is Condition.FILE_TOO_LARGE:
        lines += [f"# {'x' * 98}"] * 700
    return "\n".join([*lines, ""]).encode()


def furnish(service: DemoService, project: SimProject, people: Sequence[SimUser], now: datetime) -> Contents:
    """Return what is in the project: its file, releases, environments, deployments, pipelines and merge requests."""
    contents = Contents(files={CATALOGUE_FILE: catalogue_file(service), "README.md": f"# {service.slug}\n".encode()})
    newest = project.last_activity_at
    _releases(contents, service, people, newest)
    _pipelines(contents, service, project, newest)
    if service.condition is not Condition.NEVER_DEPLOYED:
        _deployments(contents, service, project, people, newest)
    for number in range(_choice(service, "merge requests", 4)):
        at = min(now, newest + timedelta(minutes=number))
        title = _TITLES[(number + project.id) % len(_TITLES)]
        contents.merge_requests.append(
            SimMergeRequest(
                project.id * 100 + number,
                number + 1,
                title,
                people[(project.id + number) % len(people)],
                f"change-{number + 1}",
                at - timedelta(days=2),
                at,
                draft=title.startswith("Draft:"),
            )
        )
    return contents


def _releases(contents: Contents, service: DemoService, people: Sequence[SimUser], newest: datetime) -> None:
    if service.condition is Condition.NEVER_DEPLOYED:
        return
    minor = 2 + _choice(service, "version", 30)
    for back in range(3):
        tag = f"v1.{minor - back}.0"
        at = newest - timedelta(days=7 * back, hours=3)
        author = people[_choice(service, tag, len(people))]
        contents.releases.append(SimRelease(tag, f"{service.slug} {tag}", _sha(service, tag), at, author))


_LAST_PIPELINE = {
    Condition.PIPELINE_FAILED: "failed",
    Condition.DEPLOYING: "running",
    Condition.WAITING: "manual",
    Condition.DEPLOYMENT_FAILED: "failed",
}


def _pipelines(contents: Contents, service: DemoService, project: SimProject, newest: datetime) -> None:
    for back in range(5):
        at = newest - timedelta(hours=26 * back)
        status = "success" if back else _LAST_PIPELINE.get(service.condition, "success")
        contents.pipelines.append(
            SimPipeline(
                project.id * 100 + 50 - back,
                50 - back,
                project.default_branch,
                _sha(service, f"commit {back}"),
                status,
                at - timedelta(minutes=9),
                at,
            )
        )


_LAST_DEPLOYMENT = {
    Condition.DEPLOYMENT_FAILED: "failed",
    Condition.DEPLOYING: "running",
    Condition.WAITING: "blocked",
}


def _deployments(
    contents: Contents, service: DemoService, project: SimProject, people: Sequence[SimUser], newest: datetime
) -> None:
    tags = [release.tag for release in contents.releases]
    for place, (name, tier) in enumerate(_STAGES):
        host = service.slug if tier == "production" else f"{service.slug}.{name}"
        environment = SimEnvironment(
            project.id * 10 + place, name, tier, project.created_at, external_url=f"https://{host}.acme.example"
        )
        contents.environments.append(environment)
        for back in range(2):
            tag = tags[min(len(tags) - 1, back + (tier == "production"))]
            at = newest - timedelta(hours=1 + place * 2, days=7 * back)
            last = (
                _LAST_DEPLOYMENT.get(service.condition, "success") if not back and tier == "production" else "success"
            )
            number = (1 - back) * len(_STAGES) + place
            contents.deployments.append(
                SimDeployment(
                    project.id * 100 + number,
                    number + 1,
                    environment,
                    tag,
                    _sha(service, tag),
                    last,
                    people[_choice(service, f"{name} {back}", len(people))],
                    at - timedelta(minutes=4),
                    at,
                )
            )
