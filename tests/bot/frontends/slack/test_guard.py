"""What stands in front of Bolt: signature, age, size and form of a request; a status and a word for everything else."""

from __future__ import annotations

import hashlib
import hmac
import io
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.frontends.slack.guard import FORM, LARGEST, Guard, Refused, check_form, verify
from bot.frontends.slack.once import Once
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import NOW, Clock

SECRET = "signing-secret"


def signed(body: bytes, at: float | str = NOW.timestamp(), secret: str = SECRET) -> dict[str, str]:
    stamp = at if isinstance(at, str) else str(int(at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": FORM}


class Door:
    """A guard behind a server, and what came through it."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self.came: list[tuple[str, Mapping[str, str]]] = []
        self.arrivals = 0
        self.reason = ""
        self.answer = (200, "application/json", '{"ok":true}')
        self.guard = Guard(
            lambda: SECRET,
            Once(store.keys, clock),
            self._respond,
            clock,
            reason=lambda: self.reason,
            arrived=self._arrived,
        )
        self.session: aiohttp.ClientSession
        self.url = ""

    def _arrived(self) -> None:
        self.arrivals += 1

    async def _respond(self, text: str, headers: Mapping[str, str]) -> tuple[int, str, str]:
        self.came.append((text, headers))
        return self.answer

    async def knock(self, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        made = signed(body) if headers is None else headers
        async with self.session.post(self.url, data=io.BytesIO(body), headers=made) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def door(store: SqliteStore, clock: Clock) -> AsyncIterator[Door]:
    made = Door(store, clock)
    site = web.Application()
    site.router.add_post("/slack/events", made.guard.handle)
    async with TestServer(site) as server, aiohttp.ClientSession() as session:
        made.session, made.url = session, str(server.make_url("/slack/events"))
        yield made


# -- signatures


def test_slacks_own_example_is_genuine() -> None:
    """The request, secret and signature of Slack's documentation are accepted
    (https://docs.slack.dev/authentication/verifying-requests-from-slack).
    """
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
        b"47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    at = Clock(NOW.fromtimestamp(1531420618, NOW.tzinfo))
    assert verify("8f742231b10e8888abcd99yyyzzz85a5", body, headers, at())


@pytest.mark.parametrize(
    "stamp", ["", "now", "12.5", "-5", "+5", " 5", "1e9", "٣٤٥", "9" * 13, "0x10", "1_000", "5\n6"]
)
def test_a_malformed_timestamp_is_refused(stamp: str) -> None:
    """A timestamp that is no plain number is 401, although its signature fits."""
    with pytest.raises(Refused) as raised:
        verify(SECRET, b"x", signed(b"x", stamp), NOW)
    assert raised.value.status == 401


@pytest.mark.parametrize("age", [301, -301, 86400])
def test_an_old_or_future_request_is_refused(age: int) -> None:
    """More than five minutes away, in either direction, is too far."""
    with pytest.raises(Refused) as raised:
        verify(SECRET, b"x", signed(b"x", NOW.timestamp() - age), NOW)
    assert (raised.value.status, raised.value.word) == (401, "stale timestamp")


@pytest.mark.parametrize("age", [300, 0, -300])
def test_five_minutes_are_allowed(age: int) -> None:
    """Clocks that are five minutes apart still understand each other."""
    verify(SECRET, b"x", signed(b"x", NOW.timestamp() - age), NOW)


@pytest.mark.parametrize("signature", ["", "v0=", "v0=abc", "\udcff", "ü", "v1=" + "0" * 64])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    """Whatever is not the signature is refused, also where it is no ASCII."""
    with pytest.raises(Refused) as raised:
        verify(SECRET, b"x", {**signed(b"x"), "X-Slack-Signature": signature}, NOW)
    assert (raised.value.status, raised.value.word) == (401, "wrong signature")


def test_a_signature_of_another_body_or_secret_is_refused() -> None:
    """A signature fits one body, one time and one secret."""
    for body, headers in (
        (b"y", signed(b"x")),
        (b"x", signed(b"x", secret="other")),
        (b"x", {**signed(b"x"), "X-Slack-Request-Timestamp": str(int(NOW.timestamp()) + 1)}),
    ):
        with pytest.raises(Refused):
            verify(SECRET, body, headers, NOW)


# -- form


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("command=%2Fidp&text=help", FORM),
        ("payload=%7B%7D", FORM),
        ("xpayload=nothing", FORM),
        ("", FORM),
        ('{"type": "event_callback"}', "application/json"),
    ],
)
def test_what_slack_sends_passes(text: str, kind: str) -> None:
    """Commands, interactive payloads and events have the form that their content type says."""
    check_form(text, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("payload=", FORM),
        ("payload=%7B", FORM),
        ("payload=%5B%5D", FORM),
        ("payload=1&payload=%7B%7D", FORM),
        ("{", "application/json"),
        ("", "application/json"),
        ("[1]", "application/json"),
        ("null", "application/json"),
        ("[" * 100_000, "application/json"),
        ("payload=%7B%7D", "text/plain"),
        ("payload=%7B%7D", "multipart/form-data"),
    ],
)
def test_what_slack_does_not_send_is_refused(text: str, kind: str) -> None:
    """A body that is not what its content type says is 400."""
    with pytest.raises(Refused) as raised:
        check_form(text, kind)
    assert raised.value.status == 400


# -- the door


async def test_a_genuine_request_gets_through(door: Door) -> None:
    """The body, its type and Slack's retry headers reach Bolt, and Bolt's answer goes back."""
    headers = {**signed(b"text=help"), "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout", "X-Other": "x"}
    assert await door.knock(b"text=help", headers) == (200, '{"ok":true}')
    ((text, given),) = door.came
    assert text == "text=help"
    assert given == {"content-type": FORM, "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert door.arrivals == 1


async def test_a_replayed_request_acts_once(door: Door) -> None:
    """The same request within its five minutes gets the same answer, and Bolt sees it once."""
    headers = signed(b"text=help")
    first = await door.knock(b"text=help", headers)
    door.answer = (200, "text/plain", "other")
    assert await door.knock(b"text=help", headers) == first
    assert len(door.came) == 1


async def test_another_request_with_the_same_body_acts(door: Door) -> None:
    """The same words, said again a second later, are another request."""
    await door.knock(b"text=help")
    await door.knock(b"text=help", signed(b"text=help", NOW.timestamp() + 1))
    assert len(door.came) == 2


async def test_an_unsigned_request_gets_nowhere(door: Door) -> None:
    """Without a signature nothing gets through, `ssl_check` neither."""
    for body in (b"text=help", b"ssl_check=1&token=x"):
        status, said = await door.knock(body, {"Content-Type": FORM})
        assert (status, said) == (401, "malformed timestamp")
    assert door.came == []


async def test_a_body_over_a_mebibyte_is_refused(door: Door) -> None:
    """A body that is too large is 413, with a length told or without; one of exactly a mebibyte is read."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65536

    body = b"x" * (LARGEST + 1)
    assert (await door.knock(body))[0] == 413
    async with door.session.post(door.url, data=chunks(), headers=signed(b"x")) as answer:
        assert answer.status == 413
    assert (await door.knock(b"x" * LARGEST))[0] == 200


async def test_signed_malformed_json_is_refused(door: Door) -> None:
    """A signed body that is no JSON is 400, without a word about why."""
    headers = {**signed(b'{"a":'), "Content-Type": "application/json"}
    assert await door.knock(b'{"a":', headers) == (400, "malformed JSON")


async def test_a_body_that_is_no_text_is_refused(door: Door) -> None:
    """A signed body that is no UTF-8 is 400."""
    assert await door.knock(b"text=\xff\xfe") == (400, "not UTF-8")


async def test_while_starting_or_stopping_nothing_is_taken(door: Door) -> None:
    """A process that is not ready answers 503, so that Slack asks the next one, and remembers nothing of it."""
    door.reason = "stopping"
    headers = signed(b"text=help")
    assert (await door.knock(b"text=help", headers))[0] == 503
    door.reason = ""
    assert (await door.knock(b"text=help", headers))[0] == 200


async def test_bolts_refusal_goes_back_as_it_is(door: Door) -> None:
    """What Bolt answers is what Slack gets, status included."""
    door.answer = (404, "text/plain", "unhandled")
    assert await door.knock(b"text=help") == (404, "unhandled")
