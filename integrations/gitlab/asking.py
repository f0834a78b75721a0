"""Asking GitLab: when, how often, for how long, and what counts as an answer; the sending itself is the client's.

Only reads are asked, so a question may be repeated: it is, while GitLab is unavailable and there is time. An answer
that does not have the shape that was expected is no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import stamina
import structlog
from pydantic import TypeAdapter, ValidationError

from integrations.errors import BackendError, Unavailable
from integrations.gitlab import wire
from integrations.gitlab.failures import graphql_refusal, unavailable
from integrations.gitlab.pace import Pace

Observe = Callable[[str, float, str], None]
Params = Mapping[str, str | int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    value: T
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One call: `operation` is its name in metrics, `what` what people would call the thing that is asked for; one with
    a `body` is a POST.
    """

    operation: str
    what: str
    shape: TypeAdapter[T]
    path: str
    params: Params
    body: Mapping[str, Any] | None = None


# Sends a question with a request id and the moment by which it must have ended; runs in a thread.
Send = Callable[[Question[Any], str, float], tuple[bytes, Mapping[str, str]]]


class Asker:
    """Asks in at most `threads` threads. `observe` is called once for every request that was sent."""

    def __init__(
        self,
        send: Send,
        *,
        threads: int,
        attempts: int,
        rate: float,
        observe: Observe,
        monotonic: Callable[[], float],
    ) -> None:
        self._send = send
        self._attempts = attempts
        self._observe = observe
        self._monotonic = monotonic
        self._pace = Pace(rate, monotonic)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="gitlab")

    def close(self) -> None:
        """Ask nothing more; a request on its way ends by its own deadline."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def ask(self, question: Question[T], deadline: float) -> Answer[T]:
        """Return the answer within `deadline` seconds. Raises BackendError."""
        ends = self._monotonic() + deadline

        def again(error: Exception) -> bool | float:
            if not isinstance(error, Unavailable):
                return False
            if error.retry_after is None:
                return True
            return max(error.retry_after, 0.01) if self._monotonic() + error.retry_after < ends else False

        attempts = stamina.retry_context(
            on=again, attempts=self._attempts, timeout=None, wait_initial=0.1, wait_max=2.0, wait_jitter=0.1
        ).with_name(f"gitlab.{question.operation}", (), {})
        try:
            async with asyncio.timeout(deadline):
                async for attempt in attempts:
                    with attempt:
                        await self._pace.turn(ends, question.what)
                        return await self._once(question, ends)
        except TimeoutError as error:
            raise unavailable(f"GitLab did not answer within {deadline:g} s ({question.what})") from error
        raise AssertionError("a retry ends with an answer or an error")

    async def _once(self, question: Question[T], ends: float) -> Answer[T]:
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        started = self._monotonic()
        outcome = "Cancelled"
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._pool, self._answer, question, request_id, ends)
            outcome = "ok"
        except BackendError as error:
            outcome = type(error).__name__
            if isinstance(error, Unavailable) and error.retry_after:
                self._pace.pause(error.retry_after)
            raise
        finally:
            self._observe(question.operation, self._monotonic() - started, outcome)
        return answer

    def _answer(self, question: Question[T], request_id: str, ends: float) -> Answer[T]:
        """Send and take apart, in a thread: a page of the catalogue is megabytes of JSON."""
        body, headers = self._send(question, request_id, ends)
        return Answer(shaped(question, body), headers)


def shaped(question: Question[T], body: bytes) -> T:
    """Return the answer in its shape. Raises Unavailable for anything else (a proxy's page, a body that was cut), and
    what GraphQL's own errors mean.
    """
    try:
        value = question.shape.validate_json(body)
    except ValidationError as error:
        # The text of the original would quote the answer.
        kinds = ", ".join(sorted({each["type"] for each in error.errors(include_input=False, include_url=False)})[:3])
        raise unavailable(f"GitLab answered something unexpected ({question.what}: {kinds})") from None
    if isinstance(value, wire.GraphQlFiles) and (value.errors or value.data is None):
        raise graphql_refusal([each.message for each in value.errors], question.what)
    return value
