"""A local GitLab: the REST and GraphQL that the platform uses, over HTTP, as strict as GitLab."""
