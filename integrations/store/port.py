"""What the platform keeps: one store behind small ports, so that a command is handed only what it needs.

Every method raises `integrations.errors` only: `Unavailable` when the disk is full or the database cannot be written
(with what to do), `Conflict` when somebody else was first. Times are aware UTC datetimes. A write has been committed
when its method returns, whether or not the caller is cancelled meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of `total` items, from `offset` on."""

    items: tuple[T, ...]
    total: int
    offset: int = 0


# -- catalogue


@dataclass(frozen=True, slots=True)
class Service:
    """A service in the catalogue. `name` is pinned to `project_id`; `team` is the full path of the GitLab group that
    owns it; `problems` are what is wrong with its catalog-info.yaml, for its owner.
    """

    name: str
    project_id: int
    path: str
    team: str
    web_url: str
    title: str = ""
    description: str = ""
    lifecycle: str = "unknown"
    kind: str = "service"
    system: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    default_branch: str = "main"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueProblem:
    """A project whose file cannot be used: not parseable, or its name is taken by another project."""

    project_id: int
    path: str
    team: str
    message: str


@dataclass(frozen=True, slots=True)
class ServiceQuery:
    """`text` matches names, titles, descriptions and tags by word prefix; `team` includes its subgroups."""

    text: str = ""
    team: str = ""
    lifecycle: str = ""
    offset: int = 0
    limit: int = 20


class Catalogue(Protocol):
    async def service(self, name: str) -> Service | None:
        """Return the service of exactly this name."""

    async def search(self, query: ServiceQuery) -> Page[Service]:
        """Return matching services, best match first, then by name."""

    async def similar(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return names that a person could have meant by `name`, nearest first."""

    async def teams(self) -> tuple[str, ...]:
        """Return the teams that own at least one service, sorted."""

    async def problems(self, *, teams: frozenset[str] | None = None) -> tuple[CatalogueProblem, ...]:
        """Return what is wrong in the catalogue; with `teams`, only theirs and their subgroups'."""

    async def lifecycles(self) -> tuple[str, ...]:
        """Return the lifecycles in use, sorted."""


class CatalogueIndex(Catalogue, Protocol):
    """The side of the catalogue that its refresh writes."""

    async def put(
        self, services: Sequence[Service], problems: Sequence[CatalogueProblem]
    ) -> tuple[CatalogueProblem, ...]:
        """Write these services and problems; what was known of the same projects is replaced. A name that another
        project holds is not taken over: it is returned, and kept, as a problem of the later project.
        """

    async def forget(self, project_ids: frozenset[int]) -> int:
        """Remove services and problems of these projects; return how many services went."""

    async def keep_only(self, project_ids: frozenset[int]) -> int:
        """Remove services and problems of all other projects; return how many services went."""

    async def refreshed_at(self) -> datetime | None:
        """Return when the newest complete refresh began."""

    async def set_refreshed_at(self, at: datetime) -> None:
        """Remember when the newest complete refresh began."""


# -- audit


class Phase(StrEnum):
    """INTENT is committed before an effect, OUTCOME after it; EVENT stands alone (a denial, a read, a notice)."""

    INTENT = "intent"
    OUTCOME = "outcome"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is to be recorded. `actor` is the stable id, empty where nobody may be named; `target` is the service or
    object; `result` is `ok`, `denied`, `failed` or `unknown`; `of` is the intent that an outcome answers.
    """

    at: datetime
    phase: Phase
    actor: str
    actor_name: str
    command: str
    request_id: str = ""
    front_end: str = ""
    target: str = ""
    arguments: Json = field(default_factory=dict)
    result: str = ""
    detail: str = ""
    operation_id: str = ""
    plan_hash: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry with its place in the chain: `mac` is HMAC-SHA256 (hex) over the previous mac and this record."""

    seq: int
    entry: AuditEntry
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of the chain; an empty chain has seq 0."""

    seq: int
    mac: str


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Filters are combined with and; times are `since <= at < until`. Of the command `except_reads_of`, looks that were
    let through (events with result `ok`) are left out. Newest first.
    """

    actor: str = ""
    command: str = ""
    target: str = ""
    result: str = ""
    phase: Phase | None = None
    since: datetime | None = None
    until: datetime | None = None
    offset: int = 0
    limit: int = 20
    except_reads_of: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the chain found. `broken_at` is the first bad seq; `anchors` is how many outside anchors agreed."""

    ok: bool
    records: int
    head: Head
    anchors: int
    broken_at: int | None = None
    message: str = ""


class AuditLog(Protocol):
    async def append(self, *entries: AuditEntry) -> tuple[AuditRecord, ...]:
        """Commit the entries, in order, as one transaction. Raises Unavailable where that is impossible now: an INTENT
        also where disk space is below the reserve or heads cannot be anchored, so that there is room for outcomes.
        """

    async def query(self, query: AuditQuery) -> Page[AuditRecord]:
        """Return matching records, newest first."""

    async def sample(self, count: int, *, seed: int, query: AuditQuery) -> tuple[AuditRecord, ...]:
        """Return `count` matching records, newest first, drawn repeatably: the same chain, query and seed give the same
        sample, on every backend. The query's `offset` and `limit` do not count.
        """

    async def head(self) -> Head:
        """Return the newest link."""

    async def open_intents(self) -> tuple[AuditRecord, ...]:
        """Return intents without an outcome."""

    async def verify(self) -> Verification:
        """Check every link and compare the chain with its outside anchors."""


# -- operations


class OperationState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that must arrive: `body` is what the front end posts (Slack: text and blocks), `to` a person's stable
    id or a channel id, `key` makes it appear once.
    """

    key: str
    workspace: str
    to: str
    body: Json
    thread: str = ""
    important: bool = True


@dataclass(frozen=True, slots=True)
class StepResult:
    index: int
    result: Json
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """A change under way or finished. `plan` is the plan's canonical JSON, `actor` all that is needed to know again who
    asked; `epoch` grows with every drive, and only the newest driver may write.
    """

    id: str
    command: str
    actor_id: str
    actor: Json
    request_id: str
    plan: bytes
    plan_hash: str
    place: Json
    created_at: datetime
    state: OperationState = OperationState.RUNNING
    epoch: int = 0
    intent_seq: int = 0
    steps: tuple[StepResult, ...] = ()
    failure: Json | None = None
    finished_at: datetime | None = None


class Operations(Protocol):
    async def start(
        self, operation: Operation, intent: AuditEntry, *, offer_id: str = "", unique_key: str = ""
    ) -> Operation:
        """Commit operation and audit intent together, using up the offer whose consent it is; return the operation with
        the intent's number. Raises Conflict where the offer was used, has expired or was made for another plan, or the
        key was seen, and Unavailable as `AuditLog.append` does: then nothing was written.
        """

    async def drive(self, operation_id: str) -> Operation:
        """Take the operation over for driving: its epoch grows by one, earlier drivers can write no more. Raises
        NotFound, and Conflict for an operation that has ended.
        """

    async def record_step(
        self, operation_id: str, epoch: int, step: StepResult, audit: Sequence[AuditEntry], outgoing: Sequence[Outgoing]
    ) -> bool:
        """Commit a step's result, audit entries and messages together; False where a newer driver has taken over. A
        step that is recorded already stays as it is, and True is returned: the call may be repeated.
        """

    async def finish(
        self,
        operation_id: str,
        epoch: int,
        state: OperationState,
        outcome: AuditEntry,
        *,
        failure: Json | None = None,
        outgoing: Sequence[Outgoing] = (),
    ) -> bool:
        """Commit the end of an operation with its audit outcome, which is made to answer the operation's intent; False
        where a newer driver has taken over. May be repeated, as `record_step` may.
        """

    async def unfinished(self) -> tuple[Operation, ...]:
        """Return operations that are to be driven, oldest first; none while the store is read-only."""

    async def operation(self, operation_id: str) -> Operation | None:
        """Return one operation."""


# -- offers, unique keys, outbox, preferences


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that one person may do once, behind a button or a form: the message carries only `id`.

    `kind` is `command` (a change that is not planned yet), `consent` (to the plan with `plan_hash`) or `draft` (values
    of a form). `payload` is what the kind needs. `person` is the stable id of who may take it.
    """

    id: str
    kind: str
    person: str
    payload: Json
    expires_at: datetime
    plan_hash: str = ""
    used: bool = False


class Offers(Protocol):
    async def make(self, *offers: Offer) -> None:
        """Keep these offers. Raises Conflict for an id that is there already: then none was kept."""

    async def look(self, offer_id: str) -> Offer | None:
        """Return an offer, used or expired ones too (they are kept for a week, so that a stale button can say so)."""

    async def open_for(self, person: str, now: datetime) -> tuple[Offer, ...]:
        """Return the person's `consent` offers that are neither used nor expired, newest first."""

    async def use(self, offer_id: str) -> bool:
        """Use the offer up; False where it was used already, has expired, or is not there."""


class UniqueKeys(Protocol):
    """Durable memory of what has been delivered, so that it acts once. Keys only: what was answered may hold what a
    person wrote.
    """

    async def remembered(self) -> frozenset[str]:
        """Return the keys that have not expired."""

    async def remember_all(self, keys: Sequence[tuple[str, datetime]]) -> None:
        """Keep keys, each until its time; a key that is there already keeps the time it has."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row on its way: `attempts` so far; `ambiguous` where the last attempt may have arrived."""

    message: Outgoing
    attempts: int
    ambiguous: bool
    created_at: datetime


class Outbox(Protocol):
    async def put(self, *messages: Outgoing, ambiguous: bool = False) -> None:
        """Keep messages for delivery; a key that is there already is left as it is. `ambiguous` ones may have arrived
        by another road already, and come out marked so.
        """

    async def due(self, now: datetime, *, limit: int = 50) -> tuple[Delivery, ...]:
        """Return messages to be attempted now, longest due first, and mark them as being attempted; a message that was
        being attempted when the process ended comes again, `ambiguous`. None while the store is read-only.
        """

    async def sent(self, key: str, receipt: str) -> None:
        """Mark a message as delivered; the receipt is the front end's id of it."""

    async def retry(self, key: str, at: datetime, error: str, *, ambiguous: bool) -> None:
        """Have a message attempted again at that time."""

    async def give_up(self, key: str, error: str) -> None:
        """Mark a message as undeliverable."""

    async def waiting(self) -> int:
        """Return how many messages are not delivered and not given up."""


class Preferences(Protocol):
    async def default_service(self, workspace: str, channel: str) -> str | None:
        """Return the service that `use` set for this channel."""

    async def set_default_service(self, workspace: str, channel: str, service: str | None) -> None:
        """Set, or with None clear, the channel's default service."""


# -- feedback


@dataclass(frozen=True, slots=True)
class Answer:
    """Feedback with a name under it; `key` makes it count once."""

    key: str
    at: datetime
    person: str
    person_name: str
    rating: int
    text: str


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """All feedback, newest first: `ratings[i]` counts ratings of i+1. Until there are five anonymous answers they show
    nowhere, neither as texts nor in a count from which one could be told by subtraction.
    """

    named: tuple[Answer, ...]
    anonymous_count: int
    anonymous_texts: tuple[tuple[date, int, str], ...]
    ratings: tuple[int, int, int, int, int]


class Feedback(Protocol):
    async def give(self, answer: Answer) -> None:
        """Keep an answer; the same key again changes nothing."""

    async def give_anonymously(self, key: str, day: date, rating: int, text: str) -> None:
        """Keep an answer of which nothing but the day is known; stored in an order that tells nothing, and not audited.
        The key is random and forgotten with the form it came from; the same key again changes nothing.
        """

    async def summary(self, *, anonymous_from: int = 5) -> FeedbackSummary:
        """Return what was said; anonymous answers are counted and shown from `anonymous_from` of them on."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a sweep removed."""

    keys: int
    offers: int
    messages: int


class Store(Protocol):
    """The whole store, as the composition root sees it; everyone else is handed one of its parts."""

    @property
    def catalogue(self) -> CatalogueIndex: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def keys(self) -> UniqueKeys: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def preferences(self) -> Preferences: ...
    @property
    def feedback(self) -> Feedback: ...

    @property
    def read_only(self) -> str:
        """Why no change is accepted (a store behind its anchor, a broken chain), or empty."""

    async def accept(self, *, reason: str, by: str) -> Head:
        """Have a read-only store written to again, as it is: an operator, `by` (a stable id), has looked and says why.
        The acceptance becomes an audit record, whose head is returned, and a line in the anchors; of the breaks, those
        accepted are from then on known. Raises Conflict where there is nothing to accept, and where the key is wrong.
        """

    async def sweep(self, now: datetime) -> Swept:
        """Remove what has had its time: expired keys, offers a week after they expired, messages a month after they
        were delivered or given up.
        """

    async def probe(self) -> str:
        """Return the schema version and path, having committed a write. Raises Unavailable where that is impossible; a
        store that is `read_only` can be written to in this sense.
        """

    async def close(self) -> None:
        """Commit what is queued and close; further calls raise Unavailable."""
