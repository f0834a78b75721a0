import aiohttp
import pytest

from integrations.slack.simulator.state import File
from tests._harness.workspace import Workspace
from tests.integrations.slack.page.conftest import Browser, opened

Http = aiohttp.ClientSession


async def test_the_policy_lets_no_foreign_or_inline_script_run(place: Workspace, http: Http) -> None:
    """The document comes with a content security policy that allows its own files only, and has no inline script."""
    async with http.get(f"{place.slack.url}/?as=alice") as response:
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "<script>" not in html
    assert " style=" not in html
    assert " onclick=" not in html


async def test_every_file_that_the_page_names_is_there(place: Workspace, http: Http) -> None:
    """Style sheets, scripts and their imports are served from the simulator itself."""
    for name in ("page.css", "blocks.css", "theme.js", "page.js", "stream.js", "vendor/idiomorph.js", "icon.svg"):
        async with http.get(f"{place.slack.url}/page/static/{name}") as response:
            assert response.status == 200, name


async def test_the_address_says_who_looks(place: Workspace, http: Http) -> None:
    """Each person sees the conversations that are theirs."""
    async with opened(http, place.slack.url, "as=alice") as alice, opened(http, place.slack.url, "as=gus") as gus:
        assert "payments" in alice.html.split("</nav>")[0]
        assert "payments" not in gus.html.split("</nav>")[0].split('id="sidebar"')[1]


async def test_a_private_channel_is_not_shown_to_others(place: Workspace, http: Http) -> None:
    """An address of a conversation that the person is not in leads to one that is theirs."""
    place.say("U0ALICE", "payments", "the secret plan")
    async with opened(http, place.slack.url, "as=bob&c=payments") as bob:
        assert "secret plan" not in bob.html


async def test_a_deactivated_person_is_told_so(place: Workspace, http: Http) -> None:
    """Somebody whose account is deactivated gets no workspace."""
    async with http.get(f"{place.slack.url}/?as=dora") as response:
        html = await response.text()
    assert "deactivated" in html
    assert "data-window" not in html


async def test_a_message_reaches_every_window(place: Workspace, http: Http, alice: Browser) -> None:
    """What one person sends appears in another's window without a reload."""
    async with opened(http, place.slack.url, "as=bob&c=general") as bob:
        await alice.ask("send", text="hello *all*", channel="C0GENERAL")
        shown = await bob.until("upsert", "<strong>all</strong>")
    assert shown["list"] == "log"


async def test_commands_answer_in_the_window_that_gave_them(place: Workspace, http: Http, alice: Browser) -> None:
    """An ephemeral answer is drawn on the active device, on no other, and not after a reload."""
    async with opened(http, place.slack.url, "as=alice&c=general") as second:
        await second.ask("send", text="/idp hello", channel="C0GENERAL")
        assert "Only visible to you" in (await second.until("You said"))["html"]
        place.say("U0BOB", "general", "a mark")
        seen = await alice.until("upsert")
        assert "a mark" in seen["html"]
    async with opened(http, place.slack.url, "as=alice&c=general") as third:
        assert "You said" not in third.html


async def test_a_command_that_is_not_answered_says_so(place: Workspace, alice: Browser) -> None:
    """When no acknowledgement comes in time, the person reads Slack's error."""
    answer = await alice.ask("send", text="/idp slow", channel="C0GENERAL")
    assert answer["error"] == "operation_timeout"
    await alice.until("operation_timeout")
    assert place.app.received[0][0] == "command"


async def test_slack_speaks_as_slackbot(alice: Browser) -> None:
    """What Slack itself says is not drawn under an id."""
    await alice.ask("send", text="/idp slow", channel="C0GENERAL")
    assert "<strong>Slackbot</strong>" in (await alice.until("operation_timeout"))["html"]


async def test_unknown_commands_are_refused(alice: Browser) -> None:
    """A slash command that nobody registered is not delivered."""
    assert "not a valid command" in (await alice.ask("send", text="/nonesuch", channel="C0GENERAL"))["error"]


async def test_commands_in_threads_are_refused(place: Workspace, alice: Browser) -> None:
    """Custom slash commands cannot be used in threads."""
    root = place.say("U0BOB", "general", "root")
    answer = await alice.ask("send", text="/idp help", channel="C0GENERAL", thread=root.ts)
    assert "threads" in answer["error"]


async def test_a_double_click_is_two_actions(place: Workspace, alice: Browser) -> None:
    """The page sends every press, also of a button whose first press is still under way."""
    await alice.ask("send", text="/idp gallery", channel="C0GENERAL")
    await alice.until("Count")
    ts = next(iter(place.channel("general").messages))
    target = {"channel": "C0GENERAL", "ts": ts}
    for _ in range(2):
        answer = await alice.ask("act", target=target, block="buttons", action="count", value=None)
        assert not answer["error"]
    assert len(place.app.actions("count")) == 2


async def test_a_form_goes_from_field_error_to_success(place: Workspace, alice: Browser) -> None:
    """Errors come back on their field with what was typed kept; a correct form closes."""
    await alice.ask("send", text="/idp form", channel="C0GENERAL")
    await alice.until("morph", "New service")
    view = place.world.top_view("U0ALICE")
    assert view is not None
    typed = {"name": "taken", "replicas": "3", "environment": "dev", "owner": "U0BOB", "size": "Large"}
    answer = await alice.ask("submit", view=view.id, typed=typed)
    assert answer["errors"] == {"name": "That name is taken."}
    drawn = await alice.until("That name is taken.")
    assert 'value="taken"' in drawn["html"]
    await alice.ask("submit", view=view.id, typed={**typed, "name": "payments-api"})
    await alice.until('data-count="0"')
    sent = [p for kind, p in place.app.received if kind == "view_submission"][-1]["view"]["state"]["values"]
    assert sent["owner"]["owner"]["selected_user"] == "U0BOB"
    assert sent["environment"]["environment"]["selected_option"]["value"] == "dev"


async def test_options_come_from_the_app(place: Workspace, alice: Browser) -> None:
    """Typing into an external select asks the app and draws its options."""
    await alice.ask("send", text="/idp form", channel="C0GENERAL")
    await alice.until("morph", "New service")
    view = place.world.top_view("U0ALICE")
    assert view is not None
    target = {"view": view.id}
    answer = await alice.ask("suggest", target=target, block="depends", action="depends", query="pay", list="l")
    assert 'data-value="payments-api"' in answer["html"]
    assert "checkout" not in answer["html"]


async def test_the_home_tab_is_published_when_opened(alice: Browser) -> None:
    """Going to the app's home tells the app, and what it publishes appears."""
    await alice.ask("go", channel="app", tab="home")
    await alice.until("swap", "on-home")
    await alice.until("My services")


async def test_unread_messages_are_counted_until_seen(place: Workspace, alice: Browser) -> None:
    """A message elsewhere marks its conversation and the title; going there clears both."""
    place.say("U0PETRA", "payments", "news")
    assert "unread" in (await alice.until("sidebar"))["html"]
    assert (await alice.until("title"))["text"].startswith("(1) ")
    await alice.ask("go", channel="C0PAYMENTS")
    assert "news" in (await alice.until("swap", "main"))["html"]
    assert (await alice.until("title"))["text"].startswith("payments")


async def test_only_the_last_messages_are_drawn_at_first(place: Workspace, http: Http) -> None:
    """A long conversation shows its last hundred messages, and more on request."""
    for number in range(3000):
        place.say("U0BOB", "general", f"line {number}.")
    async with opened(http, place.slack.url, "as=alice&c=general") as alice:
        assert alice.html.count('class="entry"') == 100
        assert "line 2999." in alice.html
        assert "line 2899." not in alice.html
        await alice.ask("older")
        older = await alice.until("older")
    assert older["html"].count('class="entry"') == 200
    assert "line 2800." in older["html"]


async def test_edits_and_deletions_are_drawn(place: Workspace, alice: Browser) -> None:
    """An edited message says so; a deleted one goes, and the next one shows its author."""
    first = place.say("U0BOB", "general", "one")
    second = place.say("U0BOB", "general", "two")
    await alice.until("two")
    first.text, first.edited_ts = "uno", first.ts
    place.world.put_message(first)
    assert "(edited)" in (await alice.until("uno"))["html"]
    place.world.drop_message("C0GENERAL", first.ts)
    await alice.until("gone", first.ts)
    follower = await alice.until("upsert", second.ts)
    assert "message follows" not in follower["html"]


async def test_replies_count_on_their_root(place: Workspace, alice: Browser) -> None:
    """A reply is drawn in the open thread and counted in the conversation, not shown there."""
    root = place.say("U0BOB", "general", "root")
    await alice.ask("go", channel="C0GENERAL", thread=root.ts)
    await alice.until("swap", "thread")
    await alice.ask("send", text="a reply", channel="C0GENERAL", thread=root.ts)
    assert (await alice.until("a reply"))["list"] == "thread-log"
    assert "1 reply" in (await alice.until("upsert", f"m-{root.ts}"))["html"]


@pytest.mark.parametrize(
    ("mimetype", "kept"), [("image/png", "image/png"), ("image/svg+xml", "application/octet-stream")]
)
async def test_files_are_served_inert(place: Workspace, http: Http, mimetype: str, kept: str) -> None:
    """Pictures are shown, what could carry script is only saved, and whoever is not in the channel gets neither."""
    file = File("F1", 'a"b\n.png', 3, "k", "U0ALICE", 0, mimetype=mimetype, content=b"abc", complete=True)
    file.channels = ["C0PAYMENTS"]
    place.world.put_file(file)
    async with http.get(f"{place.slack.url}/page/files/F1?as=alice") as response:
        assert response.headers["Content-Type"] == kept
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert ("attachment" in response.headers["Content-Disposition"]) == (kept != mimetype)
    async with http.get(f"{place.slack.url}/page/files/F1?as=bob") as response:
        assert response.status == 404


async def test_requests_without_a_window_are_refused(place: Workspace, http: Http) -> None:
    """Another site cannot act: without the window's id in the header nothing is done."""
    body = {"text": "hello", "channel": "C0GENERAL"}
    async with http.post(f"{place.slack.url}/page/send", json=body) as response:
        assert response.status == 403
    assert not place.channel("general").messages


async def test_malformed_requests_are_refused(place: Workspace, http: Http, alice: Browser) -> None:
    """What is not of the expected shape gets 400 and does nothing."""
    headers = {"X-Window": alice.window}
    for body in (b"", b"[]", b'{"text": 1}', b'{"text": "x", "channel": "C0GENERAL", "more": 1}'):
        async with http.post(f"{place.slack.url}/page/send", data=body, headers=headers) as response:
            assert response.status == 400
    assert not place.channel("general").messages


async def test_an_unknown_window_reloads(place: Workspace, http: Http) -> None:
    """A window of an earlier run is told to load the page afresh."""
    async with http.get(f"{place.slack.url}/page/stream/page-nonesuch") as response:
        assert b'"reload"' in await response.read()


async def test_a_broken_stream_starts_afresh(place: Workspace, http: Http, alice: Browser) -> None:
    """When a window connects again, it gets everything that it may have missed."""
    place.say("U0BOB", "general", "while you were away")
    async with http.get(f"{place.slack.url}/page/stream/{alice.window}") as stream:
        again = Browser(http, alice.url, alice.window, "", stream.content)
        assert "while you were away" in (await again.until("morph", "main"))["html"]


async def test_joining_by_button(place: Workspace, http: Http) -> None:
    """A public channel can be looked at, and joined with a button that then gives way to the message box."""
    async with opened(http, place.slack.url, "as=alice&c=storefront") as alice:
        assert "Join channel" in alice.html
        await alice.ask("join")
        assert "data-composer" in (await alice.until("morph", '"main"'))["html"]
