from __future__ import annotations

from datetime import date
from typing import Annotated, Protocol

import pytest
from pydantic import BaseModel, Field

from commands import discover
from commands._kit.context import StepContext
from commands._kit.definition import DefinitionError
from commands._kit.discover import CommandSet, collect
from commands._kit.fields import FromPlace, LongText, Named, Options
from commands._kit.plan import step
from tests.commands.kit.samples import Deploy, Find, Nothing, define, module


class Wanted(Protocol):
    """A port that nobody provides."""


class Inner(BaseModel):
    value: int = 0


def test_public_modules_give_the_commands() -> None:
    """Commands are found without a registry, and an unknown port is refused with the command's name."""
    with pytest.raises(DefinitionError, match=r"parameter '\w+' wants \w+, which is no port; ports are none"):
        discover(())


@pytest.mark.parametrize("name", ["deploy", "deploys", "DEPLOY", "ship", "ships", " deploy "])
def test_singular_plural_and_aliases_find_a_command(name: str, commands: CommandSet) -> None:
    """A command answers to its name and aliases, in the singular and the plural, in any case."""
    found = commands.find(name)
    assert found is not None
    assert found.name == "deploy"


@pytest.mark.parametrize("name", ["", "s", "deployss", "nothing"])
def test_other_words_find_nothing(name: str, commands: CommandSet) -> None:
    """A word that names no command finds none."""
    assert commands.find(name) is None


def test_commands_come_by_section_and_name(commands: CommandSet) -> None:
    """The order is that of help: sections first, names within."""
    assert [c.name for c in commands.commands()] == ["deploy", "everything", "find", "set", "ci lint", "help", "say"]


def test_the_same_command_seen_in_two_modules_is_one() -> None:
    """A command that another module imports is not defined twice."""
    command = define("one", Nothing)
    assert collect([module(a=command), module(b=command)], ()).commands() == (command,)


def test_two_commands_of_one_name_are_refused() -> None:
    """Names and aliases are unique; the message names both commands."""
    taken = module(a=define("deploy", Deploy), b=define("launch", Find, aliases=("deploy",)))
    with pytest.raises(DefinitionError, match="command launch: the name 'deploy' is taken by command deploy"):
        collect([taken], ())


@pytest.mark.parametrize("name", ["Deploy", "roll_back", "-x", "a b c", ""])
def test_a_name_that_cannot_be_typed_is_refused(name: str) -> None:
    """Names are lower case words with hyphens, two at most."""
    with pytest.raises(DefinitionError, match="is no name"):
        collect([module(a=define(name, Nothing))], ())


def test_an_unknown_port_is_refused() -> None:
    """A handler may ask for known ports only."""
    with pytest.raises(DefinitionError, match="command x: parameter 'port' wants Wanted, which is no port"):
        collect([module(a=define("x", Nothing, ports={"port": Wanted}))], (int,))


def test_a_step_with_an_unknown_port_is_refused() -> None:
    """Steps are held to the same ports."""

    @step
    async def act(args: Inner, ctx: StepContext, port: Wanted) -> Inner:
        """Act."""
        del ctx, port
        return args

    assert act.name == "test_discover.act"
    with pytest.raises(DefinitionError, match=r"step test_discover.act: parameter 'port' wants Wanted"):
        collect([module(a=act)], ())
    assert collect([module(a=act)], (Wanted,)).steps == {"test_discover.act": act}


def test_a_step_whose_port_is_not_annotated_is_refused() -> None:
    """A wrong step is told like a wrong command: in one sentence that names it."""
    with pytest.raises(DefinitionError, match=r"step test_discover.act: parameter 'port' names no port"):

        @step
        async def act(args: Inner, ctx: StepContext, port) -> Inner:  # type: ignore[no-untyped-def]  # noqa: ANN001 - that is the point
            """Act."""
            del ctx, port
            return args


def test_a_step_that_returns_no_model_is_refused() -> None:
    """What a step returns is stored, so it is a model."""
    with pytest.raises(DefinitionError, match=r"step test_discover.act: it must return a pydantic model"):

        @step  # type: ignore[type-var]  # that is the point
        async def act(args: Inner, ctx: StepContext) -> str:
            """Act."""
            del ctx
            return str(args)


class Unknown(BaseModel):
    value: Annotated[str, Options("planets")] = Field(description="x")


class Away(BaseModel):
    value: Annotated[str, FromPlace("planet")] = Field(description="x")


class LongShort(BaseModel):
    value: Annotated[str, Named("xy")] = Field(description="x")


class Twice(BaseModel):
    first: Annotated[str, Named("x")] = Field(description="x")
    second: Annotated[str, Named("x")] = Field(description="x")


class AfterRest(BaseModel):
    text: LongText = Field(description="x")
    more: str = Field(description="x")


class Bare(BaseModel):
    value: str


class Nested(BaseModel):
    value: Inner = Field(description="x")


class Several(BaseModel):
    value: int | date = Field(description="x")


class Listed(BaseModel):
    value: list[str] = Field(description="x")


@pytest.mark.parametrize(
    ("request_model", "message"),
    [
        (
            Unknown,
            "no source of options is called 'planets'; there are commands, lifecycles, services, teams",
        ),
        (Away, "command x: field value: a place has no 'planet'"),
        (LongShort, "command x: field value: a short flag is one letter, not 'xy'"),
        (Twice, "command x: field second: 'x' also names field first"),
        (AfterRest, "command x: field more: field text before it takes all words; mark this one Named"),
        (Bare, "command x: field value has no description"),
        (Nested, "command x: field value is .*; requests are flat"),
        (Several, "command x: field value: a field has one type, or one type and None"),
        (Listed, "command x: field value is .*; requests are flat"),
    ],
)
def test_a_request_that_cannot_be_typed_or_drawn_is_refused(request_model: type[BaseModel], message: str) -> None:
    """What is wrong with a request model is found at start-up, and told with command and field."""
    with pytest.raises(DefinitionError, match=message):
        collect([module(a=define("x", request_model))], ())
