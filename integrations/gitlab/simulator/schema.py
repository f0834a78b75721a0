"""The part of GitLab's GraphQL schema that the platform uses, and what GitLab charges for its fields.

A query with a field, argument or type that is not here is refused, as GitLab refuses it. The costs follow the rules
that GitLab publishes with its schema (`Types::BaseField`, `Resolvers::BaseResolver`): a plain field costs 1, one that
calls Gitaly 1 more; a resolver costs its children, 1, 1 for `sort`, 5 for `search`; a connection grows by one per cent
for every item of its page. The cost of a path in `blobs` has changed between versions (1; about 7 in GitLab 18.4.2,
where 100 paths made 1421): the simulator charges 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.language import DocumentNode

LARGEST_PAGE = 100
MOST_COMPLEX = 250
DEEPEST = 20
PER_PATH = 7

SCHEMA = build_schema(
    """
    "ISO 8601"
    scalar Time
    "An integer of any size, written as text"
    scalar BigInt

    type Query {
      currentUser: CurrentUser
      metadata: Metadata
      project(fullPath: ID!): Project
      projects(
        ids: [ID!], fullPaths: [String!], membership: Boolean, search: String, sort: String,
        after: String, before: String, first: Int, last: Int
      ): ProjectConnection
      queryComplexity: QueryComplexity
    }
    type QueryComplexity { limit: Int score: Int }
    type CurrentUser { id: ID! username: String! name: String! }
    type Metadata { version: String! revision: String! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type ProjectConnection { nodes: [Project] pageInfo: PageInfo! count: Int! }
    type Namespace { id: ID! fullPath: ID! name: String! }
    type Project {
      id: ID!
      fullPath: ID!
      name: String!
      path: String!
      description: String
      webUrl: String
      archived: Boolean
      visibility: String
      createdAt: Time
      lastActivityAt: Time
      namespace: Namespace
      repository: Repository
    }
    type Repository {
      empty: Boolean!
      exists: Boolean!
      rootRef: String
      blobs(
        paths: [String!]!, ref: String = null, after: String, before: String, first: Int, last: Int
      ): RepositoryBlobConnection
    }
    type RepositoryBlobConnection { nodes: [RepositoryBlob] pageInfo: PageInfo! }
    type RepositoryBlob {
      id: ID!
      oid: String!
      path: String!
      name: String
      size: BigInt
      rawSize: BigInt
      rawTextBlob: String
    }
    """
)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a field costs beyond a plain one."""

    gitaly: bool = False
    resolver: bool = False
    connection: bool = False


_COSTS = {
    ("Query", "project"): _Cost(resolver=True),
    ("Query", "projects"): _Cost(resolver=True, connection=True),
    ("Repository", "empty"): _Cost(gitaly=True),
    ("Repository", "exists"): _Cost(gitaly=True),
    ("Repository", "rootRef"): _Cost(gitaly=True),
    ("Repository", "blobs"): _Cost(gitaly=True, resolver=True, connection=True),
}


class Complexity:
    """Computes what a valid document costs, and how deep it goes."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any], schema: GraphQLSchema = SCHEMA) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.depth = 0

    def score(self) -> int:
        """Return the complexity of the document's operations together."""
        root = self._schema.query_type
        assert root is not None
        return sum(self._selections(operation.selection_set, root, 1) for operation in self._operations)

    def _selections(self, selections: SelectionSetNode | None, parent: GraphQLObjectType, depth: int) -> int:
        if selections is None:
            return 0
        self.depth = max(self.depth, depth)
        total = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                total += self._field(selection, parent, depth)
            elif isinstance(selection, InlineFragmentNode):
                total += self._selections(selection.selection_set, parent, depth)
            elif isinstance(selection, FragmentSpreadNode):
                total += self._selections(self._fragments[selection.name.value].selection_set, parent, depth)
        return total

    def _field(self, node: FieldNode, parent: GraphQLObjectType, depth: int) -> int:
        name = node.name.value
        definition = parent.fields.get(name)
        if definition is None:
            return 1
        inner = get_named_type(definition.type)
        children = self._selections(node.selection_set, inner, depth + 1) if isinstance(inner, GraphQLObjectType) else 0
        cost = _COSTS.get((parent.name, name), _Cost())
        if not cost.resolver:
            return 1 + cost.gitaly + children
        given = {each.name.value: value_from_ast_untyped(each.value, self._variables) for each in node.arguments or ()}
        total = children + 1 + bool(given.get("sort")) + 5 * bool(given.get("search"))
        total += PER_PATH * len(given.get("paths") or ()) + cost.gitaly
        if cost.connection:
            sizes = [int(given[each]) for each in ("first", "last") if given.get(each) is not None]
            total += int(total * min([*sizes, LARGEST_PAGE]) * 0.01)
        return total
