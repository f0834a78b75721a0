"""How long people wait before they are told something, and how often the process looks again; all in seconds.

One place, because these numbers depend on one another: Slack takes an acknowledgement for three seconds, an ephemeral
message cannot be edited, and a direct message may be updated about once a second.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """`working`: when a sign of work is shown; `direct`: when an answer goes on in a direct message; `acknowledge`: how
    long a submission's acknowledgement waits for its answer; `identity`: how long a form waits for who asks before it
    shows itself as loading; `update`: the least time between two updates of one message; `outbox`: how often stored
    messages are looked for, and the first pause after a failed attempt.
    """

    working: float = 1.0
    direct: float = 10.0
    acknowledge: float = 2.0
    identity: float = 0.7
    update: float = 1.0
    outbox: float = 2.0
