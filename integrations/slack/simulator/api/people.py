"""auth.test, bots.info, users.* and usergroups.*: who the token is, and who is in the workspace."""

from __future__ import annotations

from integrations.slack.simulator import wire
from integrations.slack.simulator.api.call import ApiError, Call, method
from integrations.slack.simulator.rates import SPECIAL, TIER_1, TIER_2, TIER_3, TIER_4
from integrations.slack.simulator.state import Json


async def auth_test(call: Call) -> Json:
    space, app = call.world.workspace, call.world.app
    if call.token == app.app_token:
        return {"app_name": app.name, "app_id": app.id}
    found: Json = {
        "url": f"https://{space.domain}.slack.com/",
        "team": space.name,
        "user": app.name,
        "team_id": space.id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }
    return found | ({"enterprise_id": space.enterprise_id} if space.enterprise_id else {})


async def bots_info(call: Call) -> Json:
    app = call.world.app
    if call.text("bot", default=app.bot_id) != app.bot_id:
        raise ApiError("bot_not_found")
    bot = wire.bot_profile(call.world)
    return {"bot": {k: bot[k] for k in ("id", "deleted", "name", "updated", "app_id", "user_id", "icons")}}


async def apps_connections_open(call: Call) -> Json:
    ticket = call.around.socket_mode.ticket()
    address = call.around.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.world.app.id}"}


async def users_info(call: Call) -> Json:
    return {"user": wire.user_json(call.world, call.user())}


async def users_list(call: Call) -> Json:
    users, metadata = call.page(sorted(call.world.users.values(), key=lambda u: u.id), default=1000)
    return {
        "members": [wire.user_json(call.world, u) for u in users],
        "cache_ts": call.world.seconds(),
        "response_metadata": metadata,
    }


async def users_conversations(call: Call) -> Json:
    world = call.world
    wanted = call.text("user", default=world.app.bot_user)
    if wanted not in world.users:
        raise ApiError("user_not_found")
    kinds = call.kinds()
    found = [
        c
        for c in world.channels.values()
        if wanted in c.members
        and c.kind in kinds
        and call.sees(c)
        and not (c.is_archived and call.flag("exclude_archived"))
    ]
    channels, metadata = call.page(found, default=100)
    return {"channels": [wire.channel_json(world, c) for c in channels], "response_metadata": metadata}


async def usergroups_list(call: Call) -> Json:
    groups = [g for g in call.world.state.groups.values() if not g.deleted or call.flag("include_disabled")]
    members = call.flag("include_users")
    return {"usergroups": [wire.group_json(call.world, g, members=members) for g in groups]}


async def usergroups_users_list(call: Call) -> Json:
    group = call.world.state.groups.get(call.text("usergroup"))
    if group is None or (group.deleted and not call.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}


async def api_test(call: Call) -> Json:
    if error := call.text("error", default=""):
        raise ApiError(error)
    return {"args": {k: v for k, v in call.arguments.items() if k != "token"}}


METHODS = {
    "api.test": method(api_test, "error foo", per_minute=SPECIAL),
    "auth.test": method(auth_test, per_minute=SPECIAL),
    "bots.info": method(bots_info, "bot", scopes="users:read", per_minute=TIER_3),
    "apps.connections.open": method(
        apps_connections_open, scopes="connections:write", per_minute=TIER_1, app_token=True
    ),
    "users.info": method(users_info, "user", scopes="users:read", per_minute=TIER_4),
    "users.list": method(users_list, "cursor limit", scopes="users:read", per_minute=TIER_2),
    "users.conversations": method(users_conversations, "user types cursor limit exclude_archived", per_minute=TIER_3),
    "usergroups.list": method(
        usergroups_list,
        "include_users include_disabled include_count",
        scopes="usergroups:read",
        per_minute=TIER_2,
    ),
    "usergroups.users.list": method(
        usergroups_users_list, "usergroup include_disabled", scopes="usergroups:read", per_minute=TIER_2
    ),
}
