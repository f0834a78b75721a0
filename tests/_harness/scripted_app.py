"""A small app that stands in for the bot: it answers the simulated Slack by a script, to show what the page can draw.

It checks nothing and keeps what it was sent, for tests to look at.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

Json = dict[str, Any]
SERVICES = ("checkout", "catalogue", "cart", "payments-api", "payments-worker", "search", "shipping", "storefront")
HOSTILE = '<script>alert(1)</script> <img src=x onerror="document.title=1"> &amp; *not bold*'


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str = "", description: str = "") -> Json:
    made: Json = {"text": plain(text), "value": value or text}
    return made | ({"description": plain(description)} if description else {})


def button(text: str, action: str, **details: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action, **details}


def field(name: str, label: str, element: Json, **details: Any) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {"action_id": name, **element},
        **details,
    }


class ScriptedApp:
    """Listens on `url`; `received` is all that Slack sent: (kind, payload)."""

    def __init__(self) -> None:
        self.api = ""
        self.token = ""
        self.url = ""
        self.received: list[tuple[str, Json]] = []
        self.presses = 0
        self.slow = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/slack/events", self._receive)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        self.slow.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def actions(self, action_id: str) -> list[Json]:
        """Return the presses of an element, in order."""
        sent = [p for kind, p in self.received if kind == "block_actions"]
        return [p for p in sent if p["actions"][0]["action_id"] == action_id]

    async def call(self, method: str, **body: Any) -> Json:
        """Call the Web API; a refusal raises."""
        assert self._session
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._session.post(f"{self.api}/api/{method}", json=body, headers=headers) as response:
            answer: Json = await response.json()
        if not answer.get("ok"):
            raise AssertionError(f"{method}: {answer}")
        return answer

    async def respond(self, url: str, **body: Any) -> None:
        assert self._session
        async with self._session.post(url, json=body) as response:
            await response.read()

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.text()
        if request.content_type == "application/json":
            body = json.loads(raw)
            if body.get("type") == "url_verification":
                return web.json_response({"challenge": body["challenge"]})
            self.received.append((body["event"]["type"], body["event"]))
            self._later(self._event(body["event"]))
            return web.Response()
        form = {key: values[0] for key, values in parse_qs(raw, keep_blank_values=True).items()}
        if "payload" in form:
            payload = json.loads(form["payload"])
            self.received.append((payload["type"], payload))
            return await self._interact(payload)
        self.received.append(("command", form))
        return await self._command(form)

    # -- the script

    async def _command(self, form: Json) -> web.Response:
        word = form["text"].split(" ")[0] if form["text"] else ""
        if word == "slow":
            await self.slow.wait()
        elif word == "form":
            self._later(self.call("views.open", trigger_id=form["trigger_id"], view=every_input()))
        elif word == "gallery":
            self._later(self.call("chat.postMessage", channel=form["channel_id"], text="Gallery", blocks=gallery()))
        elif word == "charts":
            self._later(self.call("chat.postMessage", channel=form["channel_id"], text="Charts", blocks=charts()))
        elif word == "help":
            return web.json_response({"response_type": "ephemeral", "text": "Help", "blocks": help_blocks()})
        else:
            answer = {"response_type": "ephemeral", "text": f"You said: {form['text'] or 'nothing'} {HOSTILE}"}
            self._later(self.respond(form["response_url"], **answer))
        return web.Response()

    async def _event(self, event: Json) -> None:
        if event["type"] == "app_home_opened" and event.get("tab") == "home":
            await self.call("views.publish", user_id=event["user"], view=home())
        direct = event["type"] == "message" and event.get("channel_type") == "im"
        if direct and not event.get("bot_id") and not event.get("subtype"):
            thread = event.get("thread_ts") or event["ts"]
            await self.call(
                "chat.postMessage", channel=event["channel"], text="A reply in the *thread*", thread_ts=thread
            )

    async def _interact(self, payload: Json) -> web.Response:
        match payload["type"]:
            case "block_suggestion":
                wanted = payload["value"].lower()
                found = [option(s, description=f"owned by team {s[:1]}") for s in SERVICES if wanted in s]
                return web.json_response({"options": found})
            case "view_submission":
                return await self._submitted(payload)
            case "message_action":
                text = payload["message"]["text"]
                view = {
                    "type": "modal",
                    "title": plain("From a message"),
                    "blocks": [{"type": "section", "text": plain(text)}],
                }
                self._later(self.call("views.open", trigger_id=payload["trigger_id"], view=view))
            case "block_actions":
                self._later(self._pressed(payload))
        return web.Response()

    async def _pressed(self, payload: Json) -> None:
        action = payload["actions"][0]["action_id"]
        if action == "count":
            self.presses += 1
            blocks = counter(self.presses)
            await self.respond(payload["response_url"], replace_original=True, text="Counter", blocks=blocks)
        elif action == "push":
            view = {
                "type": "modal",
                "title": plain("On top"),
                "close": plain("Back"),
                "blocks": [{"type": "section", "text": mrkdwn("The *second* modal.")}],
            }
            await self.call("views.push", trigger_id=payload["trigger_id"], view=view)
        elif action == "rebuild":
            await self.call("views.update", view_id=payload["view"]["id"], view=every_input(note="Rebuilt by the app"))

    async def _submitted(self, payload: Json) -> web.Response:
        values = payload["view"]["state"]["values"]
        name = values["name"]["name"]["value"] if "name" in values else ""
        if name == "taken":
            return web.json_response({"response_action": "errors", "errors": {"name": "That name is taken."}})
        if name == "slow":
            await self.slow.wait()
        if name == "next":
            view = {
                "type": "modal",
                "title": plain("Checking"),
                "blocks": [{"type": "section", "text": plain("One moment…")}],
            }
            return web.json_response({"response_action": "update", "view": view})
        text = f"Created {name}"
        self._later(self.call("chat.postMessage", channel=payload["user"]["id"], text=text))
        return web.Response()


def help_blocks() -> list[Json]:
    commands = (
        ("help", "what you may use"),
        ("whoami", "your roles and teams"),
        ("service [name]", "search the catalogue"),
    )
    rows = [[{"type": "raw_text", "text": text} for text in row] for row in (("Command", "What it does"), *commands)]
    return [
        {"type": "header", "text": plain("What you can do here")},
        {"type": "section", "text": mrkdwn("You are a *developer* of `payments`. Ask for `--help` on any command.")},
        {"type": "table", "rows": rows},
        {
            "type": "context",
            "elements": [mrkdwn("Asked <!date^1795431600^{date_short_pretty} at {time}|today> · 3 commands")],
        },
        {"type": "actions", "elements": [button("Keep in DM", "keep"), button("Share", "share")]},
    ]


def counter(count: int) -> list[Json]:
    confirm = {
        "title": plain("Roll back?"),
        "text": plain("checkout goes back to v1.41.0 in production."),
        "confirm": plain("Roll back"),
        "deny": plain("Keep"),
        "style": "danger",
    }
    return [
        {"type": "section", "block_id": "counted", "text": mrkdwn(f"Pressed *{count}* times")},
        {
            "type": "actions",
            "block_id": "buttons",
            "elements": [
                button("Count", "count", style="primary"),
                button("Roll back", "danger", style="danger", confirm=confirm),
                button("Open in GitLab", "link", url="https://gitlab.example/acme/checkout"),
                {"type": "overflow", "action_id": "more", "options": [option("Retry"), option("Cancel")]},
                {
                    "type": "static_select",
                    "action_id": "pick",
                    "placeholder": plain("Environment"),
                    "options": [option("dev"), option("staging"), option("production")],
                },
            ],
        },
    ]


def gallery() -> list[Json]:
    columns = ("Service", "Environment", "Release", "Errors")
    rows = (
        ("checkout", "production", "v1.42.0", "0.02 %"),
        ("cart", "staging", "v0.9.1", "1.4 %"),
        (HOSTILE, "dev", "-", "0 %"),
    )
    return [
        {"type": "header", "text": plain("checkout :rocket:")},
        {
            "type": "section",
            "text": mrkdwn(
                "*Healthy* in `production` since <!date^1795431600^{date_short_pretty}|today>.\n> quoted _by_ <@U0BOB>\n<https://gitlab.example/acme/checkout|Repository>"
            ),
            "fields": [
                mrkdwn("*Owner*\nacme/payments"),
                mrkdwn("*Lifecycle*\nproduction"),
                mrkdwn("*Release*\nv1.42.0"),
                mrkdwn("*Open merge requests*\n3"),
            ],
            "accessory": {"type": "image", "image_url": "https://pictures.example/logo.png", "alt_text": "Logo"},
        },
        {"type": "divider"},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]},
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "one", "style": {"bold": True}}],
                        },
                        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ALICE"}]},
                    ],
                },
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "$ idp deploy checkout to staging\nok"}],
                },
            ],
        },
        {
            "type": "table",
            "column_settings": [{"is_wrapped": True}, {}, {}, {"align": "right"}],
            "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in (columns, *rows)],
        },
        *counter(0),
    ]


def charts() -> list[Json]:
    days = [f"Nov {day}" for day in range(10, 22)]

    def series(name: str, start: int) -> Json:
        return {
            "name": name,
            "data": [{"label": day, "value": start + (i * 37 + start) % 23} for i, day in enumerate(days)],
        }

    axis = {"categories": days, "x_label": "Day", "y_label": "Requests/s"}
    return [
        {
            "type": "data_visualization",
            "title": "Requests per second",
            "chart": {"type": "area", "series": [series("checkout", 30), series("cart", 12)], "axis_config": axis},
        },
        {
            "type": "data_visualization",
            "title": "Deployments by team",
            "chart": {"type": "bar", "series": [series("payments", 5), series("storefront", 9)], "axis_config": axis},
        },
    ]


def every_input(note: str = "") -> Json:
    return {
        "type": "modal",
        "callback_id": "every",
        "notify_on_close": True,
        "title": plain("New service"),
        "submit": plain("Create"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "section",
                "block_id": "intro",
                "text": mrkdwn(note or "Everything that a form can ask."),
                "accessory": button("Look up", "push"),
            },
            field(
                "name",
                "Name",
                {"type": "plain_text_input", "min_length": 2, "max_length": 40, "placeholder": plain("payments-api")},
                hint=plain("Lower case, at most 40 characters."),
            ),
            field("notes", "Description", {"type": "plain_text_input", "multiline": True}, optional=True),
            field(
                "replicas",
                "Replicas",
                {
                    "type": "number_input",
                    "is_decimal_allowed": False,
                    "min_value": "1",
                    "max_value": "9",
                    "initial_value": "2",
                },
            ),
            field(
                "environment",
                "Environment",
                {
                    "type": "static_select",
                    "placeholder": plain("Choose one"),
                    "options": [
                        option("dev"),
                        option("staging"),
                        option("production", description="asks for approval"),
                    ],
                },
            ),
            field(
                "depends",
                "Depends on",
                {"type": "multi_external_select", "min_query_length": 1, "placeholder": plain("Type to search")},
                optional=True,
            ),
            field("owner", "Owner", {"type": "users_select", "initial_user": "U0ALICE"}),
            field("channel", "Announce in", {"type": "conversations_select"}, optional=True),
            field(
                "flags",
                "Options",
                {
                    "type": "checkboxes",
                    "options": [option("Public", "public", "Anyone in the company"), option("Critical", "critical")],
                },
                optional=True,
            ),
            field(
                "size",
                "Size",
                {
                    "type": "radio_buttons",
                    "options": [option("Small"), option("Large")],
                    "initial_option": option("Small"),
                },
            ),
            field("due", "Due", {"type": "datepicker"}, optional=True),
            field("at", "At", {"type": "timepicker"}, optional=True),
            {"type": "actions", "block_id": "rebuild", "elements": [button("Check", "rebuild")]},
        ],
    }


def home() -> Json:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("My services")},
            {
                "type": "section",
                "text": mrkdwn("*checkout* · production `v1.42.0` :white_check_mark:"),
                "accessory": button("Open", "open", value="checkout"),
            },
            {
                "type": "section",
                "text": mrkdwn("*payments-worker* · pipeline failed :x:"),
                "accessory": button("Retry", "retry", style="danger"),
            },
            {"type": "divider"},
            {"type": "header", "text": plain("Waiting for you")},
            {"type": "context", "elements": [mrkdwn("Nothing. :tada:")]},
            {
                "type": "actions",
                "elements": [button("New service", "new", style="primary"), button("Give feedback", "feedback")],
            },
        ],
    }
