"""What is wrong with a payload, and where: the one thing that the validator returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `path` is a JSON pointer into what was sent (`/blocks/0/text`, `/view/title/text`).

    `error` is set where Slack answers with an error code of its own (`msg_blocks_too_long`, `view_too_large`) instead
    of the method's general one (`invalid_blocks`, `invalid_arguments`).
    """

    path: str
    message: str
    error: str = ""

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.path}]"
