"""A local GitLab: the REST and GraphQL that the platform uses, over HTTP, as strict as GitLab."""

from integrations.gitlab.simulator.faults import Faults
from integrations.gitlab.simulator.server import GitLabSimulator, Logged, RequestLog
from integrations.gitlab.simulator.world import World

__all__ = ["Faults", "GitLabSimulator", "Logged", "RequestLog", "World"]
