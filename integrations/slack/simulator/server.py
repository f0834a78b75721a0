"""The simulated Slack as a server on the loopback interface: Web API, deliveries, control API and workspace page."""

from __future__ import annotations

from integrations.slack.simulator.acting import Acting
from integrations.slack.simulator.world import World


class SlackSimulator:
    """`world` is the workspace, `acting` what people do in it, `url` where it answers once `start` has returned."""

    world: World
    acting: Acting

    @property
    def url(self) -> str:
        raise NotImplementedError

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError
