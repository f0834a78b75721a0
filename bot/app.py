"""The composition root: settings -> backends -> dispatch -> front ends, all owned by one AsyncExitStack.

On SIGTERM readiness goes false first, nothing new starts, what runs finishes within the deadline, and what is left is
named in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from bot import clock as wall
from bot.audit import Recorder
from bot.catalogue.refresh import CatalogueRefresh
from bot.dispatch import Dispatch
from bot.failures import Failures
from bot.frontends.slack import home
from bot.frontends.slack.bolt import build, responder
from bot.frontends.slack.deliver import Delivery
from bot.frontends.slack.events import Events
from bot.frontends.slack.front import Front
from bot.frontends.slack.guard import Guard, Respond
from bot.frontends.slack.notices import Notices
from bot.frontends.slack.once import Once
from bot.frontends.slack.present import Presenter
from bot.frontends.slack.socket import Socket
from bot.frontends.terminal import TerminalServer
from bot.identity import Identity
from bot.index import Index
from bot.limits import RateLimit
from bot.membership import Memberships
from bot.operations import Engine
from bot.outbox import Courier
from bot.pace import Pace
from bot.platform import Process
from bot.rights import Rights
from bot.settings import Settings
from bot.tasks import Tasks
from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics
from bot.upkeep import Upkeep
from commands import discover
from commands._kit.discover import CommandSet
from commands._kit.ports import CommandIndex, Platform
from commands._kit.roles import Role
from integrations.errors import Unavailable
from integrations.gitlab import GitLab
from integrations.gitlab.client import GitLabClient
from integrations.slack import Install
from integrations.slack.client import WebSlack
from integrations.slack.client import connect as connect_slack
from integrations.slack.scopes import disabled as disabled_features
from integrations.slack.scopes import missing as missing_scopes
from integrations.slack.settings import Mode
from integrations.store import AuditLog, Catalogue, Feedback, Preferences, Store
from integrations.store.sqlite.client import open_store

STOPPING = "stopping"
# aiohttp's own hour would let anybody collect connections; proxies keep theirs for about a minute.
IDLE = 75.0
LINGER = 2.0
DEFAULT_PACE = Pace()
PORTS: tuple[type[Any], ...] = (Catalogue, AuditLog, Preferences, Feedback, GitLab, CommandIndex, Platform)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    """The process without its front ends: what a terminal command needs as much as Slack does."""

    settings: Settings
    store: Store
    slack: WebSlack
    gitlab: GitLab
    dispatch: Dispatch
    engine: Engine
    presenter: Presenter
    notices: Notices
    memberships: Memberships
    refresh: CatalogueRefresh
    process: Process
    failures: Failures
    metrics: Metrics
    tasks: Tasks
    courier: Courier


def command_set() -> CommandSet:
    """Return all commands. Raises DefinitionError where one is defined wrongly."""
    return discover(PORTS)


def _grantors(settings: Settings) -> dict[Role, str]:
    """Return, per role, who can give it: the owners of the first group that grants it."""
    return {
        role: f"An owner of the GitLab group {setting.gitlab_groups[0]} can add you to it"
        for role, setting in settings.roles.items()
        if setting.gitlab_groups
    }


@asynccontextmanager
async def core(
    settings: Settings, clock: Callable[[], datetime] = wall.now, pace: Pace = DEFAULT_PACE
) -> AsyncIterator[Core]:
    """Yield the wired process; everything is closed in reverse order at the end."""
    metrics, tasks, failures = Metrics(), Tasks(), Failures(clock)
    commands = await asyncio.to_thread(command_set)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(connect_slack(settings.slack, metrics.observer("slack")))
        gitlab = GitLabClient(settings.gitlab, observe=metrics.observer("gitlab"))
        stack.push_async_callback(gitlab.close)
        key = settings.audit_key.get_secret_value().encode()
        store = await open_store(settings.store, key=key, clock=clock)
        stack.push_async_callback(store.close)
        role_groups = [g for setting in settings.roles.values() for g in setting.gitlab_groups]
        memberships = Memberships(gitlab, role_groups, clock)
        identity = Identity(slack, memberships, settings, clock)
        rights = Rights(settings.permissions, store.catalogue, _grantors(settings), commands)
        hosts = settings.gitlab.link_hosts | settings.slack.link_hosts
        presenter = Presenter(commands, hosts, clock)
        notices = Notices(presenter, store)
        courier = Courier(store.outbox, slack, clock, pace.outbox)
        probes = {"store": store.probe, "slack": slack.probe, "gitlab": gitlab.probe}
        read_only = {"store": lambda: store.read_only}

        async def running() -> int:
            return len(tasks)

        async def unknown() -> int:
            """Return how many changes have begun and not ended; those of no running task are to be looked into."""
            return len(await store.audit.open_intents())

        queues = {"outbox": store.outbox.waiting, "tasks": running, "open intents": unknown}
        process = Process(probes, queues, failures, clock, read_only)
        ports: dict[type[Any], Any] = {
            Catalogue: store.catalogue,
            AuditLog: store.audit,
            Preferences: store.preferences,
            Feedback: store.feedback,
            GitLab: gitlab,
            CommandIndex: Index(commands, rights),
            Platform: process,
        }

        engine = Engine(store.operations, commands.steps, ports, clock, notices.outgoings, failures.describe)
        dispatch = Dispatch(
            commands,
            ports,
            identity,
            rights,
            store,
            engine,
            Recorder(store.audit, clock, metrics),
            failures,
            RateLimit(settings.limits.per_minute, settings.limits.burst, time.monotonic),
            metrics,
            clock,
        )
        refresh = CatalogueRefresh(gitlab, store.catalogue, clock, file=settings.catalogue.file)
        yield Core(
            settings,
            store,
            slack,
            gitlab,
            dispatch,
            engine,
            presenter,
            notices,
            memberships,
            refresh,
            process,
            failures,
            metrics,
            tasks,
            courier,
        )


@dataclass(slots=True)
class Readiness:
    """Why the process takes no requests now; empty where it does."""

    reason: str = "starting"


@dataclass(slots=True)
class Entry:
    """Where Slack delivers: open from the start, so that health can be asked while the process waits for Slack."""

    guard: Guard | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Hand the delivery to the guard; before there is one, 503, which Slack tries again."""
        if self.guard is None:
            return web.Response(status=503, text="starting")
        return await self.guard.handle(request)


@dataclass(frozen=True, slots=True)
class Serving:
    """The running process and the port that it listens on."""

    core: Core
    port: int


@asynccontextmanager
async def serving(
    settings: Settings, clock: Callable[[], datetime] = wall.now, pace: Pace = DEFAULT_PACE
) -> AsyncIterator[Serving]:
    """Yield the process once it serves; on leaving, drain and close. Raises BackendError where Slack does not accept
    the credentials.
    """
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(core(settings, clock, pace))
        readiness, entry = Readiness(), Entry()
        site = web.Application()
        if settings.slack.mode is Mode.HTTP:
            site.router.add_post("/slack/events", entry.handle)
        Health(parts.process.health, lambda: readiness.reason, parts.metrics, queues=parts.process.queues).add_to(site)
        port = await _listen(stack, site, settings)
        once = Once(parts.store.keys, clock)
        await once.load()
        front = Front(
            parts.dispatch,
            parts.slack,
            parts.store,
            parts.presenter,
            Delivery(parts.slack, parts.store, parts.presenter, pace),
            once,
            parts.tasks,
            parts.failures,
            clock,
        )
        install = await _install(parts.slack)
        parts.process.disabled.update(_withheld(install))

        def stop_workspace(reason: str) -> None:
            parts.dispatch.stopped = f"{reason}."
            parts.courier.stopped = True
            readiness.reason = reason
            log.error("the workspace is stopped", reason=reason)

        events = Events(front, install, stop_workspace)
        token = settings.slack.bot_token.get_secret_value()
        bolt = await asyncio.to_thread(build, front, events, install, parts.slack.tokenless, token)
        if settings.slack.mode is Mode.HTTP:
            entry.guard = _guard(settings, front, responder(bolt), readiness)
        terminal = TerminalServer(parts.dispatch, settings.store.data_dir / "idp.sock", parts.tasks)
        await stack.enter_async_context(terminal.listening())
        await stack.enter_async_context(front.courtesy.kept())
        _run_beside(stack, {"remember deliveries": once.flush_forever(), "outbox": parts.courier.run()})
        upkeep = Upkeep(
            parts.store, parts.memberships, parts.refresh, parts.metrics, clock, lambda: home.changed(front)
        )
        await upkeep.rights()
        schedule = upkeep.schedule(settings.catalogue)
        stack.callback(schedule.stop)
        if settings.slack.mode is Mode.SOCKET:
            assert settings.slack.app_token is not None
            app_token = settings.slack.app_token.get_secret_value()
            socket = Socket(bolt, app_token, once, lambda: readiness.reason == STOPPING, front.courtesy.arrived)
            await stack.enter_async_context(socket.connected())
        front.spawn(_resume(parts.dispatch, parts.notices), "resume operations")
        front.spawn(upkeep.first(), "first catalogue refresh")
        readiness.reason = ""
        log.info("ready", port=port, mode=settings.slack.mode.value)
        try:
            yield Serving(parts, port)
        finally:
            readiness.reason = STOPPING
            log.info("stopping", running=len(parts.tasks))
            schedule.stop()
            await parts.tasks.drain(settings.shutdown.total_seconds())


def _guard(settings: Settings, front: Front, respond: Respond, readiness: Readiness) -> Guard:
    assert settings.slack.signing_secret is not None
    secret = settings.slack.signing_secret.get_secret_value()
    return Guard(
        lambda: secret,
        front.once,
        respond,
        front.clock,
        reason=lambda: readiness.reason,
        arrived=front.courtesy.arrived,
    )


def _run_beside(stack: AsyncExitStack, work: Mapping[str, Coroutine[Any, Any, None]]) -> None:
    """Start what runs for as long as the process does; the stack ends it."""
    tasks = [asyncio.create_task(one, name=name) for name, one in work.items()]

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(end)


async def _install(slack: WebSlack) -> Install:
    """Return who the bot is, waiting for Slack where it is away. Raises BackendError for wrong credentials."""
    wait = 1.0
    while True:
        try:
            return await slack.install()
        except Unavailable as error:
            log.warning("waiting for Slack", error=str(error), seconds=wait)
            await asyncio.sleep(error.retry_after or wait)
            wait = min(wait * 2, 30.0)


def _withheld(install: Install) -> dict[str, str]:
    """Return the features that are off because an administrator declined their scopes, each with why; what is lacking
    and may not be is for the log, because nobody is served until it is granted.
    """
    if required := missing_scopes(install.scopes):
        log.error("the bot token lacks scopes; look with ./idp check", scopes=[scope.name for scope in required])
    lacking = disabled_features(install.scopes).items()
    return {feature.value: "withheld: " + ", ".join(scope.name for scope in scopes) for feature, scopes in lacking}


def site_runner(site: web.Application, idle: float = IDLE) -> web.AppRunner:
    """Return the server, which closes a connection on which no request has arrived for `idle` seconds, and soon after
    an answer one whose request goes on.
    """
    linger = min(idle, LINGER)
    return web.AppRunner(site, access_log=None, shutdown_timeout=1.0, keepalive_timeout=idle, lingering_time=linger)


async def _listen(stack: AsyncExitStack, site: web.Application, settings: Settings) -> int:
    runner = site_runner(site)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.http.host, settings.http.port).start()
    return int(runner.addresses[0][1])


async def _resume(dispatch: Dispatch, notices: Notices) -> None:
    """Finish what an earlier process left, and tell whoever asked."""
    count = await dispatch.resume(notices.outcome)
    if count:
        log.info("operations of an earlier process were finished", count=count)
