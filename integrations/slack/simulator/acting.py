"""What a person does in the workspace: the one road for both the control API and the page.

Each method checks what Slack's own client would not let a person do (`Refused`), builds the payload that Slack would
send, waits for the app's acknowledgement, and applies what it says. Nothing here decides what the app answers. A
deactivated person is not refused: what they did may still be on its way, and the app must cope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.slack.simulator import payloads, text, wire
from integrations.slack.simulator.api.call import ApiError
from integrations.slack.simulator.api.chat import remove
from integrations.slack.simulator.api.response_url import put_answer, tell_person
from integrations.slack.simulator.choosing import Choosing, Surface
from integrations.slack.simulator.delivery import Answer, Delivery, Envelope
from integrations.slack.simulator.elements import EXTERNAL, STATEFUL, Refused
from integrations.slack.simulator.events import Events
from integrations.slack.simulator.fields import element_in
from integrations.slack.simulator.modals import TROUBLE, Modals
from integrations.slack.simulator.state import Channel, Json, Kind, Message, ResponseUrl, User
from integrations.slack.simulator.world import World

__all__ = ["Acting", "Outcome", "Refused", "Target"]

SHORTEST_QUERY = 3  # what Slack takes for a select's min_query_length where the app gives none


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `status` is the acknowledgement's (0: none came), `seconds` how long it took, `body` what it
    said (parsed where it is JSON), `error` Slack's name for what went wrong (`operation_timeout`, `dispatch_failed`),
    `detail` what else there is to know (`ts`, `view_id`, `options`, `errors`).
    """

    status: int = 0
    seconds: float = 0.0
    body: Any = ""
    error: str = ""
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What an element sits in: a message (`channel`, `ts`), an open modal (`view`) or the person's home (`home`)."""

    channel: str = ""
    ts: str = ""
    view: str = ""
    home: bool = False


def outcome(answer: Answer, error: str = "", **detail: Any) -> Outcome:
    return Outcome(answer.status, round(answer.seconds, 6), answer.parsed(), error or answer.error, detail)


def worst(answers: Sequence[Answer], **detail: Any) -> Outcome:
    """Return the outcome of several deliveries: the one that failed, or the slowest; status 0 where none was due."""
    if not answers:
        return Outcome(detail={**detail, "delivered": 0})
    answer = max(answers, key=lambda a: (not a.ok, a.seconds))
    return outcome(answer, **detail, delivered=len(answers))


class Acting:
    """People by their ids or names; channels by id or name, `dm` for the direct messages with the bot, `@name` for
    those with a person; devices by id or, of the person's own, by name.
    """

    def __init__(self, world: World, delivery: Delivery, events: Events, url_of: Callable[[str], str]) -> None:
        self._world = world
        self._delivery = delivery
        self._events = events
        self._url_of = url_of
        self._choosing = Choosing(world, delivery)
        self._modals = Modals(world, delivery, self._choosing, url_of)

    # -- who and where

    def person(self, who: str, device: str = "") -> User:
        """Return the person, now active on that device. Raises Refused."""
        user = self._world.user(who)
        if user is None or user.is_bot:
            raise Refused(f"nobody is called {who!r}")
        if device:
            mine = [d.id for d in self._world.devices_of(user.id) if device in (d.id, d.name)]
            if not mine:
                raise Refused(f"{user.real_name} has no device {device!r}")
            self._world.use_device(user.id, mine[0])
        return user

    def place(self, user: User, which: str) -> Channel:
        """Return the conversation, if the person is in it. Raises Refused."""
        bot = self._world.app
        if which in ("dm", f"@{bot.name}", bot.bot_user):
            return self._world.open_direct(user.id)
        channel = self._world.channel(which)
        if channel is None and (other := self._world.user(which)):
            return self._world.open_direct(user.id, other.id)
        if channel is None:
            raise Refused(f"there is no channel {which!r}")
        if user.id not in channel.members:
            raise Refused(f"{user.real_name} is not in {channel.name or channel.id}")
        return channel

    def _seen(self, user: User, channel: str, ts: str) -> Message:
        """Return a message that the person has on the active device. Raises Refused."""
        place = self.place(user, channel)
        message = self._world.message(place.id, ts)
        hidden = message is not None and message.ephemeral and message.for_user != user.id
        if message is None or hidden:
            raise Refused(f"{user.real_name} sees no message {ts!r} there")
        if message.ephemeral and message.for_device != self._world.active_device(user.id):
            raise Refused(f"{ts} is an ephemeral message on another device of {user.real_name}'s")
        return message

    # -- commands and messages

    async def command(self, user: str, channel: str, text_: str, *, device: str = "", thread_ts: str = "") -> Outcome:
        """Give the slash command. In a thread Slack's client refuses."""
        person = self.person(user, device)
        place = self.place(person, channel)
        if thread_ts:
            raise Refused("custom slash commands cannot be used in threads")
        where = self._world.new_response_url(
            person.id, place.id, command=True, device=self._world.active_device(person.id)
        )
        sent = text.for_command(text_, self._world, escaped=self._world.app.escape_commands)
        payload = payloads.slash_command(self._world, person, place, sent, self._url_of(where.key))
        answer = await self._delivery.send(Envelope.COMMAND, payload)
        error = answer.error if not answer.ok else self._show_answer(where, answer)
        if error:
            words = f'{self._world.app.command} failed with the error "{error}"'
            tell_person(self._world, person.id, place.id, words, device=where.device)
        return outcome(answer, error, channel=place.id)

    def _show_answer(self, where: ResponseUrl, answer: Answer) -> str:
        """Show what a command was answered in its acknowledgement; return an error where Slack could not."""
        said = answer.parsed() if answer.is_json else answer.body
        if not said:
            return ""
        try:
            put_answer(self._world, where, said if isinstance(said, dict) else {"text": str(said)})
        except ApiError as refused:
            return refused.code
        return ""

    async def message(
        self, user: str, channel: str, text_: str, *, thread_ts: str = "", device: str = "", files: Any = ()
    ) -> Outcome:
        """Write a message; the app gets the events that it subscribed to. `detail["ts"]` is the message."""
        person = self.person(user, device)
        place = self.place(person, channel)
        if files:
            raise Refused("people's files are not simulated")
        if not text_.strip():
            raise Refused("an empty message cannot be sent")
        if place.is_archived:
            raise Refused(f"{place.name} is archived")
        if thread_ts and thread_ts not in place.messages:
            raise Refused(f"there is no message {thread_ts!r} to reply to")
        parent = place.messages[thread_ts] if thread_ts else None
        stored = text.from_person(text_, self._world)
        message = Message(self._world.new_ts(), place.id, person.id, text=stored)
        message.thread_ts = (parent.thread_ts or parent.ts) if parent else ""
        message.client_msg_id = self._world.new_id("M")
        message.blocks = [text.rich_text(stored, self._world.new_id("b"))]
        self._world.put_message(message)
        return worst(await self._events.posted(message), ts=message.ts, channel=place.id)

    def _own(self, user: str, channel: str, ts: str) -> tuple[User, Channel, Message]:
        person = self.person(user)
        place = self.place(person, channel)
        message = place.messages.get(ts)
        if message is None or message.user != person.id:
            raise Refused(f"{person.real_name} has written no message {ts!r} there")
        return person, place, message

    async def edit_message(self, user: str, channel: str, ts: str, text_: str) -> Outcome:
        """Edit one's own message."""
        person, place, message = self._own(user, channel, ts)
        before = wire.message_json(self._world, message)
        message.text = text.from_person(text_, self._world)
        message.blocks = [text.rich_text(message.text, self._world.new_id("b"))]
        message.edited_by, message.edited_ts = person.id, self._world.new_ts()
        self._world.put_message(message)
        return worst(await self._events.changed(message, before), ts=ts, channel=place.id)

    async def delete_message(self, user: str, channel: str, ts: str) -> Outcome:
        """Delete one's own message."""
        _, place, message = self._own(user, channel, ts)
        before = wire.message_json(self._world, message)
        remove(self._world, message)
        return worst(await self._events.deleted(place, before), ts=ts, channel=place.id)

    # -- elements

    def _surface(self, person: User, target: Target) -> Surface:
        """Return the view or message that an element sits in. Raises Refused."""
        home = self._world.state.homes.get(person.id)
        if target.home or (home is not None and home.id == target.view):
            if home is None:
                raise Refused(f"the app has not published a home for {person.real_name}")
            return Surface(view=home)
        if target.view:
            return Surface(view=self._modals.on_top(person, target.view))
        return Surface(message=self._seen(person, target.channel, target.ts))

    async def action(
        self,
        user: str,
        target: Target,
        action_id: str,
        *,
        block_id: str = "",
        value: str | None = None,
        selected: Any = None,
        device: str = "",
    ) -> Outcome:
        """Press a button or choose in an element. `selected` is the choice: an option's value or label, a list of
        them, a date, a user's or channel's id or name. `value` picks among buttons that share an action_id.
        """
        person = self.person(user, device)
        surface = self._surface(person, target)
        element = element_in(surface.blocks, action_id, block_id=block_id, value=value)
        block = next(b for b in surface.blocks if b["block_id"] == element["block_id"])
        state = await self._choosing.chosen(person, surface, element, value if selected is None else selected)
        if element["type"] in STATEFUL:
            surface.put(block["block_id"], action_id, state or {})
            if block["type"] == "input" and not block.get("dispatch_action"):
                return Outcome(detail={"delivered": 0})
        did = payloads.action(element, block["block_id"], state, self._world.new_ts())
        payload = payloads.block_actions(
            self._world,
            person,
            did,
            view=surface.view,
            message=surface.message,
            response_url=self._response_url(person, surface.message) if surface.message else "",
            url=self._events.url,
        )
        answer = await self._delivery.send(Envelope.INTERACTIVE, payload)
        if not answer.ok:
            self._complain(person, surface, answer)
        return outcome(answer)

    def _response_url(self, person: User, message: Message) -> str:
        where = self._world.new_response_url(
            person.id,
            message.channel,
            message_ts=message.ts,
            thread_ts=message.thread_ts,
            device=self._world.active_device(person.id),
        )
        return self._url_of(where.key)

    def _complain(self, person: User, surface: Surface, answer: Answer) -> None:
        """Show that the app did not answer, where the person looks."""
        if surface.view is not None:
            surface.view.problem = TROUBLE
            self._world.view_changed(surface.view)
        elif surface.message is not None:
            words = f'This app responded with an error: "{answer.error}"'
            tell_person(self._world, person.id, surface.message.channel, words)

    # -- modals and options

    def type_into(self, user: str, view: str, values: Mapping[str, Any]) -> None:
        """Fill in fields of an open modal without submitting it; kept as typed input. Raises Refused."""
        found = self._modals.on_top(self.person(user), view)
        for name, wanted in values.items():
            self._modals.fill(found, name, wanted)

    async def submit(self, user: str, view: str, values: Mapping[str, Any]) -> Outcome:
        """Fill in fields by name and submit. `detail["errors"]` are what the app answered."""
        person = self.person(user)
        found = self._modals.on_top(person, view)
        await self._modals.fill_asking(person, found, values)
        answer, detail = await self._modals.submit(person, found)
        return outcome(answer, str(detail.get("problem", "")), **detail)

    async def close(self, user: str, view: str, *, whole_stack: bool = False) -> Outcome:
        """Close a modal with its close button (back to the one below), or with `whole_stack` the stack with its X."""
        person = self.person(user)
        answer = await self._modals.close(person, self._modals.on_top(person, view), whole_stack=whole_stack)
        return Outcome(detail={"delivered": 0}) if answer is None else outcome(answer)

    async def suggest(self, user: str, target: Target, action_id: str, value: str, *, block_id: str = "") -> Outcome:
        """Type into a select whose options come from the app. `detail["options"]` are what it answered; nothing is
        asked for fewer characters than the select's `min_query_length`.
        """
        person = self.person(user)
        surface = self._surface(person, target)
        element = element_in(surface.blocks, action_id, block_id=block_id)
        if element["type"] not in EXTERNAL:
            raise Refused(f"the options of {action_id!r} do not come from the app")
        if len(value) < element.get("min_query_length", SHORTEST_QUERY):
            return Outcome(detail={"options": [], "delivered": 0})
        answer, options, error = await self._choosing.ask(person, surface, element, value)
        return outcome(answer, error, options=options)

    # -- home, shortcuts, membership

    async def open_home(self, user: str, *, tab: str = "home", device: str = "") -> Outcome:
        """Open the app's home tab."""
        person = self.person(user, device)
        home = self._world.state.homes.get(person.id)
        direct = self._world.open_direct(person.id)
        return worst(await self._events.home_opened(person, direct, tab, home), channel=direct.id)

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Use a message shortcut, or without a message a global one."""
        person = self.person(user)
        declared = [s.callback_id for s in self._world.app.shortcuts]
        if declared and callback_id not in declared:
            raise Refused(f"the app has no shortcut {callback_id!r}; it has {', '.join(declared)}")
        if not ts:
            payload = payloads.global_shortcut(self._world, person, callback_id)
            return outcome(await self._delivery.send(Envelope.INTERACTIVE, payload))
        message = self._seen(person, channel, ts)
        if message.ephemeral:
            raise Refused("ephemeral messages have no shortcuts")
        where = self._world.new_response_url(
            person.id, message.channel, command=True, device=self._world.active_device(person.id)
        )
        url = self._url_of(where.key)
        payload = payloads.message_action(self._world, person, message, callback_id, url, url=self._events.url)
        answer = await self._delivery.send(Envelope.INTERACTIVE, payload)
        if not answer.ok:
            self._complain(person, Surface(message=message), answer)
        return outcome(answer)

    async def join(self, user: str, channel: str) -> Outcome:
        """Join a public channel."""
        person = self.person(user)
        place = self._world.channel(channel)
        if place is None or place.kind is not Kind.PUBLIC or person.is_guest:
            raise Refused(f"{person.real_name} cannot join {channel!r}")
        return await self._enter(person, place, "")

    async def invite(self, user: str, channel: str, who: str) -> Outcome:
        """Invite somebody, or the bot, into a channel of one's own."""
        person = self.person(user)
        place = self.place(person, channel)
        guest = self._world.user(who)
        if guest is None or place.kind in (Kind.IM, Kind.MPIM):
            raise Refused(f"{who!r} cannot be invited into {place.name or place.id}")
        return await self._enter(guest, place, person.id)

    async def _enter(self, person: User, place: Channel, inviter: str) -> Outcome:
        if person.id in place.members:
            raise Refused(f"{person.real_name} is in {place.name} already")
        if place.is_archived:
            raise Refused(f"{place.name} is archived")
        place.members.append(person.id)
        notice = Message(self._world.new_ts(), place.id, person.id, f"<@{person.id}> has joined the channel")
        notice.subtype = "channel_join"
        self._world.put_message(notice)
        joined, said = await asyncio.gather(self._events.joined(person.id, place, inviter), self._events.posted(notice))
        return worst([*joined, *said], channel=place.id)

    async def leave(self, user: str, channel: str) -> Outcome:
        """Leave a channel."""
        person = self.person(user)
        place = self.place(person, channel)
        if place.kind is Kind.IM:
            raise Refused("direct messages cannot be left")
        place.members.remove(person.id)
        notice = Message(self._world.new_ts(), place.id, person.id, f"<@{person.id}> has left the channel")
        notice.subtype = "channel_leave"
        self._world.put_message(notice)
        return worst(await self._events.posted(notice), channel=place.id)
