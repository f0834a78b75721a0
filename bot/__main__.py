"""The command line: `idp demo | serve | check | run <command> | audit verify`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot import VERSION
from bot.settings import LogFormat, Settings, SettingsError, load
from bot.telemetry import log as telemetry
from commands._kit.definition import DefinitionError
from integrations.errors import BackendError, Denied, Unauthenticated

FAILED, WRONG_USE = 1, 2


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError("a port is a number from 0 (any that is free) to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    # `--config` may stand before the subcommand or after it.
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="settings file (default: idp.yaml, or IDP_CONFIG)",
    )
    parser = argparse.ArgumentParser(
        prog="idp", description="The Internal Developer Platform that lives in Slack.", parents=[config]
    )
    parser.add_argument("--version", action="version", version=f"idp {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="a Slack workspace, GitLab and an organisation on this machine")
    demo.add_argument("--port", type=_port, default=8090, help="port of the workspace page (default: 8090)")
    demo.add_argument("--data", type=Path, metavar="DIR", help="keep state here (default: a fresh temporary folder)")
    demo.add_argument("--fast", action="store_true", help="simulated backends answer without their usual delays")
    demo.add_argument(
        "--services", type=int, metavar="N", default=40, help="services in the organisation, up to 20000 (default: 40)"
    )
    demo.add_argument("--socket-mode", action="store_true", help="connect the bot by Socket Mode instead of HTTP")
    commands.add_parser("serve", help="the production process, from idp.yaml and the environment", parents=[config])
    commands.add_parser("check", help="try every configured connection and say how it is", parents=[config])
    run = commands.add_parser("run", help="give a command from this terminal", parents=[config])
    run.add_argument("--yes", action="store_true", help="confirm the plan without asking")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="command ...", help="as after /idp in Slack")
    audit = commands.add_parser("audit", help="look after the audit chain", parents=[config])
    audit.add_argument("action", choices=("verify", "accept"), help="check every link; or accept a restored store")
    audit.add_argument("--reason", default="", help="why a restored store is accepted")
    for name, text in (("test", "all checks, or pytest with arguments"), ("bench", "the benchmarks")):
        commands.add_parser(name, help=text)
    return parser


def _logs(settings: Settings, *, service: bool) -> None:
    """Log as the settings say; what answers on a terminal logs only what went wrong beside its answer."""
    as_json = None if settings.log.format is LogFormat.AUTO else settings.log.format is LogFormat.JSON
    secrets = [settings.slack.bot_token, settings.slack.signing_secret, settings.slack.app_token, settings.audit_key]
    values = [secret.get_secret_value() for secret in secrets if secret is not None]
    level = settings.log.level if service or settings.log.level == "debug" else "error"
    telemetry.configure(as_json=as_json, level=level, secrets=[*values, settings.gitlab.read_token()])


async def _until_stopped(start: Callable[[asyncio.Event], Awaitable[int]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return await start(stop)


async def _serve(settings: Settings, stop: asyncio.Event) -> int:
    from bot.app import serving  # noqa: PLC0415 - the other subcommands start faster without it

    started = False

    async def serve() -> None:
        nonlocal started
        async with serving(settings):
            # What is here now stays. Collections that look at all of it again would stop everything for tens of
            # milliseconds, just when a rush makes many new objects.
            gc.freeze()
            started = True
            await stop.wait()

    serves, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serves, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not started:
            # It may be waiting for Slack, and nothing has been accepted that would have to be finished.
            serves.cancel()
        await serves
    except asyncio.CancelledError:
        if not serves.cancelled():
            raise
    finally:
        stopped.cancel()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return WRONG_USE
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130
    except (SettingsError, DefinitionError, BackendError, OSError) as error:
        return _failed(error, options.command)


def _failed(error: Exception, command: str) -> int:
    """Say on stderr what went wrong and what to do; return the exit status."""
    match error:
        case SettingsError() | DefinitionError():
            lines = str(error).splitlines()
            said = lines[0] if len(lines) == 1 else "\n  ".join(["this cannot work:", *lines])
        case Denied() | Unauthenticated():
            said = f"{error}\nLook with: ./idp check"
        case BrokenPipeError():
            # Whoever read the answer has enough; what Python still wants to flush goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        case OSError():
            said = _told(error, command)
        case _:
            # Chats are not told paths; whoever starts the process needs them.
            path = getattr(error.__cause__, "filename", None)
            said = f"{error} ({path})" if path and str(path) not in str(error) else str(error)
    print(f"idp: {said}", file=sys.stderr)
    return WRONG_USE if isinstance(error, SettingsError | DefinitionError) else FAILED


def _told(error: OSError, command: str) -> str:
    if error.errno == errno.EADDRINUSE:
        another = "--port takes another (0: any that is free)" if command == "demo" else "set another: http.port"
        return f"the port is in use; {another}"
    what = error.strerror or str(error)
    if what == "AF_UNIX path too long":
        return "the path in store.data_dir is too long: the socket in that folder may have about 100 characters"
    return f"{error.filename}: {what}" if error.filename else what


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
    settings = load(getattr(options, "config", None))
    _logs(settings, service=options.command == "serve")
    if options.command == "serve":
        return asyncio.run(_until_stopped(lambda stop: _serve(settings, stop)))
    if options.command == "check":
        from bot.check import check  # noqa: PLC0415 - as above

        return asyncio.run(check(settings))
    if options.command == "audit":
        from bot.audit_tool import accept, verify  # noqa: PLC0415 - as above

        return asyncio.run(verify(settings) if options.action == "verify" else accept(settings, options.reason))
    from bot.run import run  # noqa: PLC0415 - as above

    return asyncio.run(run(settings, options.words, yes=options.yes))


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
