"""The GraphQL query that reads one file of up to 100 projects in one call.

GitLab refuses queries above a complexity of 250 (200 without a user) and pages above 100. By the costs that GitLab
documents in its schema this query stays below 100, whatever the number of projects: a connection costs its page size in
per cent, so `first: 1` on the blobs keeps the inner cost from doubling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.gitlab.wire import gid

PAGE = 100

_FIELDS = """
      id
      fullPath
      name
      webUrl
      archived
      lastActivityAt
      namespace { fullPath }
      repository {
        rootRef
        blobs(paths: $paths, first: 1) { nodes { %s } }
      }
"""
_QUERY = "query %s($ids: [ID!]!, $paths: [String!]!) {\n  projects(ids: $ids, first: 100) {\n    nodes {%s    }\n  }\n}"

TEXTS = _QUERY % ("CatalogueFiles", _FIELDS % "path rawSize rawTextBlob")
SIZES = _QUERY % ("CatalogueSizes", _FIELDS % "path rawSize")


def request(query: str, project_ids: Sequence[int], path: str) -> Mapping[str, Any]:
    """Return the body of the call. Raises ValueError for more projects than a page holds."""
    if len(project_ids) > PAGE:
        raise ValueError(f"at most {PAGE} projects a call")
    return {"query": query, "variables": {"ids": [gid(number) for number in project_ids], "paths": [path]}}
