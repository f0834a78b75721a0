"""Block Kit as strictly as Slack takes it: what Slack would refuse is refused here, with its words and its pointer.

It judges payloads only; it renders nothing, and it knows nothing of who sends them.
"""

from integrations.slack.simulator.blockkit.problem import Problem
from integrations.slack.simulator.blockkit.surfaces import validate_message, validate_view

__all__ = ["Problem", "validate_message", "validate_view"]
