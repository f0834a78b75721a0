"""GitLab's GraphQL endpoint: refuses what GitLab refuses, and answers what the platform asks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson
from aiohttp import web
from graphql import GraphQLError, execute_sync, parse, validate
from graphql.language import DocumentNode

from integrations.gitlab.simulator.access import Door, refuse
from integrations.gitlab.simulator.entities import Entities, Json, stamp
from integrations.gitlab.simulator.schema import DEEPEST, LARGEST_PAGE, MOST_COMPLEX, SCHEMA, Complexity
from integrations.gitlab.simulator.world import REPORTER, Contents, SimProject, SimUser, World

_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_PROJECT = re.compile(r"gid://gitlab/Project/(\d+)")


@lru_cache(maxsize=64)
def _parsed(query: str) -> tuple[DocumentNode | None, tuple[str, ...]]:
    """Return a query's document and what is wrong with it, in GitLab's words where they are known."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (f"Parse error: {error.message}",)
    errors = [
        f"Field '{match[1]}' doesn't exist on type '{match[2]}'"
        if (match := _UNKNOWN_FIELD.match(error.message))
        else error.message
        for error in validate(SCHEMA, document, max_errors=5)
    ]
    return document, tuple(errors)


def _errors(messages: Sequence[str]) -> web.Response:
    return web.json_response({"errors": [{"message": message} for message in messages]})


def _cursor(project: SimProject) -> str:
    return base64.b64encode(orjson.dumps({"id": str(project.id)})).decode()


def _after(cursor: str) -> int:
    try:
        return int(orjson.loads(base64.b64decode(cursor, validate=True))["id"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise GraphQLError("Please provide a valid cursor") from error


class GraphQl:
    """The endpoint, over one world. `scores` are the complexities of what was asked, newest last."""

    def __init__(self, world: World, entities: Entities, door: Door, version: str) -> None:
        self._world = world
        self._entities = entities
        self._door = door
        self._version = version
        self.scores: list[int] = []

    async def endpoint(self, request: web.Request) -> web.Response:
        user = self._door.enter_graphql(request).user
        try:
            body = orjson.loads(await request.read())
            query, variables = str(body["query"]), dict(body.get("variables") or {})
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise refuse(400, {"errors": [{"message": "No query string was present"}]}) from error
        document, wrong = _parsed(query)
        if document is None or wrong:
            return _errors(wrong)
        complexity = Complexity(document, variables)
        score = complexity.score()
        self.scores = [*self.scores[-999:], score]
        if score > MOST_COMPLEX:
            return _errors([f"Query has complexity of {score}, which exceeds max complexity of {MOST_COMPLEX}"])
        if complexity.depth > DEEPEST:
            return _errors([f"Query has depth of {complexity.depth}, which exceeds max depth of {DEEPEST}"])
        result = execute_sync(SCHEMA, document, self._root(user, score), variable_values=variables)
        answer: Json = {"data": result.data}
        if result.errors:
            answer["errors"] = [{"message": error.message, "path": error.path} for error in result.errors]
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    def _root(self, user: SimUser, score: int) -> Json:
        def project(_: Any, **given: Any) -> Json | None:
            found = self._world.project_at(given["fullPath"])
            return self._project(found, user) if found and self._world.sees(user, found) else None

        def projects(_: Any, **given: Any) -> Json:
            return self._projects(user, given)

        return {
            "currentUser": {"id": f"gid://gitlab/User/{user.id}", "username": user.username, "name": user.name},
            "metadata": {"version": self._version, "revision": "0a1b2c3d4e5"},
            "queryComplexity": {"limit": MOST_COMPLEX, "score": score},
            "project": project,
            "projects": projects,
        }

    def _projects(self, user: SimUser, given: dict[str, Any]) -> Json:
        if {"last", "before", "sort"} & {name for name, value in given.items() if value is not None}:
            raise GraphQLError("the simulator pages forwards and in GitLab's own order only")
        size = min(LARGEST_PAGE, given["first"] if given.get("first") is not None else LARGEST_PAGE)
        wanted: set[int] | None = None
        if given.get("ids") is not None:
            matches = {each: _PROJECT.fullmatch(each) for each in given["ids"]}
            bad = next((each for each, match in matches.items() if match is None), None)
            if bad is not None:
                raise GraphQLError(f"{bad} is not a valid GitLab ID.")
            wanted = {int(match[1]) for match in matches.values() if match}
        if wanted is not None:
            known = [
                self._world.projects[each] for each in sorted(wanted, reverse=True) if each in self._world.projects
            ]
            found = iter([p for p in known if self._world.sees(user, p)])
        else:
            found = self._world.projects_before(user, membership=bool(given.get("membership")))
        paths = set(given["fullPaths"]) if given.get("fullPaths") is not None else None
        search = (given.get("search") or "").lower()
        before = _after(given["after"]) if given.get("after") else None
        chosen = (
            p
            for p in found
            if (before is None or p.id < before)
            and (paths is None or p.path in paths)
            and search in f"{p.name} {p.slug}".lower()
        )
        page = list(islice(chosen, size + 1))
        more, page = len(page) > size, page[:size]
        return {
            "nodes": [self._project(each, user) for each in page],
            "count": lambda _: len(page) + sum(1 for _ in chosen) + more,
            "pageInfo": {
                "hasNextPage": more,
                "hasPreviousPage": before is not None,
                "startCursor": _cursor(page[0]) if page else None,
                "endCursor": _cursor(page[-1]) if page else None,
            },
        }

    def _project(self, project: SimProject, user: SimUser) -> Json:
        readable = project.visibility == "public" or self._world.access(user, project) >= REPORTER
        return {
            "id": f"gid://gitlab/Project/{project.id}",
            "fullPath": project.path,
            "name": project.name,
            "path": project.slug,
            "description": project.description,
            "webUrl": self._entities.web_url(project),
            "archived": project.archived,
            "visibility": project.visibility,
            "createdAt": stamp(project.created_at),
            "lastActivityAt": stamp(project.last_activity_at),
            "namespace": {
                "id": f"gid://gitlab/Group/{project.group.id}",
                "fullPath": project.group.path,
                "name": project.group.name,
            },
            "repository": (lambda _: self._repository(project)) if readable else None,
        }

    def _repository(self, project: SimProject) -> Json:
        contents = self._world.contents(project)

        def blobs(_: Any, paths: list[str], ref: str | None = None, **page: Any) -> Json | None:
            if ref not in (None, "HEAD", project.default_branch):
                return {"nodes": [], "pageInfo": _WHOLE_PAGE}
            size = min(LARGEST_PAGE, page["first"] if page.get("first") is not None else LARGEST_PAGE)
            found = [path for path in paths if path in contents.files][:size]
            return {"nodes": [_blob(contents, path) for path in found], "pageInfo": _WHOLE_PAGE}

        return {
            "empty": contents.empty,
            "exists": True,
            "rootRef": None if contents.empty else project.default_branch,
            "blobs": blobs,
        }


_WHOLE_PAGE = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}


def _blob(contents: Contents, path: str) -> Json:
    content = contents.files[path]
    oid = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    return {
        "id": f"gid://gitlab/Blob/{oid}",
        "oid": oid,
        "path": path,
        "name": path.rpartition("/")[2],
        "size": str(len(content)),
        "rawSize": str(len(content)),
        "rawTextBlob": None if b"\0" in content else content.decode("utf-8", "replace"),
    }
