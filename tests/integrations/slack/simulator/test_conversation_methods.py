"""users.*, usergroups.*, conversations.*, reactions.add and files.*."""

from __future__ import annotations

import aiohttp
import pytest

from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import File
from tests.integrations.slack.simulator.conftest import Client, RecordedApp


async def test_people_are_told_apart(client: Client) -> None:
    """A guest, a stranger and a bot are marked as such."""
    people = {u["id"]: u for u in (await client.ok("users.list"))["members"]}
    assert people["U0GUS"]["is_restricted"]
    assert people["U0OLAF"]["is_stranger"]
    assert people["U0OLAF"]["team_id"] == "T0OTHER"
    assert people["U0SIMBOT"]["is_bot"]
    assert "is_stranger" not in people["U0ADA"]


async def test_an_unknown_person_is_not_found(client: Client) -> None:
    """users.info refuses an unknown id, and asks for a missing one."""
    assert await client.error("users.info", user="U0NOBODY") == "user_not_found"
    assert await client.error("users.info") == "invalid_arguments"


async def test_lists_are_paged(client: Client) -> None:
    """A cursor leads through all pages, once each; a made-up cursor is refused."""
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = await client.ok("users.list", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [u["id"] for u in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert seen == sorted(client.simulator.world.users)
    assert await client.error("users.list", cursor="nonsense") == "invalid_cursor"


async def test_user_groups_have_members(client: Client) -> None:
    """usergroups.list names members where asked; usergroups.users.list always."""
    (plain,) = (await client.ok("usergroups.list"))["usergroups"]
    (full,) = (await client.ok("usergroups.list", include_users=True))["usergroups"]
    assert "users" not in plain
    assert full["users"] == ["U0ADA"]
    assert (await client.ok("usergroups.users.list", usergroup="S0PLATFORM"))["users"] == ["U0ADA"]
    assert await client.error("usergroups.users.list", usergroup="S0NONE") == "no_such_subteam"


async def test_the_bot_sees_public_and_its_own_private_channels(client: Client) -> None:
    """Private channels without the bot do not exist for it."""
    body = await client.ok("conversations.list", types="public_channel,private_channel", exclude_archived=True)
    assert {c["name"] for c in body["channels"]} == {"general", "random", "team", "partner"}
    assert await client.error("conversations.info", channel="C0SECRET") == "channel_not_found"


async def test_a_shared_channel_says_so(client: Client) -> None:
    """conversations.info shows Slack Connect, membership and privacy."""
    partner = (await client.ok("conversations.info", channel="C0PARTNER"))["channel"]
    random = (await client.ok("conversations.info", channel="C0RANDOM"))["channel"]
    assert partner["is_ext_shared"]
    assert partner["connected_team_ids"] == ["T0OTHER"]
    assert (partner["is_member"], random["is_member"]) == (True, False)


async def test_members_are_listed(client: Client) -> None:
    """conversations.members lists people and bot."""
    body = await client.ok("conversations.members", channel="C0GENERAL")
    assert body["members"] == ["U0ADA", "U0BEN", "U0SIMBOT"]


async def test_the_bots_conversations_are_those_it_is_in(client: Client) -> None:
    """users.conversations without a user is about the bot."""
    body = await client.ok("users.conversations", types="public_channel", exclude_archived=True)
    assert {c["name"] for c in body["channels"]} == {"general", "partner"}


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U0NOBODY", "user_not_found"),
        ("U0SIMBOT", "cannot_dm_bot"),
        ("U1,U2,U3,U4,U5,U6,U7,U8,U9", "too_many_users"),
    ],
)
async def test_opening_is_refused_in_slacks_words(client: Client, users: str, error: str) -> None:
    """Each reason for which a conversation cannot be opened has Slack's error."""
    assert await client.error("conversations.open", users=users) == error


async def test_opening_twice_is_the_same_conversation(client: Client) -> None:
    """One person is a direct message, several a group; a second opening finds the first."""
    one = (await client.ok("conversations.open", users="U0ADA"))["channel"]["id"]
    again = await client.ok("conversations.open", users="U0ADA")
    several = (await client.ok("conversations.open", users="U0ADA,U0BEN"))["channel"]["id"]
    assert (again["channel"]["id"], again["already_open"]) == (one, True)
    assert several != one


async def test_the_bot_can_join_public_channels_only(client: Client, bot: RecordedApp) -> None:
    """Joining makes a member and tells of it; a second time is a warning."""
    await client.ok("conversations.join", channel="C0RANDOM")
    again = await client.ok("conversations.join", channel="C0RANDOM")
    assert again["warning"] == "already_in_channel"
    await client.simulator.events.idle()
    assert bot.of("member_joined_channel")[0]["user"] == "U0SIMBOT"
    assert await client.error("conversations.join", channel="C0TEAM") == "method_not_supported_for_channel_type"
    assert await client.error("conversations.join", channel="C0OLD") == "is_archived"


async def test_the_bot_can_invite_into_its_channels(client: Client) -> None:
    """Inviting makes a member; members, the bot itself and channels without the bot are refused."""
    await client.ok("conversations.invite", channel="C0GENERAL", users="U0GUS")
    assert "U0GUS" in client.simulator.world.channels["C0GENERAL"].members
    assert await client.error("conversations.invite", channel="C0GENERAL", users="U0GUS") == "already_in_channel"
    assert await client.error("conversations.invite", channel="C0GENERAL", users="U0SIMBOT") == "cant_invite_self"
    assert await client.error("conversations.invite", channel="C0RANDOM", users="U0GUS") == "not_in_channel"


async def test_history_needs_membership(client: Client) -> None:
    """What is said where the bot is not is not for it."""
    assert await client.error("conversations.history", channel="C0RANDOM") == "not_in_channel"


async def test_history_is_newest_first_and_bounded(client: Client) -> None:
    """`oldest` and `latest` exclude their ends unless inclusive; has_more leads on."""
    ts = [(await client.ok("chat.postMessage", channel="C0GENERAL", text=str(n)))["ts"] for n in range(3)]
    everything = await client.ok("conversations.history", channel="C0GENERAL")
    assert [m["ts"] for m in everything["messages"]] == ts[::-1]
    later = await client.ok("conversations.history", channel="C0GENERAL", oldest=ts[0])
    assert [m["ts"] for m in later["messages"]] == [ts[2], ts[1]]
    same = await client.ok("conversations.history", channel="C0GENERAL", oldest=ts[2], inclusive=True)
    assert [m["ts"] for m in same["messages"]] == [ts[2]]
    page = await client.ok("conversations.history", channel="C0GENERAL", limit=2)
    assert page["has_more"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.ok("conversations.history", channel="C0GENERAL", limit=2, cursor=cursor)
    assert [m["ts"] for m in rest["messages"]] == [ts[0]]


async def test_a_reaction_counts_once(slack: SlackSimulator, client: Client) -> None:
    """The bot reacts to a message once with each emoji."""
    said = await slack.acting.message("ada", "general", "hello")
    where = {"channel": "C0GENERAL", "timestamp": said.detail["ts"]}
    await client.ok("reactions.add", name="eyes", **where)
    assert await client.error("reactions.add", name="eyes", **where) == "already_reacted"
    assert await client.error("reactions.add", name="no such emoji", **where) == "invalid_name"
    missing = await client.error("reactions.add", name="eyes", channel="C0GENERAL", timestamp="1.1")
    assert missing == "message_not_found"
    (message,) = (await client.ok("conversations.history", channel="C0GENERAL"))["messages"]
    assert message["reactions"] == [{"name": "eyes", "users": ["U0SIMBOT"], "count": 1}]


async def upload(client: Client, content: bytes, name: str = "audit.csv") -> str:
    started = await client.ok("files.getUploadURLExternal", filename=name, length=len(content))
    async with client.session.post(started["upload_url"], data=content) as answer:
        assert answer.status == 200
    return str(started["file_id"])


async def test_a_file_is_uploaded_in_three_steps(client: Client) -> None:
    """Address, content, completion: then the file is a message in the channel, and can be downloaded."""
    file = await upload(client, b"a,b\n1,2\n")
    done = await client.ok(
        "files.completeUploadExternal",
        files=[{"id": file, "title": "Audit"}],
        channel_id="C0GENERAL",
        initial_comment="here",
    )
    (message,) = (await client.ok("conversations.history", channel="C0GENERAL"))["messages"]
    assert (message["subtype"], message["text"], message["files"][0]["title"]) == ("file_share", "here", "Audit")
    async with client.session.get(done["files"][0]["url_private"]) as answer:
        assert await answer.read() == b"a,b\n1,2\n"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_an_upload_is_checked(client: Client) -> None:
    """A wrong length, an unknown file, a file twice and a channel without the bot are refused."""
    started = await client.ok("files.getUploadURLExternal", filename="a.txt", length=3)
    async with client.session.post(started["upload_url"], data=b"four") as answer:
        assert answer.status == 400
    complete = "files.completeUploadExternal"
    assert await client.error(complete, files=[{"id": started["file_id"]}]) == "file_not_found"
    file = await upload(client, b"abc")
    assert await client.error(complete, files=[{"id": file}], channel_id="C0RANDOM") == "not_in_channel"
    assert await client.error(complete, files=[{"id": file}], channel_id="C0NONE") == "channel_not_found"
    await client.ok(complete, files=[{"id": file}], channel_id="C0GENERAL")
    assert await client.error(complete, files=[{"id": file}]) == "file_not_found"


async def test_a_multipart_upload_is_taken(client: Client) -> None:
    """The content may come as the one file of a form."""
    started = await client.ok("files.getUploadURLExternal", filename="a.txt", length=3)
    form = aiohttp.FormData()
    form.add_field("file", b"abc", filename="a.txt")
    async with client.session.post(started["upload_url"], data=form) as answer:
        assert answer.status == 200
    file: File = client.simulator.world.state.files[started["file_id"]]
    assert file.content == b"abc"
