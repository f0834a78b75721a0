"""Which links may be clicked: http(s) to a host that the operators listed, and nothing that could be read two ways."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 3000
_ODD = re.compile(r"[^\x21-\x7e]|[\\\"<>|^`{}]")


def clickable(url: str, allowed_hosts: frozenset[str]) -> bool:
    """Return whether the address is plain http(s), without credentials, on an allowed host: `host`, `host:port`, or
    any host below `.domain`.
    """
    if not url or len(url) > LONGEST or _ODD.search(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or not host or host[0] == "." or "@" in parts.netloc:
        return False
    below = {host[dot:] for dot, character in enumerate(host) if character == "."}
    return not allowed_hosts.isdisjoint({host, f"{host}:{port}", *below})
