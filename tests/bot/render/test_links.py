from __future__ import annotations

import pytest

from bot.render.links import clickable

HOSTS = frozenset({"gitlab.example.com", "127.0.0.1:8929", ".apps.example"})


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.example.com/acme/api?x=1&y=2#L3",
        "http://GitLab.Example.com",
        "https://gitlab.example.com:8443/acme",
        "http://127.0.0.1:8929/acme",
        "https://shop.apps.example/",
        "https://shop.staging.apps.example:8443/",
    ],
)
def test_a_listed_host_may_be_clicked(url: str) -> None:
    """An http(s) address on a listed host is a link; a host listed with a port is one with that port only, a domain
    with a dot before it stands for all below it.
    """
    assert clickable(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/",
        "https://gitlab.example.com.evil.example/",
        "https://evil.example/gitlab.example.com",
        "https://gitlab.example.com@evil.example/",
        "https://user:pass@gitlab.example.com/",
        "https://evil.example\\@gitlab.example.com/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1/",
        "https://apps.example/",
        "https://.apps.example/",
        "https://evilapps.example/",
        "https://shop.apps.example.evil.example/",
        "https://evil.example/.apps.example",
        "ftp://gitlab.example.com/",
        "javascript:alert(1)",
        "//gitlab.example.com/",
        "gitlab.example.com",
        "https://gitlab.example.com/a b",
        "https://gitlab.example.com/\nx",
        "https://gitlab.example.com/<x>",
        "https://gitlab.example.com/a|b",
        "https://gitlab.examplе.com/",  # a Cyrillic letter
        "https://gitlab.example.com:port/",
        "https://[::1/",
        "https://gitlab.example.com/" + "x" * 3000,
    ],
)
def test_anything_else_may_not(url: str) -> None:
    """Another host, scheme, credentials, odd characters or an address that reads two ways is no link."""
    assert not clickable(url, HOSTS)
