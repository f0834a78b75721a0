"""Who asks the simulated GitLab, and whether they may: tokens, scopes, and the rate limit, with GitLab's answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from integrations.gitlab.simulator.world import SimToken, World

READING = ("api", "read_api")
_WINDOW = 60


class Refused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(status: int, body: dict[str, object], **headers: str) -> Refused:
    return Refused(web.json_response(body, status=status, headers=headers))


def not_found(what: str = "") -> Refused:
    """Return GitLab's 404 for a thing (`Project`), or for an address that leads nowhere."""
    if not what:
        return refuse(404, {"error": "404 Not Found"})
    return refuse(404, {"message": f"404 {what} Not Found"})


def given_token(request: web.Request) -> str:
    """Return the token that came with a request, in either of the headers that GitLab takes."""
    bearer = request.headers.get("Authorization", "")
    return request.headers.get("PRIVATE-TOKEN") or (bearer[7:] if bearer.startswith("Bearer ") else "")


def _oauth_error(error: str, description: str) -> Refused:
    return refuse(
        401,
        {"error": error, "error_description": description},
        **{"WWW-Authenticate": f'Bearer realm="Protected by OAuth 2.0", error="{error}"'},
    )


@dataclass(slots=True)
class Limit:
    """GitLab's throttle for authenticated requests: `per_minute` in fixed windows; 0 is none."""

    per_minute: int
    clock: Callable[[], datetime]
    window: int = -1
    observed: int = 0

    def count(self) -> dict[str, str]:
        """Count a request and return GitLab's headers. Raises Refused with 429 above the limit."""
        if not self.per_minute:
            return {}
        now = int(self.clock().timestamp())
        if now // _WINDOW != self.window:
            self.window, self.observed = now // _WINDOW, 0
        self.observed += 1
        reset = (self.window + 1) * _WINDOW
        headers = {
            "RateLimit-Limit": str(self.per_minute),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(self.observed),
            "RateLimit-Remaining": str(max(0, self.per_minute - self.observed)),
            "RateLimit-Reset": str(reset),
        }
        if self.observed > self.per_minute:
            headers["Retry-After"] = str(reset - now)
            raise Refused(web.Response(status=429, text="Retry later\n", content_type="text/plain", headers=headers))
        return headers


class Door:
    """Lets holders of a good token in."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._clock = clock

    def enter(self, request: web.Request, *scopes: str) -> SimToken:
        """Return the token of a REST request. Raises Refused where it is missing, unknown, expired, revoked, its owner
        blocked, or without any of the scopes (none given: any scope will do).
        """
        token = self._world.tokens.get(given_token(request))
        if token is None:
            raise refuse(401, {"message": "401 Unauthorized"})
        if token.revoked:
            raise _oauth_error("invalid_token", "Token was revoked. You have to re-authorize from the user.")
        if token.expires_at is not None and token.expires_at <= self._clock():
            raise _oauth_error(
                "invalid_token", "Token is expired. You can either do re-authorization or token refresh."
            )
        if token.user.state != "active":
            raise refuse(403, {"message": "403 Forbidden - Your account has been blocked."})
        if scopes and not set(scopes) & set(token.scopes):
            raise refuse(
                403,
                {
                    "error": "insufficient_scope",
                    "error_description": "The request requires higher privileges than provided by the access token.",
                    "scope": " ".join(scopes),
                },
            )
        return token

    def enter_graphql(self, request: web.Request) -> SimToken:
        """Return the token of a GraphQL request, which GitLab refuses in GraphQL's own words."""
        try:
            return self.enter(request, *READING)
        except Refused as refused:
            raise refuse(401, {"errors": [{"message": "Invalid token"}]}) from refused
