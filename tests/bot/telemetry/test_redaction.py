from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telemetry.redaction import MARK, redact, redact_value, register

SECRETS = {
    "Slack bot token": "xoxb-1234567890-0987654321-AbCdEfGhIjKl",
    "Slack user token": "xoxp-1234567890-0987654321-AbCdEfGhIjKl",
    "Slack app-level token": "xapp-1-A012345-987654-abcdef0123456789",
    "rotated Slack token": "xoxe.xoxb-1-Mi0yLTEyMzQ1Njc4OTA",
    "GitLab personal token": "glpat-Ab3dEf_hIjKlMnOpQrSt",
    "GitLab routable token": "glpat-Ab3dEf_hIjKl.01.0w1x2y3z4",
    "GitLab deploy token": "gldt-Ab3dEfhIjKlMnOpQrSt",
    "GitLab job token": "glcbt-64_Ab3dEfhIjKlMnOpQrSt",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27u",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_known_shapes(secret: str) -> None:
    """A secret whose shape is known disappears wherever it stands in a sentence."""
    assert redact(f"GitLab said: token {secret}, is expired") == f"GitLab said: token {MARK}, is expired"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("sent Bearer abcdef123456 to it", "sent Bearer [redacted] to it"),
        ("PRIVATE-TOKEN: hunter2", "PRIVATE-TOKEN: [redacted]"),
        ("https://bot:hunter2@gitlab.example.com/x", "https://[redacted]@gitlab.example.com/x"),
        ("https://oauth2token@gitlab.example.com/x", "https://[redacted]@gitlab.example.com/x"),
        ("GET /api?private_token=hunter2&page=2", "GET /api?private_token=[redacted]&page=2"),
        ('{"password": "a b", "user": "x"}', '{"password": [redacted], "user": "x"}'),
        ("postgresql://idp:hunter2@db/idp", "postgresql://[redacted]@db/idp"),
        ("https://hooks.slack.com/commands/T1/2/abc", "https://hooks.slack.com/[redacted]"),
        ("https://hooks.slack.com/actions/T1/2/abc failed", "https://hooks.slack.com/[redacted] failed"),
        ("client_secret=abc;state=1", "client_secret=[redacted];state=1"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "[redacted]\nrest"),
    ],
)
def test_named_secrets(text: str, left: str) -> None:
    """What is called a token, password or secret, or stands where a URL has one, is redacted and nothing beside it."""
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "service payments-api deployed to production",
        "Basic authentication is not supported",
        "the token expired yesterday",
        "see https://gitlab.example.com/acme/payments/-/pipelines/7?page=1",
        "write to ana@example.com",
        "user_id=U1 team=acme/payments",
        "glass, ghost and eyJust a word",
    ],
)
def test_prose_stays(text: str) -> None:
    """Text without secrets is left exactly as it is."""
    assert redact(text) == text


def test_registered_values() -> None:
    """A secret of no known shape is redacted once it is registered; short ones are too common to be."""
    register(["s1gning0secret0value", "short"])
    assert redact("it was s1gning0secret0value, in short") == f"it was {MARK}, in short"


def test_registering_reaches_what_was_seen_before() -> None:
    """A value that was harmless when it was first seen is redacted from the moment it is registered."""
    assert redact("value-that-becomes-secret") == "value-that-becomes-secret"
    register(["value-that-becomes-secret"])
    assert redact("value-that-becomes-secret") == MARK


def test_values_inside_values() -> None:
    """Secrets are found inside lists and mappings, by shape and by the name that holds them."""
    value = {"headers": {"PRIVATE-TOKEN": "abc", "Accept": "json"}, "args": ["xoxb-123456-abcdef", 3, None], "n": 1.5}
    assert redact_value(value) == {
        "headers": {"PRIVATE-TOKEN": MARK, "Accept": "json"},
        "args": [MARK, 3, None],
        "n": 1.5,
    }


def test_objects_become_text() -> None:
    """An object that is no plain data is turned into its text, and that is redacted."""
    assert redact_value(ValueError("no access with glpat-abcdefghijkl")) == f"no access with {MARK}"
    assert redact_value(b"xoxb-123456-abcdef") == MARK


@given(st.text())
def test_any_text(text: str) -> None:
    """Redacting never fails, and redacting again changes nothing."""
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize("piece", ["a", "token", "token=", "eyJ", "://", "x-", "Bearer ", "'", "a:", "https://a"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """A large text made to be hard to match is done at once, so nobody can stall the process through its log."""
    started = time.process_time()
    redact(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 2
