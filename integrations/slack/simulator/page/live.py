"""One ordered stream of drawing instructions for each window.

Everything that a window shows after its first drawing comes through here, its own clicks included, so that no answer
can overtake another. Instructions are small: `upsert` one message, `morph` one part, `swap` a pane, `gone`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from integrations.slack.simulator.page.conversation import in_log
from integrations.slack.simulator.page.devices import Window, Windows
from integrations.slack.simulator.page.scene import Scene
from integrations.slack.simulator.world import Change, World

Instruction = dict[str, Any]

BEAT = 15.0
MESSAGES = ("message", "message_changed", "message_deleted", "ephemeral")
COMINGS_AND_GOINGS = ("channel_join", "channel_leave", "group_join", "group_leave")
FRAME = ("user", "channel", "group", "app", "file")


class Live:
    """Turns changes of the world into instructions."""

    def __init__(self, world: World, windows: Windows, scene: Scene) -> None:
        self.world = world
        self.windows = windows
        self.scene = scene

    async def follow(self, window: Window) -> AsyncIterator[list[Instruction]]:
        """Yield instructions until the server stops; an empty list is a heartbeat, which shows whether anyone listens.

        The first stream of a window continues from its drawing; a later one (a connection that broke) starts afresh.
        """
        if window.drawn:
            yield self.everything(window)
        window.drawn = True
        while True:
            try:
                batch = [await asyncio.wait_for(window.changes.get(), BEAT)]
            except TimeoutError:
                yield []
                continue
            while not window.changes.empty():
                batch.append(window.changes.get_nowait())
            if any(change.kind == "stop" for change in batch):
                return
            if instructions := self.draw(window, batch):
                yield instructions

    def stop(self) -> None:
        """Let every stream end."""
        for window in self.windows.windows.values():
            if window.changes.full():
                window.changes.get_nowait()
            window.changes.put_nowait(Change("stop"))

    def everything(self, window: Window) -> list[Instruction]:
        """Return a full drawing, for a window that missed something."""
        return [
            {"do": "morph", "id": "main", "html": self.scene.main(window)},
            {"do": "morph", "id": "thread", "html": self.scene.thread(window)},
            {"do": "morph", "id": "modals", "html": self.scene.modals(window)},
            *self._frame(window),
        ]

    def draw(self, window: Window, batch: Sequence[Change]) -> list[Instruction]:
        """Return what the changes mean for this window; each part is drawn once, as it is now."""
        kinds = {change.kind for change in batch}
        if self.world.users[window.user].deleted or any(c.kind == "device" and c.device == window.id for c in batch):
            return [{"do": "reload"}]
        if "resync" in kinds:
            return self.everything(window)
        moved = any(self._moves_people(change) for change in batch)
        if moved and window.place.channel not in {c.id for c in self.world.channels_of(window.user)}:
            window.place = self.scene.place(window.user, "")
            kinds.add("place")
        out = self._arrive(window) if "place" in kinds else self._stay(window, batch, kinds, redraw=moved)
        if any(c.kind == "view" and c.user == window.user for c in batch):
            out.append({"do": "morph", "id": "modals", "html": self.scene.modals(window)})
        elsewhere = (c for c in batch if c.channel != window.place.channel or window.place.tab == "home")
        if moved or kinds & {*FRAME, "place"} or any(c.kind in MESSAGES for c in elsewhere):
            out += self._frame(window)
        return out

    def _stay(self, window: Window, batch: Sequence[Change], kinds: set[str], *, redraw: bool) -> list[Instruction]:
        """Return what changes while the window stays where it is."""
        out = self._messages(window, batch)
        if "older" in kinds:
            out.append({"do": "older", "id": "scroll", "html": self.scene.log(window)})
        if "thread" in kinds:
            out += [
                {"do": "swap", "id": "thread", "html": self.scene.thread(window)},
                {"do": "address", "url": self.scene.address(window)},
            ]
        if redraw or any(c.kind == "channel" and c.channel == window.place.channel for c in batch):
            out.append({"do": "morph", "id": "main", "html": self.scene.main(window)})
        if window.place.tab == "home" and any(c.kind == "home" and c.user == window.user for c in batch):
            out.append({"do": "morph", "id": "home", "html": self.scene.home(window)})
        return out

    def _moves_people(self, change: Change) -> bool:
        """Whether somebody has come or gone, which Slack says in the conversation, and which changes who may write."""
        message = self.world.message(change.channel, change.ts) if change.kind == "message" else None
        return message is not None and message.subtype in COMINGS_AND_GOINGS

    def _arrive(self, window: Window) -> list[Instruction]:
        if window.place.tab != "home":
            self.windows.mark_read(window.user, window.place.channel)
        return [
            {"do": "swap", "id": "main", "html": self.scene.main(window)},
            {"do": "swap", "id": "thread", "html": self.scene.thread(window)},
            {"do": "address", "url": self.scene.address(window)},
        ]

    def _frame(self, window: Window) -> list[Instruction]:
        return [
            {"do": "morph", "id": "sidebar", "html": self.scene.sidebar(window)},
            {"do": "title", "text": self.scene.title(window)},
        ]

    def _messages(self, window: Window, batch: Sequence[Change]) -> list[Instruction]:
        if window.place.tab == "home":
            return []
        touched: dict[str, str] = {}
        for change in batch:
            mine = not change.device or change.device == window.id
            if change.kind in MESSAGES and change.channel == window.place.channel and mine:
                touched[change.ts] = change.thread_ts
        out: list[Instruction] = []
        for ts, thread_ts in touched.items():
            out += self._message(window, ts, thread_ts)
        roots = {thread_ts for ts, thread_ts in touched.items() if thread_ts and thread_ts not in touched}
        for root in roots:
            out += self._in_log(window, root, alone=True)
        if touched:
            self.windows.mark_read(window.user, window.place.channel)
        return out

    def _message(self, window: Window, ts: str, thread_ts: str) -> list[Instruction]:
        message = self.world.message(window.place.channel, ts)
        if message is None:
            return [
                {"do": "gone", "id": f"m-{ts}"},
                {"do": "gone", "id": f"t-{ts}"},
                *self._follower(window, ts),
            ]
        out: list[Instruction] = []
        if in_log(message):
            out += self._in_log(window, ts)
        if window.place.thread and window.place.thread in (ts, thread_ts):
            html = self.scene.thread_entry(window, ts)
            out += [{"do": "upsert", "list": "thread-log", "id": f"t-{ts}", "html": html}] if html else []
        return out

    def _in_log(self, window: Window, ts: str, *, alone: bool = False) -> list[Instruction]:
        html, after = self.scene.entry(window, ts)
        if not html:
            return []
        out: list[Instruction] = [{"do": "upsert", "list": "log", "id": f"m-{ts}", "html": html}]
        if after and not alone:
            out.append({"do": "upsert", "list": "log", "id": "", "html": after})
        return out

    def _follower(self, window: Window, ts: str) -> list[Instruction]:
        """A message that followed a deleted one may have to show its author or the day now."""
        later = (m for m in self.world.visible(window.place.channel, window.user, window.id) if m.ts > ts and in_log(m))
        following = next(later, None)
        return self._in_log(window, following.ts, alone=True) if following else []
