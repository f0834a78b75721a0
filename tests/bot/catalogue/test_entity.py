from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.entity import Reading, read
from integrations.gitlab import Project, ProjectFile
from integrations.store import Service

FILE = "catalog-info.yaml"
GOOD = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  title: Payments API
  description: |
    Takes payments
    by card
  tags: [java, pci]
  links:
    - url: https://runbooks.acme.example/payments
      title: Runbook
    - url: https://dashboards.acme.example/payments
spec:
  type: Service
  lifecycle: Production
  owner: payments
  system: money
"""


def file(text: str | None, *, archived: bool = False, too_large: bool = False) -> ProjectFile:
    project = Project(
        5,
        "acme/payments/payments-api",
        "Payments API",
        "acme/payments",
        "https://gitlab.example/acme/payments/payments-api",
        "trunk",
        archived,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    return ProjectFile(project, FILE, text, too_large)


def only(text: str) -> Service:
    reading = read(file(text))
    assert reading.problems == ()
    [service] = reading.services
    return service


def message(text: str) -> str:
    reading = read(file(text))
    assert reading.services == ()
    [problem] = reading.problems
    assert (problem.project_id, problem.path, problem.team) == (5, "acme/payments/payments-api", "acme/payments")
    return problem.message


def test_component() -> None:
    """A component becomes a service with everything that the file and the project say of it."""
    assert only(GOOD) == Service(
        name="payments-api",
        project_id=5,
        path="acme/payments/payments-api",
        team="acme/payments",
        web_url="https://gitlab.example/acme/payments/payments-api",
        title="Payments API",
        description="Takes payments by card",
        lifecycle="production",
        kind="service",
        system="money",
        tags=("java", "pci"),
        links=(
            ("Runbook", "https://runbooks.acme.example/payments"),
            ("https://dashboards.acme.example/payments", "https://dashboards.acme.example/payments"),
        ),
        default_branch="trunk",
    )


@pytest.mark.parametrize(
    "owner", ["payments", "group:payments", "group:default/payments", "acme/payments", "acme-payments"]
)
def test_owner_that_means_the_group(owner: str) -> None:
    """Each of Backstage's ways to write the group is accepted without a note."""
    assert only(GOOD.replace("owner: payments", f"owner: {owner}")).problems == ()


@pytest.mark.parametrize("owner", ["group:storefront", "user:alice", "acme/platform"])
def test_owner_is_never_believed(owner: str) -> None:
    """Whatever the file claims, the team is the project's group; a different claim is noted."""
    service = only(GOOD.replace("owner: payments", f"owner: {owner}"))
    assert service.team == "acme/payments"
    assert service.problems == (f"spec.owner says {owner!r}; the team is the project's GitLab group acme/payments",)


def test_other_kinds_are_passed_over() -> None:
    """A file with other kinds only has neither services nor problems."""
    assert read(file("apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: x\n")) == Reading()


def test_several_components() -> None:
    """Each component of a file with several documents is a service; what is wrong in one leaves the others."""
    other = GOOD.replace("name: payments-api", "name: payments-worker")
    text = f"{GOOD}---\n{other}---\nkind: Component\n---\nkind: API\n"
    reading = read(file(text))
    assert [service.name for service in reading.services] == ["payments-api", "payments-worker"]
    [problem] = reading.problems
    assert "document 3: " in problem.message


def test_same_name_twice() -> None:
    """The second component of a name in one file is a problem."""
    reading = read(file(f"{GOOD}---\n{GOOD}"))
    assert len(reading.services) == 1
    assert reading.problems[0].message == "catalog-info.yaml: document 2: the name payments-api is there twice"


def test_too_many_components() -> None:
    """A file describes at most fifty components."""
    text = "---\n".join(
        f"kind: Component\napiVersion: backstage.io/v1alpha1\nmetadata: {{name: s{n}}}\n" for n in range(60)
    )
    reading = read(file(text))
    assert len(reading.services) == 50
    assert "more than 50 components" in reading.problems[0].message


def test_no_file() -> None:
    """A project without the file says nothing."""
    assert read(file(None)) == Reading()


def test_empty_file() -> None:
    """An empty file says nothing."""
    assert read(file("---\n")) == Reading()


def test_archived() -> None:
    """An archived project's file is not read."""
    assert read(file(GOOD, archived=True)) == Reading()


def test_too_large() -> None:
    """A file that was too large to read is a problem."""
    [problem] = read(file(None, too_large=True)).problems
    assert problem.message == "catalog-info.yaml: larger than 64 KiB"


@pytest.mark.parametrize("name", ["a", "A1", "payments_api.v2", "x" * 63])
def test_names(name: str) -> None:
    """Names follow Backstage's rule; capitals do not matter."""
    assert only(GOOD.replace("name: payments-api", f"name: {name}")).name == name.lower()


@pytest.mark.parametrize("name", ["-a", "a-", "a b", "a/b", "ü", "x" * 64, "<!channel>", "'*bold*'", "'a\n\nb'", "''"])
def test_wrong_names(name: str) -> None:
    """A name that Backstage would refuse makes the document unusable, and says the rule."""
    assert "metadata.name must have at most 63" in message(GOOD.replace("name: payments-api", f"name: {name}"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("just words", "this is no description"),
        ("[1, 2]", "this is no description"),
        ("a: b", "kind is missing"),
        ("kind: [Component]", "kind is missing"),
        ("kind: Component", "apiVersion is missing"),
        ("kind: Component\napiVersion: x\nmetadata: words", "metadata is missing or of the wrong type"),
        (GOOD.replace("name: payments-api", "nome: x"), "metadata.name is missing"),
        (GOOD.replace("name: payments-api", "name: [x]"), "metadata.name is missing or of the wrong type"),
        (GOOD.replace("tags: [java, pci]", "tags: java"), "metadata.tags is missing or of the wrong type"),
        (GOOD.replace("type: Service", "type: {a: b}"), "spec.type is missing or of the wrong type"),
        ("a: *b", "line 1"),
    ],
)
def test_unusable(text: str, reason: str) -> None:
    """What cannot be used is told to the owner in words, after the file's name."""
    said = message(text)
    assert said.startswith("catalog-info.yaml: ")
    assert reason in said


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (("lifecycle: Production", "x: y"), "spec.lifecycle is missing"),
        (("type: Service", "x: y"), "spec.type is missing"),
        (("backstage.io/v1alpha1", "v1"), "apiVersion 'v1' is not one of Backstage's"),
        (("title: Payments API", "namespace: other"), "metadata.namespace 'other' is not used here"),
        (("[java, pci]", "[Java, 'two words', [x]]"), "metadata.tags are lower-case"),
        (("https://runbooks.acme.example/payments", "javascript:alert(1)"), "one of metadata.links has no address"),
        (("https://runbooks.acme.example/payments", "'https://x|y>z'"), "one of metadata.links has no address"),
        (("title: Payments API", f"title: {'x' * 121}"), "metadata.title is longer than 120 characters"),
    ],
)
def test_lesser_faults(change: tuple[str, str], note: str) -> None:
    """A lesser fault leaves the service in the catalogue, with the fault noted."""
    [found] = only(GOOD.replace(*change)).problems
    assert found.startswith(note)


def test_missing_spec() -> None:
    """A component with a name only is a service of unknown lifecycle."""
    service = only("apiVersion: backstage.io/v1beta1\nkind: Component\nmetadata: {name: x}\nspec:\n")
    assert (service.lifecycle, service.kind) == ("unknown", "service")


@pytest.mark.parametrize("title", ["🎉 Party", "עברית", "<!channel> & *bold*"])
def test_titles_stay_as_they_are(title: str) -> None:
    """Foreign text is data: it is not changed here, whatever it looks like."""
    assert only(GOOD.replace("title: Payments API", f"title: '{title}'")).title == title


def test_control_characters() -> None:
    """Lines are joined and control characters go."""
    assert only(GOOD.replace("title: Payments API", r'title: "a\n\tb\u0007c"')).title == "a bc"


def test_long_problems_are_cut() -> None:
    """A problem stays short, however long what is wrong is."""
    assert len(message(GOOD.replace("name: payments-api", f"name: [{'x' * 5000}]"))) <= 500


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Whatever the file is, reading it ends with services or problems of that project only."""
    reading = read(file(text))
    assert {p.project_id for p in reading.problems} | {s.project_id for s in reading.services} <= {5}
