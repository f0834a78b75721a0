"""The command line: `idp demo | serve | check | run <command> | audit verify`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.settings import LogFormat, Settings, SettingsError, load
from bot.telemetry import log as telemetry
from commands._kit.definition import DefinitionError
from integrations.errors import BackendError

FAILED, WRONG_USE = 1, 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="idp", description="The Internal Developer Platform that lives in Slack.")
    parser.add_argument("--config", type=Path, help="settings file (default: idp.yaml, or IDP_CONFIG)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="a Slack workspace, GitLab and an organisation on this machine")
    demo.add_argument("--port", type=int, default=8090, help="port of the workspace page (default: 8090)")
    demo.add_argument("--data", type=Path, help="keep state in this folder (default: a fresh temporary one)")
    demo.add_argument("--fast", action="store_true", help="simulated backends answer without their usual delays")
    demo.add_argument("--services", type=int, default=40, help="services in the organisation, up to 20000")
    demo.add_argument("--socket-mode", action="store_true", help="connect the bot by Socket Mode instead of HTTP")
    commands.add_parser("serve", help="the production process, from idp.yaml and the environment")
    commands.add_parser("check", help="try every configured connection and say how it is")
    run = commands.add_parser("run", help="give a command from this terminal")
    run.add_argument("--yes", action="store_true", help="confirm the plan without asking")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="command", help="as after /idp in Slack")
    audit = commands.add_parser("audit", help="look after the audit chain")
    audit.add_argument("action", choices=("verify", "accept"), help="check every link; or accept a restored store")
    audit.add_argument("--reason", default="", help="why a restored store is accepted")
    for name, text in (("test", "all checks (./idp test)"), ("bench", "the benchmarks (./idp bench)")):
        commands.add_parser(name, help=text)
    return parser


def _logs(settings: Settings) -> None:
    as_json = None if settings.log.format is LogFormat.AUTO else settings.log.format is LogFormat.JSON
    secrets = [settings.slack.bot_token, settings.slack.signing_secret, settings.slack.app_token, settings.audit_key]
    values = [secret.get_secret_value() for secret in secrets if secret is not None]
    telemetry.configure(as_json=as_json, level=settings.log.level, secrets=[*values, settings.gitlab.read_token()])


async def _until_stopped(start: Callable[[asyncio.Event], Awaitable[int]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return await start(stop)


async def _serve(settings: Settings, stop: asyncio.Event) -> int:
    from bot.app import serving  # noqa: PLC0415 - the other subcommands start faster without it

    async with serving(settings):
        await stop.wait()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (SettingsError, DefinitionError) as error:
        print(f"idp: {error}", file=sys.stderr)
        return WRONG_USE
    except BackendError as error:
        print(f"idp: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"idp: {error.strerror or error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    if options.command == "demo":
        from bot.demo.run import Options, demo  # noqa: PLC0415 - simulators are no part of production

        if not 1 <= options.services <= 20_000:
            raise SettingsError("--services takes a number from 1 to 20000")
        wanted = Options(options.port, options.data, options.fast, options.services, options.socket_mode)
        return asyncio.run(_until_stopped(lambda stop: demo(wanted, stop)))
    if options.command in {"test", "bench"}:
        print(f"idp: start it as ./idp {options.command}", file=sys.stderr)
        return WRONG_USE
    settings = load(options.config)
    _logs(settings)
    if options.command == "serve":
        return asyncio.run(_until_stopped(lambda stop: _serve(settings, stop)))
    if options.command == "check":
        from bot.check import check  # noqa: PLC0415

        return asyncio.run(check(settings))
    if options.command == "audit":
        from bot.audit_tool import accept, verify  # noqa: PLC0415

        return asyncio.run(verify(settings) if options.action == "verify" else accept(settings, options.reason))
    from bot.run import run  # noqa: PLC0415

    return asyncio.run(run(settings, options.words, yes=options.yes))


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
