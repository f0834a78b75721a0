"""The README's tables, made from the code that they describe, so that none of them can go stale.

A table stands between `<!-- table: name -->` and `<!-- end -->`. `IDP_REGENERATE=1 ./idp test tests/test_readme.py`
writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.app import command_set
from bot.settings import Settings
from bot.telemetry.metrics import Metrics
from commands._kit.fields import format_duration
from commands._kit.roles import MATRIX, Component, Role, who_may
from integrations.slack.scopes import SCOPES
from integrations.slack.simulator import control_requests

TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
ROUTE = re.compile(r'\("(\w+)", _route\((\w+), ')
CONTROL = Path("integrations/slack/simulator/control.py")

# What the control API's requests do, where their own docstrings do not say it; names and fields come from the code.
REQUESTS = {
    "command": "Give a slash command; `text` is what follows `/idp`",
    "message": "Write a message; with `thread_ts` in a thread",
    "edit": "Edit an own message; without `text`, delete it",
    "action": "Click a button or choose in a select, of a message, a view or the home tab",
    "submit": "Submit the topmost modal; `values` by field name",
    "close": "Close a modal; with `whole_stack`, all of them",
    "suggest": "Type into a select whose options the app provides",
    "home": "Open the app's home tab (`tab` may be `messages`)",
    "shortcut": "Use a message shortcut (with `channel` and `ts`) or a global one",
    "membership": "Join a channel, with `leave` leave it, with `who` invite somebody",
    "user": "Change a person: deactivate, make a guest, rename, ...",
    "group": "Set a user group's members",
    "device": "Go on at another device; with `reload`, reload the page, which loses ephemeral messages",
    "faults": "Have a backend fail (`slack`, `gitlab`) in some `kind`, with that kind's options; `clear` ends it",
    "raw": "Send any body and headers to the app; with `signed`, with a good signature",
    "replay": "Send an earlier delivery again, byte for byte",
    "clock": "Set the simulator's clock ahead or behind, in seconds",
    "disconnect": "End Socket Mode connections, announced or (`drop`) not",
    "revoke": "Revoke the bot's token, or uninstall the app",
    "verify": "Verify the app's request URL, as the app's settings page does",
}


def cell(text: str) -> str:
    """Return text as it may stand in a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *([cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def scopes() -> str:
    return table(
        ("Scope", "Needed for", "May be withheld"),
        [(f"`{s.name}`", s.needed_for, f"yes; then no {s.feature.value}" if s.feature else "no") for s in SCOPES],
    )


def roles() -> str:
    def row(component: Component) -> tuple[str, ...]:
        verbs = (sorted(v.value for v in MATRIX[component][role]) for role in Role)
        return (component.value, *(", ".join(names) or "–" for names in verbs))

    return table(("Component", *(role.words.capitalize() for role in Role)), [row(c) for c in MATRIX])


def commands() -> str:
    return table(
        ("Command", "What it does", "Open to", "For example"),
        [
            (
                f"`{c.name}`" + (f" ({', '.join(f'`{a}`' for a in c.aliases)})" if c.aliases else ""),
                c.summary.partition("\n\n")[0],
                "everybody" if len(may := who_may(MATRIX, c.may)) == len(Role) else ", ".join(r.words for r in may),
                " · ".join(f"`/idp {example}`" for example in c.examples),
            )
            for c in command_set().commands()
        ],
    )


def nested_model(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Return the model that a setting nests, and how a path says that there are many of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple and arguments:
        return nested_model(arguments[0])[0], "[]"
    if get_origin(annotation) is dict:
        return nested_model(arguments[1])[0], ".<role>"
    if get_origin(annotation) in (Union, UnionType):
        return next(((m, s) for a in arguments if (m := nested_model(a)[0]) for s in [""]), (None, ""))
    return None, ""


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "*required*"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ("", (), {}, frozenset()):
        return "–"
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _settings(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str, str]]:
    for name, info in model.model_fields.items():
        nested, many = nested_model(info.annotation)
        if nested is None:
            yield f"`{path}{name}`", _default(info), info.description or ""
        else:
            yield from _settings(nested, f"{path}{name}{many}.")


def settings() -> str:
    return table(("Setting", "Default", "Meaning"), list(_settings(Settings)))


def metrics() -> str:
    registry = Metrics(process=False).registry
    # The library shows the labels of what has been counted only, and these start from nothing.
    label_names = {vars(c)["_name"]: vars(c)["_labelnames"] for c in registry._names_to_collectors.values()}
    return table(
        ("Metric", "Labels", "What it says"),
        [
            (
                f"`{family.name}{'_total' if family.type == 'counter' else ''}`",
                ", ".join(f"`{label}`" for label in label_names[family.name]) or "–",
                family.documentation,
            )
            for family in registry.collect()
        ],
    )


def control(root: Path) -> str:
    rows = []
    for path, body in ROUTE.findall((root / CONTROL).read_text(encoding="utf-8")):
        model = getattr(control_requests, body)
        given = ", ".join(name if info.is_required() else f"{name}?" for name, info in model.model_fields.items())
        does = REQUESTS.get(path) or vars(model)["__doc__"]
        assert does, f"{body} needs a docstring: it is what the README says of {path}"
        rows.append((f"`{path}`", f"`{{{given}}}`" if given else "–", does))
    return table(("`POST /_sim/…`", "Body", "What it does"), rows)


def tables(root: Path) -> dict[str, Callable[[], str]]:
    """Return how each table is made."""
    return {
        "commands": commands,
        "control": lambda: control(root),
        "metrics": metrics,
        "roles": roles,
        "scopes": scopes,
        "settings": settings,
    }


def regenerated(text: str, root: Path) -> str:
    """Return the README with its tables made anew. Raises KeyError for a table that nobody makes."""
    makers = tables(root)
    return TABLE.sub(lambda found: f"{found.group(1)}{makers[found.group(2)]()}{found.group(3)}", text)
