"""GitLab: projects, files, groups, pipelines, environments. Import the port from here."""

from integrations.gitlab.port import (
    Deployment,
    Environment,
    GitLab,
    Group,
    Member,
    MergeRequest,
    MergeRequests,
    Pipeline,
    Project,
    ProjectFile,
    Release,
    RunStatus,
)

__all__ = [
    "Deployment",
    "Environment",
    "GitLab",
    "Group",
    "Member",
    "MergeRequest",
    "MergeRequests",
    "Pipeline",
    "Project",
    "ProjectFile",
    "Release",
    "RunStatus",
]
