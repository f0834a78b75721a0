"""From a reply to what Slack posts: the bridge between the pure renderers and the buttons' offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.frontends.slack import buttons
from bot.frontends.slack.buttons import ButtonBook
from bot.frontends.slack.elements import SECTION, Json, button, context, row, section
from bot.render.blocks import Rendered, Surface, render
from bot.render.failure import show_failure
from bot.render.foreign import clip
from bot.render.mrkdwn import inert
from bot.replies import Answer, Consent, Failed
from commands._kit.discover import CommandSet
from commands._kit.doc import Attachment, Button, Doc, Note
from commands._kit.errors import Failure
from commands._kit.parse import parse
from integrations.store import Offer

FOOTER_BLOCKS = 2
SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A message ready to be sent once its `offers` are stored; `files` go with it where it lasts. A `private` one is
    never stored, because its existence alone would tell on somebody.
    """

    body: Json
    offers: tuple[Offer, ...] = ()
    files: tuple[Attachment, ...] = ()
    private: bool = False


class Presenter:
    def __init__(self, commands: CommandSet, allowed_hosts: frozenset[str], clock: Callable[[], datetime]) -> None:
        self._commands = commands
        self._hosts = allowed_hosts
        self._clock = clock

    def book(self, person: str) -> ButtonBook:
        """Return a fresh book for one message's buttons."""
        return ButtonBook(self._commands, person, self._clock)

    def doc(self, doc: Doc, book: ButtonBook, surface: Surface = Surface.MESSAGE, reserve: int = 0) -> Rendered:
        """Render a document for a surface, leaving `reserve` blocks free."""
        return render(doc, button=book, allowed_hosts=self._hosts, surface=surface, reserve=reserve)

    def show(self, reply: Answer | Consent | Failed, person: str, *, kept: bool = False) -> Shown:
        """Return a reply as a message, `kept` where it goes into the direct messages; a form that is needed is none."""
        match reply:
            case Answer():
                return self.answer(reply, person, kept=kept)
            case Consent():
                return self.consent(reply, person)
            case Failed():
                return self.failed(reply, person)

    def answer(self, answer: Answer, person: str, *, kept: bool = False) -> Shown:
        """Return an answer, with *Keep in DM* and *Share* under it where it may be shared at all, and is not `kept`
        in the direct messages already. What has files always is: there alone they can be with it.
        """
        book = self.book(person)
        rendered = self.doc(answer.doc, book, reserve=FOOTER_BLOCKS)
        files = files_of(rendered)
        footer = [] if kept or files else self.footer(answer, rendered, book)
        body = {"text": rendered.text, "blocks": [*rendered.blocks, *footer]}
        return Shown(body, tuple(book.offers), files, self._private(answer.command))

    def footer(self, answer: Answer, rendered: Rendered, book: ButtonBook) -> list[Json]:
        """Return the row with *Keep in DM* and *Share*, whose offer holds the answer as it was shown."""
        if not answer.shareable:
            return []
        kept = {"text": rendered.text, "blocks": rendered.blocks, "command": answer.command}
        offer = book.offer("answer", kept)
        return [row(button("Keep in DM", buttons.KEEP, offer), button("Share", buttons.SHARE, offer))]

    def _private(self, name: str) -> bool:
        command = self._commands.find(name)
        return command is not None and command.confidential

    def consent(self, consent: Consent, person: str) -> Shown:
        """Return a plan with *Confirm* and *Cancel*."""
        book = self.book(person)
        rendered = self.doc(plan_doc(consent), book, reserve=FOOTER_BLOCKS)
        blocks = [*rendered.blocks, buttons.consent_row(consent)]
        body = {"text": rendered.text, "blocks": blocks}
        return Shown(body, tuple(book.offers), files_of(rendered), self._private(consent.command.name))

    def failed(self, failed: Failed, person: str) -> Shown:
        """Return what went wrong and what to do next."""
        book = self.book(person)
        rendered = self.doc(show_failure(failed.failure, self._meant(failed.failure)), book)
        body = {"text": rendered.text, "blocks": rendered.blocks}
        return Shown(body, tuple(book.offers), private=self._private(failed.command))

    def _meant(self, failure: Failure) -> tuple[Button, ...]:
        """Return a button for each suggestion, where all of them are complete commands."""
        lines = [parse(line, self._commands) for line in failure.suggestions[:SUGGESTED]]
        complete = [(p.text, p.command, p.values) for p in lines if p.command and p.request is not None]
        if len(complete) < len(lines):
            return ()
        return tuple(Button(text, command.name, values) for text, command, values in complete)

    def notice(self, doc: Doc, person: str) -> Shown:
        """Return a document as a message of its own."""
        book = self.book(person)
        rendered = self.doc(doc, book)
        return Shown({"text": rendered.text, "blocks": rendered.blocks}, tuple(book.offers), files_of(rendered))


def without_offers(shown: Shown) -> Shown:
    """Return the message without what needs its offers, for when nothing can be stored."""
    blocks = without_buttons(shown.body["blocks"], shown.offers)
    return Shown({**shown.body, "blocks": blocks}, (), shown.files, shown.private)


def without_buttons(blocks: Sequence[Json], offers: Sequence[Offer]) -> list[Json]:
    """Return blocks without the buttons that need one of these offers, and a note that some are missing."""
    ids = {offer.id for offer in offers}
    left: list[Json] = []
    for block in blocks:
        if block["type"] != "actions":
            left.append(block)
        elif elements := [e for e in block["elements"] if e.get("value") not in ids]:
            left.append({**block, "elements": elements})
    return [*left, context("Some buttons are missing, because nothing can be stored now.")]


def plan_doc(consent: Consent) -> Doc:
    """Return a plan's document; one that changed since it was consented to says so first."""
    doc = consent.doc
    if not consent.changed:
        return doc
    note = Note("Something changed since you saw the plan, so nothing was done. This is the plan now.")
    return Doc(doc.title, (note, *doc.blocks), doc.summary, doc.tone, doc.files)


def plain(text: str) -> Json:
    """Return a message of one plain sentence of ours, which may quote somebody: nothing in it is alive."""
    return {"text": inert(clip(text, SECTION)), "blocks": [section(text)]}


def files_of(rendered: Rendered) -> tuple[Attachment, ...]:
    """Return a document's files, and the whole answer as a file where some of it was left out."""
    return (*rendered.files, rendered.overflow) if rendered.overflow else rendered.files
