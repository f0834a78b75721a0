"""One id follows a request from the click to the backend."""

from __future__ import annotations

from tests._harness.organisation import Organisation


async def test_gitlab_sees_the_id_of_the_request(org: Organisation) -> None:
    """All calls that one card makes carry one request id, and another card's carry another."""
    seen = []
    for name in ("checkout", "cart"):
        org.gitlab.log.clear()
        await org.say("alice", f"service {name}")
        ids = {entry.request_id for entry in org.gitlab.log.entries if "/projects/" in entry.path}
        assert len(ids) == 1
        seen.append(ids.pop())
    assert seen[0]
    assert seen[0] != seen[1]
