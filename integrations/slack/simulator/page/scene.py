"""What each part of a window shows right now, as HTML: sidebar, conversation, thread, app home, modals.

Every method draws from the world as it is; none changes it. Which part has to be drawn when is decided in `live.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.slack.simulator.page.blocks import blocks_html, environment
from integrations.slack.simulator.page.choices import Scope
from integrations.slack.simulator.page.conversation import Author, author_of, entries, in_log, reader_for, title_of
from integrations.slack.simulator.page.devices import Place, Window, Windows
from integrations.slack.simulator.state import Channel, Kind, Message, User, View
from integrations.slack.simulator.world import World


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the sidebar."""

    id: str
    name: str
    icon: str
    unread: int
    here: bool
    tab: str = "messages"
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Modal:
    id: str
    key: str
    body: Any
    content: str
    problem: str
    bottom: bool


class Scene:
    """Draws for windows."""

    def __init__(self, world: World, windows: Windows) -> None:
        self.world = world
        self.windows = windows

    def page(self, window: Window) -> str:
        """Return the whole document."""
        return (
            environment()
            .get_template("page.html.j2")
            .render(
                sidebar=self.sidebar(window),
                main=self.main(window),
                thread=self.thread(window),
                modals=self.modals(window),
                title=self.title(window),
                people=[self._card(user) for user in self._people()],
                me=self._card(self.world.users[window.user]),
                **self._common(window),
            )
        )

    def sorry(self, user: User, reason: str) -> str:
        """Return the document for somebody who cannot use the workspace."""
        return (
            environment()
            .get_template("sorry.html.j2")
            .render(
                workspace=self.world.workspace,
                me=self._card(user),
                people=[self._card(one) for one in self._people()],
                reason=reason,
            )
        )

    def title(self, window: Window) -> str:
        rows = [row for section in self._sections(window).values() for row in section]
        unread = sum(row.unread for row in rows)
        channel = self.world.channels[window.place.channel]
        name = title_of(self.world, channel, window.user)
        return f"{f'({unread}) ' if unread else ''}{name} · {self.world.workspace.name}"

    def sidebar(self, window: Window) -> str:
        return self._part("sidebar", window, sections=self._sections(window))

    def main(self, window: Window) -> str:
        """Return the middle pane: a conversation with its message box, or the app's home."""
        channel = self.world.channels[window.place.channel]
        person = self.world.users[window.user]
        return self._part(
            "main",
            window,
            channel=channel,
            heading=title_of(self.world, channel, window.user),
            icon=icon_of(channel),
            is_app=self.is_app(channel, window.user),
            member=window.user in channel.members,
            posts=not person.deleted and not channel.is_archived,
            home=self.home(window),
            log=self.log(window),
        )

    def home(self, window: Window) -> str:
        view = self.world.state.homes.get(window.user)
        body = (
            blocks_html(
                view.body.get("blocks") or (), Scope("home", f"home:{view.id}", self._reader(window), view.values)
            )
            if view
            else ""
        )
        return self._part("home", window, view=view, body=body)

    def log(self, window: Window) -> str:
        everything = self._visible(window)
        top = [m for m in everything if in_log(m)]
        shown = top[-window.place.limit :]
        before = top[-len(shown) - 1] if len(top) > len(shown) else None
        channel = self.world.channels[window.place.channel]
        return self._part(
            "log",
            window,
            channel=channel,
            heading=title_of(self.world, channel, window.user),
            earlier=len(top) - len(shown),
            entries=entries(self.world, shown, everything, self._reader(window), before),
        )

    def entry(self, window: Window, ts: str) -> tuple[str, str]:
        """Return a message of the conversation and the one after it (whose look depends on this one), if shown."""
        everything = self._visible(window)
        top = [m for m in everything if in_log(m)][-window.place.limit - 1 :]
        found = [self._draw(window, top, i, everything) for i in _at(top, ts) if i or len(top) <= window.place.limit]
        after = [self._draw(window, top, i + 1, everything) for i in _at(top, ts) if i + 1 < len(top)]
        return (found[0] if found else "", after[0] if after else "")

    def thread(self, window: Window) -> str:
        ts = window.place.thread
        messages = self._thread(window) if ts else []
        return self._part(
            "thread",
            window,
            open=bool(messages),
            channel=self.world.channels[window.place.channel],
            heading=title_of(self.world, self.world.channels[window.place.channel], window.user),
            entries=entries(self.world, messages, messages, self._reader(window)) if messages else [],
        )

    def thread_entry(self, window: Window, ts: str) -> str:
        messages = self._thread(window)
        return next((self._draw(window, messages, i, messages, thread=True) for i in _at(messages, ts)), "")

    def modals(self, window: Window) -> str:
        stack = self.world.state.views.get(window.user, []) if self._holds_modals(window) else []
        return self._part("modals", window, stack=[self._modal(view, window, i == 0) for i, view in enumerate(stack)])

    def place(self, user: str, channel: str, tab: str = "", thread: str = "") -> Place:
        """Return the place that an address means; what the person cannot see becomes the first conversation."""
        mine = {c.id: c for c in self.world.channels_of(user) if not c.is_archived}
        asked = self.world.channel(channel) if channel else None
        found = mine.get(asked.id) if asked else None
        if found is None:
            joined = [c for c in mine.values() if user in c.members and c.kind is not Kind.IM]
            found = next((c for c in joined if c.is_general or c.name == "general"), None) or next(
                iter([*joined, *mine.values()]), self.world.open_direct(user)
            )
            tab, thread = "", ""
        home = tab == "home" and self.is_app(found, user)
        return Place(found.id, "home" if home else "messages", thread if thread in found.messages else "")

    def is_app(self, channel: Channel, user: str) -> bool:
        return channel.kind is Kind.IM and set(channel.members) == {user, self.world.app.bot_user}

    def address(self, window: Window) -> str:
        """Return the path and query that lead here again."""
        name = self.world.users[window.user].name
        tab = "&tab=home" if window.place.tab == "home" else ""
        thread = f"&thread={window.place.thread}" if window.place.thread else ""
        return f"/?as={name}&c={window.place.channel}{tab}{thread}"

    def _draw(
        self, window: Window, row: Sequence[Message], index: int, everything: Sequence[Message], *, thread: bool = False
    ) -> str:
        before = row[index - 1] if index else None
        (entry,) = entries(self.world, [row[index]], everything, self._reader(window), before)
        return self._part("entry", window, entry=entry, in_thread=thread)

    def _thread(self, window: Window) -> list[Message]:
        ts = window.place.thread
        return [m for m in self._visible(window) if ts in (m.ts, m.thread_ts)]

    def _visible(self, window: Window) -> list[Message]:
        return self.world.visible(window.place.channel, window.user, window.id)

    def _modal(self, view: View, window: Window, bottom: bool) -> Modal:  # noqa: FBT001 - a fact of the row, not a switch
        scope = Scope("modal", f"view:{view.id}", self._reader(window), view.values, view.errors)
        return Modal(
            view.id, scope.id(), view.body, blocks_html(view.body.get("blocks") or (), scope), view.problem, bottom
        )

    def _holds_modals(self, window: Window) -> bool:
        """A person's modals are in the window used last; other windows of the same person do not show them."""
        active = self.world.active_device(window.user)
        return active == window.id or active not in self.windows.windows

    def _sections(self, window: Window) -> dict[str, list[Row]]:
        sections: dict[str, list[Row]] = {"Channels": [], "Direct messages": [], "Apps": [], "Browse channels": []}
        for channel in sorted(
            self.world.channels_of(window.user), key=lambda c: title_of(self.world, c, window.user).casefold()
        ):
            if channel.is_archived:
                continue
            sections[self._section(channel, window.user)].append(self._row(channel, window))
        return sections

    def _section(self, channel: Channel, user: str) -> str:
        if self.is_app(channel, user):
            return "Apps"
        if channel.kind in (Kind.IM, Kind.MPIM):
            return "Direct messages"
        return "Channels" if user in channel.members else "Browse channels"

    def _row(self, channel: Channel, window: Window) -> Row:
        others = [m for m in channel.members if m != window.user] or [window.user]
        return Row(
            channel.id,
            title_of(self.world, channel, window.user),
            icon_of(channel),
            self.windows.unread(window.user, channel.id) if window.user in channel.members else 0,
            channel.id == window.place.channel,
            author=author_of(self.world, others[0]) if channel.kind is Kind.IM else None,
        )

    def _people(self) -> list[User]:
        return [u for u in self.world.users.values() if not u.is_bot]

    def _card(self, user: User) -> dict[str, Any]:
        return {"user": user, "author": author_of(self.world, user.id)}

    def _reader(self, window: Window) -> Any:
        return reader_for(self.world, window.user)

    def _part(self, name: str, window: Window, **details: Any) -> str:
        macro: Any = getattr(environment().get_template("parts.html.j2").module, name)
        return str(macro({**self._common(window), **details}))

    def _common(self, window: Window) -> dict[str, Any]:
        return {
            "window": window,
            "place": window.place,
            "as": self.world.users[window.user].name,
            "app": self.world.app,
            "workspace": self.world.workspace,
        }


def icon_of(channel: Channel) -> str:
    """Return which sign goes before the name: public, private, shared with others, group, or person."""
    if channel.is_ext_shared or channel.is_pending_ext_shared:
        return "shared"
    return {Kind.PUBLIC: "public", Kind.PRIVATE: "private", Kind.MPIM: "group", Kind.IM: "person"}[channel.kind]


def _at(row: Sequence[Message], ts: str) -> list[int]:
    return [i for i, message in enumerate(row) if message.ts == ts]
