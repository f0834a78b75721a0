"""What people do, through the control API: what reaches the app, what its answer does, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import Shortcut
from tests.integrations.slack.simulator.conftest import Client, RecordedApp
from tests.integrations.slack.simulator.surfaces import actions, button, field, home, modal, option, section

Json = dict[str, Any]


async def opened(client: Client, *blocks: Json, **details: Any) -> str:
    """Open a modal for Ada; return its id."""
    trigger = client.simulator.world.new_trigger("U0ADA")
    body = await client.ok("views.open", trigger_id=trigger, view=modal(*blocks, **details))
    return str(body["view"]["id"])


def values(bot: RecordedApp) -> Json:
    """Return the last submission's values by field."""
    state: Json = bot.of("view_submission")[-1]["view"]["state"]["values"]
    return {action: value for block in state.values() for action, value in block.items()}


@pytest.mark.parametrize(
    ("verb", "body", "complaint"),
    [
        ("command", {"user": "nobody", "channel": "general"}, "nobody is called 'nobody'"),
        ("command", {"user": "ada", "channel": "nowhere"}, "there is no channel 'nowhere'"),
        ("command", {"user": "ada", "channel": "secret"}, "Ada Lovelace is not in secret"),
        ("command", {"user": "ada", "channel": "general", "thread_ts": "1.1"}, "threads"),
        ("command", {"user": "ada"}, "channel: Field required"),
        ("command", {"user": "ada", "channel": "general", "txt": "x"}, "txt: Extra inputs"),
        ("message", {"user": "ada", "channel": "general", "text": " "}, "empty message"),
        ("message", {"user": "ada", "channel": "old", "text": "x"}, "archived"),
        ("message", {"user": "ada", "channel": "general", "text": "x", "thread_ts": "1.1"}, "no message '1.1'"),
        ("action", {"user": "ada", "action_id": "go"}, "say where"),
        ("action", {"user": "ada", "home": True, "action_id": "go"}, "not published a home"),
        ("action", {"user": "ada", "channel": "general", "message_ts": "1.1", "action_id": "go"}, "sees no message"),
        ("submit", {"user": "ada", "values": {}}, "no modal open"),
        ("faults", {"backend": "nothing", "kind": "500"}, "there is no backend 'nothing'"),
        ("faults", {"backend": "slack", "kind": "flood"}, "it knows delay"),
        ("faults", {"backend": "slack", "kind": "delay", "minutes": 3}, "minutes"),
    ],
)
async def test_requests_that_make_no_sense_are_refused_readably(
    client: Client, verb: str, body: Json, complaint: str
) -> None:
    """A bad request gets 400 and a sentence that says what is wrong."""
    answer = await client.sim(verb, **body)
    assert answer["http"] == 400
    assert complaint in answer["error"]


async def test_the_state_can_be_asked_for_in_parts(client: Client) -> None:
    """`parts` gives those parts and no others; one that there is not is refused with those that there are."""
    url = f"{client.simulator.url}/_sim/state"
    async with client.session.get(url, params={"parts": "users,views"}) as answer:
        assert set(await answer.json()) == {"users", "views"}
    async with client.session.get(url, params={"parts": "messages"}) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith("the state has no messages; it has ")


async def test_people_and_channels_by_name(client: Client, bot: RecordedApp) -> None:
    """A person goes by id, handle or full name, a channel by id, name or #name, the bot's messages by `dm`."""
    for user, channel in (("U0ADA", "C0GENERAL"), ("@ada", "#general"), ("ada lovelace", "general"), ("ada", "dm")):
        assert (await client.sim("command", user=user, channel=channel, text="x"))["status"] == 200
    assert {p["user_id"] for p in bot.of("slash_command")} == {"U0ADA"}
    assert bot.of("slash_command")[-1]["channel_name"] == "directmessage"


async def test_command_text_is_escaped_as_slack_does(client: Client, bot: RecordedApp) -> None:
    """With escaping on, names become labelled tokens and addresses links; with it off, text is as typed."""
    said = "ask @ben in #general about https://acme.test/a?b=1&c=2 <@U0ADA> & <!channel>"
    await client.sim("command", user="ada", channel="general", text=said)
    client.simulator.world.app.escape_commands = False
    await client.sim("command", user="ada", channel="general", text=said)
    escaped, plain = (p["text"] for p in bot.of("slash_command"))
    assert plain == said
    assert escaped == (
        "ask <@U0BEN|ben> in <#C0GENERAL|general> about <https://acme.test/a?b=1&amp;c=2> <@U0ADA|ada> &amp; <!channel>"
    )


async def test_message_text_is_stored_as_slack_does(client: Client, bot: RecordedApp) -> None:
    """What a person types arrives escaped, with mentions as tokens and a rich_text block."""
    await client.sim("message", user="ada", channel="general", text="@ben 1 < 2 & *x*")
    (event,) = bot.of("message")
    assert event["text"] == "<@U0BEN> 1 &lt; 2 &amp; *x*"
    elements = event["blocks"][0]["elements"][0]["elements"]
    assert elements == [{"type": "user", "user_id": "U0BEN"}, {"type": "text", "text": " 1 < 2 & *x*"}]


async def test_an_answer_in_the_acknowledgement_is_shown(client: Client, bot: RecordedApp) -> None:
    """A command's acknowledgement may carry the answer, as text or JSON; an invalid one shows its error."""
    bot.says("plain")
    await client.sim("command", user="ada", channel="general", text="x")
    bot.says({"text": "for all", "response_type": "in_channel"})
    await client.sim("command", user="ada", channel="general", text="x")
    bot.says({"blocks": [{"type": "section"}]})
    failed = await client.sim("command", user="ada", channel="general", text="x")
    assert failed["error"] == "invalid_blocks"
    general = client.simulator.world.channels["C0GENERAL"]
    assert [m.text for m in general.messages.values()] == ["for all"]
    assert [m.text for m in general.ephemerals.values()] == ["plain", '/idp failed with the error "invalid_blocks"']


async def test_every_kind_of_input_is_filled_by_name(client: Client, bot: RecordedApp) -> None:
    """Values by field name arrive in the shape of their element's type."""
    options = [option("a", "First"), option("b", "Second")]
    await opened(
        client,
        field("text", {"type": "plain_text_input"}),
        field("number", {"type": "number_input", "is_decimal_allowed": False}),
        field("one", {"type": "static_select", "options": options}),
        field("many", {"type": "multi_static_select", "options": options}),
        field("radio", {"type": "radio_buttons", "options": options}),
        field("boxes", {"type": "checkboxes", "options": options}),
        field("agree", {"type": "checkboxes", "options": [option("yes")]}),
        field("day", {"type": "datepicker"}),
        field("at", {"type": "timepicker"}),
        field("person", {"type": "users_select"}),
        field("people", {"type": "multi_users_select"}),
        field("channel", {"type": "channels_select"}),
        field("place", {"type": "conversations_select"}),
    )
    filled = {
        "text": "hello",
        "number": 3,
        "one": "Second",
        "many": ["a", "Second"],
        "radio": "a",
        "boxes": ["b"],
        "agree": True,
        "day": "2026-03-01",
        "at": "09:30",
        "person": "ben",
        "people": ["ada", "U0BEN"],
        "channel": "#general",
        "place": "C0TEAM",
    }
    assert (await client.sim("submit", user="ada", values=filled))["http"] == 200
    got = values(bot)
    assert got["text"]["value"] == "hello"
    assert got["number"]["value"] == "3"
    assert got["one"]["selected_option"] == options[1]
    assert got["many"]["selected_options"] == options
    assert got["radio"]["selected_option"] == options[0]
    assert got["boxes"]["selected_options"] == [options[1]]
    assert got["agree"]["selected_options"] == [option("yes")]
    assert got["day"]["selected_date"] == "2026-03-01"
    assert got["at"]["selected_time"] == "09:30"
    assert got["person"]["selected_user"] == "U0BEN"
    assert got["people"]["selected_users"] == ["U0ADA", "U0BEN"]
    assert got["channel"]["selected_channel"] == "C0GENERAL"
    assert got["place"]["selected_conversation"] == "C0TEAM"


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        ({"type": "plain_text_input", "max_length": 3}, "four", "at most 3 characters"),
        ({"type": "plain_text_input", "min_length": 3}, "x", "at least 3 characters"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "not a number"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "2"}, 3, "not between"),
        ({"type": "static_select", "options": [option("a")]}, "z", "'z' is not among the options; offered: 'a'"),
        ({"type": "checkboxes", "options": [option("a"), option("b")]}, True, "true does not say which"),
        ({"type": "datepicker"}, "soon", "'soon' is no date"),
        ({"type": "users_select"}, "nobody", "no user 'nobody'"),
        ({"type": "channels_select"}, "secret", "no channel 'secret'"),
    ],
)
async def test_what_the_client_would_not_take_is_refused(
    client: Client, bot: RecordedApp, element: Json, value: Any, complaint: str
) -> None:
    """A value that Slack's own client refuses never reaches the app."""
    await opened(client, field("it", element))
    answer = await client.sim("submit", user="ada", values={"it": value})
    assert answer["http"] == 400
    assert complaint in answer["error"]
    assert not bot.received


async def test_a_field_is_found_by_block_id_too(client: Client, bot: RecordedApp) -> None:
    """The block_id names a field, and so does what stands before its dot; an unknown name is refused with the known."""
    view = [field("x1", {"type": "plain_text_input"}, block_id="whole"), field("x2", {"type": "plain_text_input"})]
    view[1]["block_id"] = "name.7"
    await opened(client, *view)
    await client.sim("submit", user="ada", values={"whole": "1", "name": "2"})
    assert [v["value"] for v in values(bot).values()] == ["1", "2"]
    await opened(client, *view)
    answer = await client.sim("submit", user="ada", values={"nme": "2"})
    assert answer["error"] == "the view has no field 'nme'; its fields: x1, x2"


async def test_a_required_field_must_be_filled(client: Client, bot: RecordedApp) -> None:
    """An empty required field is named; optional ones may stay empty, and initial values count."""
    await opened(
        client,
        field("name", {"type": "plain_text_input"}),
        field("note", {"type": "plain_text_input"}, optional=True),
        field("size", {"type": "plain_text_input", "initial_value": "small"}),
    )
    answer = await client.sim("submit", user="ada", values={})
    assert answer["error"] == "required and empty: Name (name)"
    await client.sim("submit", user="ada", values={"name": "x"})
    got = values(bot)
    assert (got["note"]["value"], got["size"]["value"]) == (None, "small")


async def test_an_external_select_asks_the_app_first(client: Client, bot: RecordedApp) -> None:
    """Submitting a value of an external select requests its options; one that is not offered is refused."""
    await opened(client, field("service", {"type": "external_select", "min_query_length": 1}))

    async def answer(payload: Json) -> web.Response:
        offered = [option("payments")] if payload["type"] == "block_suggestion" and payload["value"] == "pay" else []
        return web.json_response({"options": offered} if payload["type"] == "block_suggestion" else {})

    bot.answer = answer
    view = client.simulator.world.top_view("U0ADA")
    assert view is not None
    suggested = await client.sim("suggest", user="ada", view_id=view.id, action_id="service", value="pay")
    assert suggested["options"] == [option("payments")]
    refused = await client.sim("submit", user="ada", values={"service": "billing"})
    assert "not among the options" in refused["error"]
    await client.sim("submit", user="ada", values={"service": "payments"})
    assert values(bot)["service"]["selected_option"] == option("payments")


async def test_too_short_a_query_asks_nothing(client: Client, bot: RecordedApp) -> None:
    """Below min_query_length (3 where the app says nothing) the app is not asked."""
    view = await opened(client, field("service", {"type": "external_select"}))
    body = await client.sim("suggest", user="ada", view_id=view, action_id="service", value="pa")
    assert body["options"] == []
    assert not bot.received


async def test_invalid_options_are_an_error(client: Client, bot: RecordedApp) -> None:
    """Too many options, or one that is too long, are not shown."""
    view = await opened(client, field("service", {"type": "external_select", "min_query_length": 1}))
    for offered in ([option(str(n)) for n in range(101)], [option("x", "y" * 76)], [option("x" * 151)]):
        bot.says({"options": offered})
        body = await client.sim("suggest", user="ada", view_id=view, action_id="service", value="pay")
        assert (body["options"], body["error"]) == ([], "invalid_options")


async def test_errors_come_back_to_their_fields(client: Client, bot: RecordedApp) -> None:
    """Errors leave the view open, with what was typed; the next submission clears them."""
    view = await opened(client)
    bot.says({"response_action": "errors", "errors": {"name.1": "taken"}})
    body = await client.sim("submit", user="ada", view_id=view, values={"name": "x"})
    assert body["errors"] == {"name.1": "taken"}
    (shown,) = (await client.state())["views"]["U0ADA"]
    assert shown["errors"] == {"name.1": "taken"}
    assert shown["state"]["values"]["name.1"]["name"]["value"] == "x"


async def test_an_update_replaces_the_view(client: Client, bot: RecordedApp) -> None:
    """`update` shows another body under the same id."""
    view = await opened(client)
    bot.says({"response_action": "update", "view": modal(section("Checking"), callback_id="checking")})
    await client.sim("submit", user="ada", values={"name": "x"})
    top = client.simulator.world.top_view("U0ADA")
    assert top is not None
    assert (top.id, top.body["callback_id"]) == (view, "checking")


async def test_a_push_adds_and_an_empty_answer_closes_the_top(client: Client, bot: RecordedApp) -> None:
    """`push` opens another on top; an empty acknowledgement closes only that; `clear` closes all."""
    root = await opened(client)
    bot.says({"response_action": "push", "view": modal()})
    pushed = (await client.sim("submit", user="ada", values={"name": "x"}))["view_id"]
    assert pushed != root
    covered = await client.sim("submit", user="ada", view_id=root, values={"name": "x"})
    assert "not the modal" in covered["error"]
    bot.says("")
    await client.sim("submit", user="ada", values={"name": "x"})
    top = client.simulator.world.top_view("U0ADA")
    assert top is not None
    assert top.id == root
    bot.says({"response_action": "clear"})
    await client.sim("submit", user="ada", values={"name": "x"})
    assert client.simulator.world.top_view("U0ADA") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"elsewhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode"},
    ],
)
async def test_an_acknowledgement_that_slack_would_not_take(client: Client, bot: RecordedApp, answer: Json) -> None:
    """It leaves the view open, with Slack's own complaint in it."""
    await opened(client)
    bot.says(answer)
    body = await client.sim("submit", user="ada", values={"name": "x"})
    assert body["problem"]
    (shown,) = (await client.state())["views"]["U0ADA"]
    assert "trouble connecting" in shown["problem"]


async def test_closing_goes_back_or_clears(client: Client, bot: RecordedApp) -> None:
    """The close button closes the top view, the X the whole stack; views that asked for it are told."""
    root = await opened(client, notify_on_close=True)
    world = client.simulator.world
    await client.ok("views.push", trigger_id=world.new_trigger("U0ADA", root), view=modal())
    await client.sim("close", user="ada")
    assert not bot.received
    await client.sim("close", user="ada", whole_stack=True)
    assert bot.of("view_closed")[0]["is_cleared"] is True
    assert world.top_view("U0ADA") is None


async def test_a_choice_in_a_message_reaches_the_app(client: Client, bot: RecordedApp) -> None:
    """A select, an overflow and one of two buttons with the same action_id send what was chosen."""
    blocks = [
        actions(
            button("go.1", "a"),
            {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]},
            {"type": "overflow", "action_id": "more", "options": [option("x"), option("y")]},
        )
    ]
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x", blocks=blocks)
    where = {"user": "ada", "channel": "general", "message_ts": posted["ts"]}
    await client.sim("action", action_id="go.1", value="a", **where)
    await client.sim("action", action_id="pick", selected="B", **where)
    await client.sim("action", action_id="more", selected="y", **where)
    pressed, picked, more = (p["actions"][0] for p in bot.of("block_actions"))
    assert (pressed["type"], pressed["value"]) == ("button", "a")
    assert picked["selected_option"] == option("b")
    assert more["selected_option"] == option("y")
    assert bot.of("block_actions")[1]["state"]["values"]["buttons"]["pick"]["selected_option"] == option("b")
    missing = await client.sim("action", action_id="stop", **where)
    assert missing["error"] == "there is no element 'stop' here; there are: go.1, pick, more"


async def test_nobody_acts_in_another_persons_ephemeral_message(client: Client) -> None:
    """An ephemeral message is its person's, on its device."""
    posted = await client.ok(
        "chat.postEphemeral", channel="C0GENERAL", user="U0ADA", text="x", blocks=[actions(button("go"))]
    )
    where = {"channel": "general", "message_ts": posted["message_ts"], "action_id": "go"}
    assert "sees no message" in (await client.sim("action", user="ben", **where))["error"]
    assert "another device" in (await client.sim("action", user="ada", device="phone", **where))["error"]


async def test_a_press_that_fails_is_shown(client: Client, bot: RecordedApp) -> None:
    """A failed acknowledgement shows in the channel to the person, and in a view as its problem."""
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x", blocks=[actions(button("go"))])
    await client.ok("views.publish", user_id="U0ADA", view=home(actions(button("go"))))
    bot.says("oops", status=500)
    await client.sim("action", user="ada", channel="general", message_ts=posted["ts"], action_id="go")
    await client.sim("action", user="ada", home=True, action_id="go")
    (shown,) = client.simulator.world.channels["C0GENERAL"].ephemerals.values()
    assert "dispatch_failed" in shown.text
    assert client.simulator.world.state.homes["U0ADA"].problem


async def test_an_input_without_dispatch_stays_with_slack(client: Client, bot: RecordedApp) -> None:
    """Choosing in an input block is kept as typed, and told only where the app asked for it."""
    quiet = field("one", {"type": "static_select", "options": [option("a")]})
    loud = field("two", {"type": "static_select", "options": [option("a")]}) | {"dispatch_action": True}
    view = await opened(client, quiet, loud)
    await client.sim("action", user="ada", view_id=view, action_id="one", selected="a")
    assert not bot.received
    await client.sim("action", user="ada", view_id=view, action_id="two", selected="a")
    state = bot.of("block_actions")[0]["view"]["state"]["values"]
    assert state["one.1"]["one"]["selected_option"] == state["two.1"]["two"]["selected_option"] == option("a")


async def test_a_declared_shortcut_only(slack: SlackSimulator, client: Client, bot: RecordedApp) -> None:
    """Where the app declares shortcuts, others do not exist."""
    slack.world.app.shortcuts = (Shortcut("Ask", "ask"),)
    said = await client.sim("message", user="ada", channel="general", text="look")
    wrong = await client.sim("shortcut", user="ada", channel="general", ts=said["ts"], callback_id="other")
    assert "no shortcut 'other'" in wrong["error"]
    await client.sim("shortcut", user="ada", channel="general", ts=said["ts"], callback_id="ask")
    assert bot.of("message_action")[0]["callback_id"] == "ask"


async def test_anything_can_be_delivered(client: Client, bot: RecordedApp) -> None:
    """A test can have any event delivered, wrapped and signed: another app's message, for one."""
    event = {"type": "message", "channel": "C0GENERAL", "bot_id": "B0OTHER", "text": "/idp", "ts": "1.1"}
    body = await client.sim("deliver", kind="events_api", payload=event)
    assert body["status"] == 200
    assert bot.received[0].payload["event"] == event
    assert bot.received[0].payload["event_id"] == body["event_id"]


async def test_membership_changes(client: Client, bot: RecordedApp) -> None:
    """Joining and leaving change the members, with Slack's notices; guests do not join by themselves."""
    await client.sim("membership", user="ben", channel="partner")
    assert "U0BEN" in client.simulator.world.channels["C0PARTNER"].members
    assert bot.of("message")[0]["subtype"] == "channel_join"
    await client.sim("membership", user="ben", channel="partner", leave=True)
    assert "U0BEN" not in client.simulator.world.channels["C0PARTNER"].members
    assert (await client.sim("membership", user="gus", channel="general"))["http"] == 400
