"""The wire protocol, proven by the official clients: slack_sdk and slack_bolt work against the simulator unchanged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client, settle, workspace

MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "A form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name.1",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "name"},
        }
    ],
}


def bolt_app(simulator: SlackSimulator, session: aiohttp.ClientSession, seen: list[Any]) -> AsyncApp:
    """Return a Bolt app with one listener of each kind that the platform uses."""
    web_client = AsyncWebClient(simulator.world.app.bot_token, base_url=simulator.api_url, session=session)
    app = AsyncApp(
        client=web_client,
        signing_secret=simulator.world.app.secret,
        process_before_response=True,
    )

    @app.command("/idp")
    async def command(ack: Any, command: Any, client: Any, respond: Any) -> None:
        await ack()
        seen.append(command["text"])
        if command["text"] == "form":
            await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        else:
            await respond(text=f"you said {command['text']}")

    @app.view("form")
    async def submitted(ack: Any, view: Any) -> None:
        value = view["state"]["values"]["name.1"]["name"]["value"]
        seen.append(value)
        if value == "bad":
            await ack(response_action="errors", errors={"name.1": "not that one"})
        else:
            await ack()

    @app.event("message")
    async def message(event: Any) -> None:
        seen.append((event["text"], event["channel_type"]))

    del command, submitted, message
    return app


@pytest.fixture(params=["http", "socket"])
async def bolt(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[tuple[Client, list[Any]]]:
    """A simulator with a Bolt app on it, by HTTP and by Socket Mode; yields the control client and what Bolt saw."""
    seen: list[Any] = []
    world = workspace(clock)
    world.app.socket_mode = request.param == "socket"
    async with SlackSimulator(world) as simulator, aiohttp.ClientSession() as session:
        app = bolt_app(simulator, session, seen)
        if world.app.socket_mode:
            handler: Any = AsyncSocketModeHandler(app, world.app.app_token)
            await handler.connect_async()
            await settle(lambda: bool(simulator.socket_mode.connections))
            yield Client(simulator, session), seen
            await handler.close_async()
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task() and "slack_sdk" in repr(t)]
            await asyncio.gather(*tasks, return_exceptions=True)
        else:
            runner = web.AppRunner(app.web_app(), shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            simulator.app_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
            yield Client(simulator, session), seen
            await runner.cleanup()


async def test_bolt_answers_a_command(bolt: tuple[Client, list[Any]]) -> None:
    """A command reaches a Bolt listener, and its answer the person."""
    client, seen = bolt
    result = await client.sim("command", user="ada", channel="general", text="hello")
    assert (result["status"], seen) == (200, ["hello"])
    general = next(c for c in (await client.state())["channels"] if c["name"] == "general")
    assert [m["text"] for m in general["ephemerals"]] == ["you said hello"]


async def test_bolt_opens_a_form_and_answers_its_submission(bolt: tuple[Client, list[Any]]) -> None:
    """A form that Bolt opens can be submitted; errors come back to their field, and acceptance closes it."""
    client, seen = bolt
    await client.sim("command", user="ada", channel="general", text="form")
    refused = await client.sim("submit", user="ada", values={"name": "bad"})
    assert refused["errors"] == {"name.1": "not that one"}
    accepted = await client.sim("submit", user="ada", values={"name": "good"})
    assert accepted["closed"]
    assert seen == ["form", "bad", "good"]


async def test_bolt_hears_a_direct_message(bolt: tuple[Client, list[Any]]) -> None:
    """An event reaches a Bolt listener."""
    client, seen = bolt
    result = await client.sim("message", user="ada", channel="dm", text="hi & bye")
    assert result["status"] == 200
    assert seen == [("hi &amp; bye", "im")]


async def test_the_web_client_posts_and_reads(slack: SlackSimulator) -> None:
    """The SDK's client posts, finds its message by metadata, updates it, and uploads a file."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.world.app.bot_token, base_url=slack.api_url, session=session)
        posted = await client.chat_postMessage(
            channel="C0GENERAL", text="one", metadata={"event_type": "key", "event_payload": {"key": "k1"}}
        )
        history = await client.conversations_history(channel="C0GENERAL", include_all_metadata=True)
        messages: Any = history["messages"]
        assert messages[0]["metadata"]["event_payload"] == {"key": "k1"}
        updated = await client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="two")
        assert updated["text"] == "two"
        uploaded = await client.files_upload_v2(channel="C0GENERAL", filename="a.txt", content="hello", title="A")
        files: Any = uploaded["files"]
        assert files[0]["title"] == "A"


async def test_the_web_client_raises_slacks_errors(slack: SlackSimulator) -> None:
    """A refusal reaches the SDK's caller with Slack's error name and the place of the fault."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.world.app.bot_token, base_url=slack.api_url, session=session)
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[{"type": "section"}])
        body = json.dumps(caught.value.response.data)
        assert "invalid_blocks" in body
        assert "/blocks/0" in body
