"""Tests reach this machine and nothing else; an attempt to leave it fails the test that made it.

An audit hook sees every connection that Python code opens, whichever library does it, and cannot be patched away. It
does not see child processes. Servers that a conformance suite is pointed at (`IDP_TEST_..._URL`) may be reached.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

_attempts: list[str] = []
_real_servers: set[str] = set()


class OutsideConnection(ConnectionError):
    """A test tried to leave this machine."""


def is_local(host: str) -> bool:
    """Return whether a host name or address is this machine, or a real server that was named in the environment."""
    if host in ("", "localhost", *_real_servers):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # Unix sockets have a path for an address, and so never leave the machine.
        host = address[0] if isinstance(address, tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0] or ""
    else:
        return
    text = host.decode() if isinstance(host, bytes) else str(host)
    if not is_local(text):
        _attempts.append(text)
        raise OutsideConnection(f"a test tried to reach {text}; tests reach 127.0.0.1 only")


def _allow_real_servers() -> None:
    for name, value in os.environ.items():
        host = urlsplit(value).hostname if name.startswith("IDP_TEST_") and name.endswith("_URL") else None
        if host:
            _real_servers.add(host)
            _real_servers.update(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))


def pytest_configure() -> None:
    _allow_real_servers()
    sys.addaudithook(_hook)


@pytest.fixture(autouse=True)
def _no_outside_connections() -> Iterator[None]:
    """Fail a test that tried to leave the machine, also where the code under test swallowed the refusal."""
    _attempts.clear()
    yield
    if _attempts:
        pytest.fail(f"the test tried to reach {', '.join(sorted(set(_attempts)))}")
