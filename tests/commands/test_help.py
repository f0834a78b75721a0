from __future__ import annotations

from collections.abc import Callable

import pytest

from commands._kit.discover import CommandSet
from commands._kit.doc import Doc
from commands._kit.errors import Code, UserError
from commands._kit.roles import Role
from commands.help import Explained, Help, Overview, help_, show
from tests.commands.in_memory import Index, context, person
from tests.commands.reading import lines

Golden = Callable[[str, Doc], None]


async def ask(product: CommandSet, typed: str | None = None, *roles: Role) -> Doc:
    answer: Overview | Explained = await help_.handler(
        Help(command=typed), context(person("Alice", *roles)), Index(product)
    )
    return show(answer)


async def test_help_lists_what_a_developer_may_use(product: CommandSet, golden: Golden) -> None:
    """A developer sees the commands that are open to developers, grouped, with examples."""
    golden("help_developer", await ask(product))


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (Role.DEVELOPER, {"audit", "platform", "survey"}),
        (Role.MANAGER, {"audit", "platform", "survey"}),
        (Role.AUDITOR, {"platform", "survey"}),
        (Role.PLATFORM_ENGINEER, set()),
    ],
)
async def test_help_hides_what_a_role_may_not_use(role: Role, hidden: set[str], product: CommandSet) -> None:
    """What is closed to a role is not in its list, nor among its buttons."""
    shown = lines(await ask(product, None, role))
    names = {c.name for c in product.commands()}
    assert {name for name in names if f"`{name}" not in shown} == hidden
    assert not any(f"] {name} " in shown for name in hidden)


async def test_help_explains_one_command(product: CommandSet, golden: Golden) -> None:
    """One command's help has its usage, fields, examples and who may."""
    golden("help_audit", await ask(product, "audits", Role.AUDITOR))


async def test_help_tells_who_may_where_the_reader_may_not(product: CommandSet) -> None:
    """Help for a closed command says who may, and offers no button that would be refused."""
    shown = lines(await ask(product, "audit"))
    assert "Who may: platform engineers and auditors" in shown
    assert "Your roles do not open this command." in shown
    assert "[Open audit]" not in shown


async def test_help_for_an_unknown_command_proposes_others(product: CommandSet) -> None:
    """A slip in the name leads to the help that was meant."""
    with pytest.raises(UserError) as caught:
        await ask(product, "servcie")
    assert (caught.value.failure.code, caught.value.failure.suggestions[0]) == (Code.NOT_FOUND, "help service")
