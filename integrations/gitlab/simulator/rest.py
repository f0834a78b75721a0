"""The part of GitLab's REST API v4 that the platform uses.

Every handler checks the token and its scopes, then the parameters, then whether the person may see the thing, in the
order in which GitLab does. Addresses that are not here answer as GitLab does to addresses that it does not have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice, takewhile
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from integrations.gitlab.simulator import params
from integrations.gitlab.simulator.access import READING, Door, not_found, refuse
from integrations.gitlab.simulator.entities import Entities
from integrations.gitlab.simulator.params import PAGED, SORT, Param
from integrations.gitlab.simulator.world import REPORTER, Contents, SimGroup, SimProject, SimUser, World

Handler = Callable[[web.Request], Awaitable[web.Response]]

LEVELS = (10, 15, 20, 30, 40, 50)
_PROJECTS = {
    **PAGED,
    "order_by": Param(
        params.words, ("id", "name", "path", "created_at", "updated_at", "last_activity_at"), "created_at"
    ),
    "sort": SORT,
    "archived": Param(params.boolean),
    "membership": Param(params.boolean, default=False),
    "simple": Param(params.boolean, default=False),
    "search": Param(params.words),
    "id_after": Param(params.whole, default=0),
    "id_before": Param(params.whole),
    "last_activity_after": Param(params.moment),
    "min_access_level": Param(params.whole, LEVELS),
    "pagination": Param(params.words, ("legacy", "keyset"), "legacy"),
}
_GROUPS = {
    **PAGED,
    "order_by": Param(params.words, ("name", "path", "id", "similarity"), "name"),
    "sort": Param(params.words, ("asc", "desc"), "asc"),
    "all_available": Param(params.boolean),
    "search": Param(params.words),
}
_MEMBERS = {**PAGED, "query": Param(params.words), "state": Param(params.words, ("awaiting", "active"))}
_RELEASES = {**PAGED, "order_by": Param(params.words, ("released_at", "created_at"), "released_at"), "sort": SORT}
_ENVIRONMENTS = {
    **PAGED,
    "name": Param(params.words),
    "states": Param(params.words, ("available", "stopping", "stopped")),
}
_STATUSES = ("created", "running", "success", "failed", "canceled", "skipped", "blocked")
_DEPLOYMENTS = {
    **PAGED,
    "order_by": Param(params.words, ("id", "iid", "created_at", "updated_at", "finished_at"), "id"),
    "sort": Param(params.words, ("asc", "desc"), "asc"),
    "environment": Param(params.words),
    "status": Param(params.words, _STATUSES),
}
_PIPELINES = {
    **PAGED,
    "ref": Param(params.words),
    "status": Param(params.words),
    "order_by": Param(params.words, ("id", "status", "ref", "updated_at", "user_id"), "id"),
    "sort": SORT,
}
_MERGE_REQUESTS = {
    **PAGED,
    "state": Param(params.words, ("opened", "closed", "locked", "merged", "all"), "all"),
    "order_by": Param(params.words, ("created_at", "updated_at", "title", "merged_at"), "created_at"),
    "sort": SORT,
}

# What each address takes beyond its own variables; held to GitLab's document by a test.
PARAMETERS: Mapping[str, Mapping[str, Param]] = {
    "/projects": _PROJECTS,
    "/projects/{id}/releases": _RELEASES,
    "/projects/{id}/environments": _ENVIRONMENTS,
    "/projects/{id}/deployments": _DEPLOYMENTS,
    "/projects/{id}/pipelines": _PIPELINES,
    "/projects/{id}/merge_requests": _MERGE_REQUESTS,
    "/groups": _GROUPS,
    "/groups/{id}/members/all": _MEMBERS,
}


class Rest:
    """The handlers, over one world."""

    def __init__(self, world: World, entities: Entities, door: Door, version: str) -> None:
        self._world = world
        self._entities = entities
        self._door = door
        self._version = version

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the addresses that there are, below /api/v4. What later work adds goes here."""
        things: dict[str, Handler] = {
            "/version": self.version,
            "/metadata": self.version,
            "/user": self.user,
            "/personal_access_tokens/self": self.token,
            "/projects": self.projects,
            "/projects/{id}": self.project,
            "/projects/{id}/releases": self.releases,
            "/projects/{id}/environments": self.environments,
            "/projects/{id}/deployments": self.deployments,
            "/projects/{id}/pipelines": self.pipelines,
            "/projects/{id}/merge_requests": self.merge_requests,
            "/projects/{id}/repository/files/{file_path}/raw": self.raw_file,
            "/groups": self.groups,
            "/groups/{id}": self.group,
            "/groups/{id}/members/all": self.members,
        }
        return [web.get(f"/api/v4{path}", handler) for path, handler in things.items()]

    # -- who am I, what are you

    async def version(self, request: web.Request) -> web.Response:
        self._door.enter(request, "api", "read_user", "read_api", "ai_features")
        return web.json_response({"version": self._version, "revision": "0a1b2c3d4e5", "enterprise": False})

    async def user(self, request: web.Request) -> web.Response:
        token = self._door.enter(request, "api", "read_user", "read_api")
        return web.json_response(self._entities.user(token.user))

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response(self._entities.token(self._door.enter(request)))

    # -- projects

    async def projects(self, request: web.Request) -> web.Response:
        user = self._door.enter(request, *READING).user
        values = params.read(request, _PROJECTS)
        show = self._entities.simple_project if values["simple"] else self._entities.project
        if values["pagination"] == "keyset":
            return self._keyset(request, user, values, show)
        if values["order_by"] == "id" and values["sort"] == "desc":
            found = list(self._world.projects_before(user, membership=values["membership"]))
        else:
            found = list(self._world.projects_after(user, 0, membership=values["membership"]))
        chosen = [project for project in found if _chosen(project, values)]
        if values["order_by"] != "id":
            key: dict[str, Callable[[SimProject], Any]] = {
                "name": lambda p: p.name,
                "path": lambda p: p.slug,
                "created_at": lambda p: (p.created_at, p.id),
                "updated_at": lambda p: (p.last_activity_at, p.id),
                "last_activity_at": lambda p: (p.last_activity_at, p.id),
            }
            chosen.sort(key=key[values["order_by"]], reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, chosen)
        return web.json_response([show(project) for project in part], headers=headers)

    def _keyset(
        self,
        request: web.Request,
        user: SimUser,
        values: dict[str, Any],
        show: Callable[[SimProject], dict[str, Any]],
    ) -> web.Response:
        if values["order_by"] != "id":
            raise refuse(405, {"error": "Keyset pagination is not yet available for this type of request"})
        if values["sort"] != "asc":
            raise refuse(501, {"error": "the simulator walks by ascending id only"})
        size = min(max(1, values["per_page"]), params.LARGEST_PER_PAGE)
        walk = self._world.projects_after(user, values["id_after"], membership=values["membership"])
        before = values["id_before"]
        within = walk if before is None else takewhile(lambda project: project.id < before, walk)
        part = list(islice((project for project in within if _chosen(project, values)), size))
        headers = params.keyset_link(request, part[-1].id) if len(part) == size else {}
        return web.json_response([show(project) for project in part], headers=headers)

    def _project(self, request: web.Request, needed: int = 0) -> tuple[SimProject, Contents]:
        """Return the project of the address, by number or encoded path. Raises Refused where the token's person may not
        see it (404) or may see it without the access level that is needed (403).
        """
        user = self._door.enter(request, *READING).user
        wanted = unquote(request.match_info["id"])
        found = self._world.projects.get(int(wanted)) if wanted.isdecimal() else self._world.project_at(wanted)
        if found is None or not self._world.sees(user, found):
            raise not_found("Project")
        if needed and found.visibility == "private" and self._world.access(user, found) < needed:
            raise refuse(403, {"message": "403 Forbidden"})
        return found, self._world.contents(found)

    async def project(self, request: web.Request) -> web.Response:
        return web.json_response(self._entities.project(self._project(request)[0]))

    async def raw_file(self, request: web.Request) -> web.Response:
        project, contents = self._project(request, REPORTER)
        ref = request.query.get("ref", "HEAD")
        content = contents.files.get(unquote(request.match_info["file_path"]))
        if ref not in ("HEAD", project.default_branch):
            raise not_found("Commit")
        if content is None:
            raise not_found("File")
        return web.Response(body=content, content_type="text/plain", charset="utf-8")

    # -- what is in a project

    async def releases(self, request: web.Request) -> web.Response:
        project, contents = self._project(request)
        values = params.read(request, _RELEASES)
        found = sorted(contents.releases, key=lambda release: release.at, reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.release(project, each) for each in part], headers=headers)

    async def environments(self, request: web.Request) -> web.Response:
        _, contents = self._project(request, REPORTER)
        values = params.read(request, _ENVIRONMENTS)
        found = [
            each
            for each in contents.environments
            if values["states"] in (None, each.state) and values["name"] in (None, each.name)
        ]
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.environment(each) for each in part], headers=headers)

    async def deployments(self, request: web.Request) -> web.Response:
        _, contents = self._project(request, REPORTER)
        values = params.read(request, _DEPLOYMENTS)
        found = [
            each
            for each in contents.deployments
            if values["environment"] in (None, each.environment.name) and values["status"] in (None, each.status)
        ]
        key = "updated_at" if values["order_by"] == "finished_at" else values["order_by"]
        found.sort(key=lambda each: (getattr(each, key), each.id), reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.deployment(each) for each in part], headers=headers)

    async def pipelines(self, request: web.Request) -> web.Response:
        project, contents = self._project(request, REPORTER)
        values = params.read(request, _PIPELINES)
        found = [
            each
            for each in contents.pipelines
            if values["ref"] in (None, each.ref) and values["status"] in (None, each.status)
        ]
        key = "id" if values["order_by"] == "user_id" else values["order_by"]
        found.sort(key=lambda each: (getattr(each, key), each.id), reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.pipeline(project, each) for each in part], headers=headers)

    async def merge_requests(self, request: web.Request) -> web.Response:
        project, contents = self._project(request, REPORTER)
        values = params.read(request, _MERGE_REQUESTS)
        found = [each for each in contents.merge_requests if values["state"] in ("all", each.state)]
        key = "updated_at" if values["order_by"] == "merged_at" else values["order_by"]
        found.sort(key=lambda each: (getattr(each, key), each.id), reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.merge_request(project, each) for each in part], headers=headers)

    # -- groups

    async def groups(self, request: web.Request) -> web.Response:
        user = self._door.enter(request, *READING).user
        values = params.read(request, _GROUPS)
        everything = user.admin if values["all_available"] is None else values["all_available"]
        found = [
            group
            for group in self._world.groups.values()
            if (self._world.sees_group(user, group) if everything else group.access(user.id) > 0)
            and (values["search"] or "").lower() in f"{group.name} {group.path}".lower()
        ]
        key: Callable[[SimGroup], Any] = {"id": lambda g: g.id, "path": lambda g: g.path}.get(
            values["order_by"], lambda g: (g.name.lower(), g.id)
        )
        found.sort(key=key, reverse=values["sort"] == "desc")
        part, headers = params.page_of(request, values, found)
        return web.json_response([self._entities.group(group) for group in part], headers=headers)

    def _group(self, request: web.Request) -> SimGroup:
        user = self._door.enter(request, *READING).user
        wanted = unquote(request.match_info["id"])
        found = self._world.groups.get(int(wanted)) if wanted.isdecimal() else self._world.group_at(wanted)
        if found is None or not self._world.sees_group(user, found):
            raise not_found("Group")
        return found

    async def group(self, request: web.Request) -> web.Response:
        return web.json_response(self._entities.group(self._group(request)))

    async def members(self, request: web.Request) -> web.Response:
        group = self._group(request)
        values = params.read(request, _MEMBERS)
        ids = sorted({user_id for each in group.lineage() for user_id in each.members})
        wanted = (values["query"] or "").lower()
        found = [
            self._world.users[user_id]
            for user_id in ids
            if wanted in f"{self._world.users[user_id].name} {self._world.users[user_id].username}".lower()
        ]
        part, headers = params.page_of(request, values, found)
        shown = [self._entities.member(user, group.access(user.id), group.created_at) for user in part]
        return web.json_response(shown, headers=headers)


def _chosen(project: SimProject, values: dict[str, Any]) -> bool:
    since: datetime | None = values["last_activity_after"]
    search = (values["search"] or "").lower()
    return (
        values["archived"] in (None, project.archived)
        and project.id > values["id_after"]
        and (values["id_before"] is None or project.id < values["id_before"])
        and (since is None or project.last_activity_at > since)
        and (not search or search in f"{project.name} {project.slug}".lower())
    )
