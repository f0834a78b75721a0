"""Documents that tests render: one per element, and whole ones with hostile content."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.render.failure import show_failure
from commands._kit.doc import (
    Attachment,
    Bold,
    Button,
    Buttons,
    ButtonStyle,
    Channel,
    Chart,
    ChartKind,
    Code,
    Doc,
    Fields,
    Heading,
    Link,
    Mono,
    Note,
    Person,
    Table,
    Text,
    Time,
    Tone,
)
from commands._kit.errors import Code as FailureCode
from commands._kit.errors import Failure
from commands._kit.plan import Action, Change, Plan, Risk, show_plan

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTS = frozenset({"gitlab.example.com", "127.0.0.1:8929"})
OVERRIDE, ISOLATE = "\u202e", "\u2066"
HOSTILE = (
    "<!channel> <@U123456> <#C123456> <https://evil.example|click> @here @channel @everyone",
    "*bold* _italic_ ~strike~ `code` ```block``` > quote :tada: [md](https://evil.example) https://evil.example",
    f"invoice{OVERRIDE}gpj.exe {ISOLATE}hidden שלום مرحبا",
    "\x1b[31mred\x1b[0m \x07bell \x00null \x9b31m \r\nline\u2028separator tab\there",
    "👩‍👩‍👧‍👦 🏳️‍🌈 日本語 Ω̱ zero\u200bwidth\ufeff",
    "& < > &amp; &lt;!channel&gt; \\ \" ' %s {0} $HOME",
)


def series(name: str, count: int, step: float = 1.0) -> tuple[str, tuple[float, ...]]:
    return name, tuple(round((n * 7 % 11) * step, 2) for n in range(count))


def hours(count: int) -> tuple[str, ...]:
    return tuple(f"{n // 24:02}d {n % 24:02}h" for n in range(count))


DOCUMENTS: dict[str, Doc] = {
    "title": Doc("payments-api"),
    "title_long": Doc("A title of many words " * 12, tone=Tone.WARN),
    "empty": Doc(""),
    "tones": Doc(
        "All tones",
        (Text("plain"), *(Text(f"a {tone.value} line", tone) for tone in Tone)),
        tone=Tone.GOOD,
    ),
    "text": Doc(
        "Text",
        (
            Text(
                (
                    "Plain, ",
                    Bold("bold"),
                    ", ",
                    Mono("mono"),
                    ", ",
                    Link("a merge request", "https://gitlab.example.com/acme/payments/-/merge_requests/7?a=1&b=2"),
                    ", ",
                    Link("elsewhere", "https://evil.example/login"),
                    ", ",
                    Link("", "http://127.0.0.1:8929/acme"),
                    ", ",
                    Person("slack:T1/U123ABC", "Ann"),
                    ", ",
                    Person("os:root", "root"),
                    ", ",
                    Channel("C123ABC", "general"),
                    ", ",
                    Time(NOON),
                    ", ",
                    Time(NOON, relative=True),
                    ".",
                )
            ),
            Text("Two\nlines"),
            Text(""),
        ),
    ),
    "note": Doc(
        "Note",
        (
            Note("Data is 3 minutes old."),
            Note(
                (
                    "As of ",
                    Time(NOON),
                    " · ",
                    Mono("v1"),
                    " ",
                    Bold("beta"),
                    " ",
                    Link("why", "https://gitlab.example.com/x"),
                )
            ),
            Note(tuple(Mono(str(n)) for n in range(20))),
        ),
    ),
    "heading": Doc("Heading", (Heading("Deployments"), Text("none"), Heading(""))),
    "fields": Doc(
        "Fields",
        (
            Fields(
                (
                    ("Owner", "acme/payments"),
                    ("Repository", Link("acme/payments/api", "https://gitlab.example.com/acme/payments/api")),
                    ("Last release", (Mono("v2.4.1"), ", ", Time(NOON, relative=True))),
                    ("Description", "Takes money.\nGives receipts."),
                    ("Nothing", ""),
                )
            ),
        ),
    ),
    "fields_many": Doc("Fields", (Fields(tuple((f"Field {n}", "value " * 30) for n in range(87))),)),
    "table": Doc(
        "Table",
        (
            Table(
                ("Environment", "Version", "Pods", "Since"),
                (
                    ("production", Mono("v2.4.1"), "12", Time(NOON)),
                    ("staging", (Mono("v2.5.0"), " ", Link("log", "https://gitlab.example.com/l")), "3", Time(NOON)),
                    ("development", "", "1"),
                ),
                total=40,
            ),
        ),
    ),
    "table_two": Doc(
        "Two tables",
        (
            Table(("Name", "Count"), (("a", "1"), ("b", "22"))),
            Heading("Second"),
            Table(("Name", "Words"), (("日本", "wide " * 40), ("é", "narrow"))),
            Table(("Empty",), ()),
        ),
    ),
    "table_500": Doc(
        "All services",
        (
            Table(
                ("Service", "Team", "Lifecycle"),
                tuple((f"service-{n:03}", f"acme/team-{n % 9}", "production") for n in range(500)),
                total=20_000,
            ),
        ),
    ),
    "table_wide": Doc("Wide", (Table(tuple(f"c{n}" for n in range(25)), (tuple(str(n) * 5 for n in range(25)),) * 3),)),
    "table_long_cells": Doc("Long", (Table(("Log",), (("x" * 400,),) * 30),)),
    "chart_line": Doc(
        "Chart",
        (Chart("Latency", ChartKind.LINE, hours(12), (series("p50", 12), series("p99", 12, 2.5)), "ms"),),
    ),
    "chart_long": Doc(
        "Chart",
        (
            Chart(
                "Requests per second of every instance of this service",
                ChartKind.AREA,
                hours(168),
                tuple(series(f"an instance with a long name {n}", 168) for n in range(9)),
                "1/s",
            ),
        ),
    ),
    "chart_gaps": Doc(
        "Chart",
        (Chart("Gaps", ChartKind.LINE, ("a", "b", "c"), (("s", (1.0, float("nan"), 3.0)), ("t", (1.0, 2.0, 2.5)))),),
    ),
    "chart_pie": Doc(
        "Chart",
        (
            Chart("Cost", ChartKind.PIE, hours(9), (series("cost", 9, 10),), "€"),
            Chart("Nothing", ChartKind.PIE, ("a", "b"), (("n", (0.0, -1.0)),)),
        ),
    ),
    "chart_bars": Doc(
        "Charts",
        (
            Chart("One", ChartKind.BAR, hours(24), (series("x", 24),)),
            Chart("Two", ChartKind.BAR, ("a", "a"), (("x", (1.0, 2.0)), ("x", (3.0, -4.0)))),
            Chart("Three", ChartKind.BAR, ("a", "b"), (("x", (1.0, 2.0)),), "%"),
            Chart("Four", ChartKind.LINE, (), ()),
        ),
    ),
    "code": Doc("Code", (Code("def pay():\n\treturn `amount`\n", "python"), Code(""), Code("x = 1\n" * 900))),
    "buttons": Doc(
        "Buttons",
        (
            Buttons(
                (
                    Button("Deploy", "deploy", {"service": "payments api", "to": "production"}, ButtonStyle.PRIMARY),
                    Button("Roll back", "rollback", {"service": "payments"}, ButtonStyle.DANGER),
                    Button("", "help"),
                    Button("A label that is far too long for a button of Slack's " * 3, "help"),
                )
            ),
            Buttons(tuple(Button(f"Page {n}", "service", {"page": str(n)}) for n in range(30))),
        ),
    ),
    "files": Doc("Export", (Text("Here it is."),), files=(Attachment("audit.csv", b"a,b\n1,2\n", "text/csv"),)),
    "long_text": Doc("Long", (Text("word " * 800), Text("x" * 9_000), Note("y" * 4_000))),
    "many_parts": Doc(
        "Many", (*(Text(f"Line {n}") for n in range(400)), Buttons((Button("Next", "service", {"page": "2"}),)))
    ),
    "hostile": Doc(
        HOSTILE[0],
        (
            *(Text(text) for text in HOSTILE),
            *(Text((Bold(text), Mono(text), Link(text, "https://gitlab.example.com/x"))) for text in HOSTILE[:3]),
            Text((Link("safe", "javascript:alert(1)"), Link("safe", "https://gitlab.example.com@evil.example/"))),
            Text((Person("<!channel>", "<!here>"), Channel("*", "<#C1>"))),
            Heading(HOSTILE[1]),
            Fields(tuple((text, text) for text in HOSTILE)),
            Table(HOSTILE[:3], (HOSTILE[:3], HOSTILE[3:])),
            Chart(HOSTILE[0], ChartKind.LINE, HOSTILE[:2], ((HOSTILE[1], (1.0, 2.0)),), HOSTILE[2]),
            Code(HOSTILE[3]),
            Note(HOSTILE[1]),
            Note((Bold(HOSTILE[1]), Time(NOON))),
            Buttons((Button(HOSTILE[1], "service", {"name": HOSTILE[5]}),)),
        ),
        summary=HOSTILE[1],
        tone=Tone.BAD,
    ),
    "plan": show_plan(
        Plan(
            "Roll back payments",
            (Change(Action.CHANGE, "payments/production", "v2.4.1", "v2.4.0", Risk.HIGH),),
            (),
            ("The database is not touched.",),
        )
    ),
    "failure": show_failure(
        Failure(
            FailureCode.NOT_FOUND,
            "No service is called paymnets.",
            "Search with `service`.",
            {"service": "No service is called paymnets."},
            ("payments-api", "payments-web"),
        )
    ),
    "failure_incident": show_failure(
        Failure(FailureCode.INTERNAL, "Something unexpected happened.", incident="9f3c1a", retry_after=2.2)
    ),
}
