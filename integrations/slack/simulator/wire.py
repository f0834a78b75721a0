"""The workspace's records as Slack's JSON: what Web API responses, payloads and events show of them."""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator.state import Channel, File, Json, Kind, Message, User, UserGroup, View
from integrations.slack.simulator.world import World


def user_json(world: World, user: User) -> Json:
    """Return a user as `users.info` and `user_change` show it."""
    found: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": user.tz_offset,
        "profile": {
            "title": user.title,
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "display_name": user.name,
            "display_name_normalized": user.name,
            "team": user.team_id,
        },
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": user.updated,
    }
    if user.is_stranger:
        found["is_stranger"] = True
    if user.is_bot:
        found["profile"] |= {"api_app_id": world.app.id, "bot_id": world.app.bot_id}
    space = world.workspace
    if space.enterprise_id and user.team_id == space.id:
        found["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": space.enterprise_id,
            "enterprise_name": space.enterprise_name,
            "is_admin": user.is_admin,
            "is_owner": False,
            "teams": [space.id],
        }
    return found


def group_json(world: World, group: UserGroup, *, members: bool) -> Json:
    found: Json = {
        "id": group.id,
        "team_id": world.workspace.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.updated,
        "date_update": group.updated,
        "date_delete": group.updated if group.deleted else 0,
        "auto_type": None,
        "user_count": len(group.users),
        "prefs": {"channels": [], "groups": []},
    }
    return found | ({"users": list(group.users)} if members else {})


def channel_json(world: World, channel: Channel, *, members: bool = False) -> Json:
    """Return a conversation as `conversations.info` shows it to the bot."""
    bot = world.app.bot_user
    if channel.kind is Kind.IM:
        other = next((u for u in channel.members if u != bot), bot)
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_org_shared": False,
            "is_archived": channel.is_archived,
            "context_team_id": world.workspace.id,
            "user": other,
            "is_user_deleted": bool(world.users.get(other) and world.users[other].deleted),
            "priority": 0,
        }
    found: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": channel.creator,
        "is_channel": channel.kind is Kind.PUBLIC,
        "is_group": False,
        "is_im": False,
        "is_mpim": channel.kind is Kind.MPIM,
        "is_private": channel.kind is not Kind.PUBLIC,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "is_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": channel.is_pending_ext_shared,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "context_team_id": world.workspace.id,
        "is_member": bot in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
        "shared_team_ids": [world.workspace.id, *channel.connected_teams],
    }
    if channel.is_ext_shared:
        found["connected_team_ids"] = list(channel.connected_teams)
    return found | ({"num_members": len(channel.members)} if members else {})


def file_json(world: World, file: File, url: str) -> Json:
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "alt_txt": file.alt_text,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] if "." in file.name else "binary",
        "user": file.user,
        "user_team": world.workspace.id,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": f"{url}/files/{file.id}/{file.name}",
        "url_private_download": f"{url}/files/{file.id}/{file.name}",
        "permalink": permalink(world, "files", file.id),
        "channels": list(file.channels),
    }


def permalink(world: World, channel: str, ts: str, thread_ts: str = "") -> str:
    link = f"https://{world.workspace.domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else link


def bot_profile(world: World) -> Json:
    app = world.app
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.bot_user,
        "name": app.name,
        "icons": {},
        "deleted": app.uninstalled,
        "updated": 0,
        "team_id": world.workspace.id,
    }


def message_json(world: World, message: Message, *, url: str = "", metadata: bool = False) -> Json:
    """Return a message as history and events show it; its metadata only where asked for."""
    found: Json = {"type": "message"}
    if message.subtype:
        found["subtype"] = message.subtype
    found |= {"user": message.user, "text": message.text, "ts": message.ts, "team": world.workspace.id}
    if message.bot_id:
        found |= {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": bot_profile(world)}
    if message.client_msg_id:
        found["client_msg_id"] = message.client_msg_id
    if message.blocks:
        found["blocks"] = message.blocks
    if message.attachments:
        found["attachments"] = message.attachments
    if message.edited_ts:
        found["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.files:
        found["files"] = [file_json(world, world.state.files[f], url) for f in message.files]
    if message.reactions:
        found["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()]
    if metadata and message.metadata is not None:
        found["metadata"] = message.metadata
    return found | _thread(world, message)


def _thread(world: World, message: Message) -> Json:
    if message.ephemeral:
        return {"thread_ts": message.thread_ts} if message.thread_ts else {}
    replies = world.replies(message.channel, message.ts)
    if replies:
        people = list(dict.fromkeys(m.user for m in replies))
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len(people),
            "latest_reply": replies[-1].ts,
            "reply_users": people,
            "is_locked": False,
            "subscribed": False,
        }
    if message.thread_ts and message.thread_ts != message.ts:
        parent = world.message(message.channel, message.thread_ts)
        return {"thread_ts": message.thread_ts} | ({"parent_user_id": parent.user} if parent else {})
    return {}


def view_json(world: World, view: View, *, values: bool = True) -> Json:
    """Return a view as Slack sends it: what the app gave, and what Slack adds."""
    body: dict[str, Any] = view.body
    found: Json = {
        "id": view.id,
        "team_id": world.workspace.id,
        "type": body["type"],
        "blocks": body.get("blocks", []),
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "state": {"values": view.values if values else {}},
        "hash": view.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(body.get("clear_on_close", False)),
        "notify_on_close": bool(body.get("notify_on_close", False)),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous or None,
        "root_view_id": view.root,
        "app_id": world.app.id,
        "external_id": body.get("external_id", ""),
        "app_installed_team_id": world.workspace.id,
        "bot_id": world.app.bot_id,
    }
    if body["type"] == "modal":
        found["submit_disabled"] = bool(body.get("submit_disabled", False))
    return found
