"""What the process does of its own accord: reads rights and the catalogue again, and removes what has had its time.

A backend that is away delays it and harms nothing: what was read before stands until its own limit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.catalogue.refresh import CatalogueRefresh
from bot.membership import Memberships
from bot.schedule import Schedule
from bot.settings import CatalogueSettings
from bot.telemetry.metrics import Metrics
from integrations.errors import BackendError
from integrations.store import Store

MEMBERSHIPS_EVERY = timedelta(seconds=60)
SWEEP_EVERY = timedelta(hours=1)
log = structlog.get_logger(__name__)


class Upkeep:
    """`changed` is called after each refresh of the catalogue, for whoever shows what is in it."""

    def __init__(
        self,
        store: Store,
        memberships: Memberships,
        refresh: CatalogueRefresh,
        metrics: Metrics,
        clock: Callable[[], datetime],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._memberships = memberships
        self._refresh = refresh
        self._metrics = metrics
        self._clock = clock
        self._changed = changed

    async def rights(self) -> None:
        """Read the groups that own services or give a role."""
        complete = await self._memberships.refresh(await self._store.catalogue.teams())
        if not complete:
            log.warning("GitLab did not tell all groups; roles from groups are missing until it does")

    async def catalogue(self, *, full: bool = False) -> None:
        """Read the projects that have changed, or all of them. Raises BackendError where GitLab or the store fails."""
        report = await self._refresh.run(full=full)
        self._metrics.catalogue_refreshed(report.began_at)
        await self._changed()

    async def first(self) -> None:
        """Fill the catalogue after the start, then read the groups that own what is in it."""
        try:
            await self.catalogue()
            await self.rights()
        except BackendError as error:
            log.warning("the catalogue could not be refreshed", error=str(error))
        await self._changed()

    def schedule(self, settings: CatalogueSettings) -> Schedule:
        """Start doing all of it again and again; return what stops it."""
        schedule = Schedule()
        schedule.every(MEMBERSHIPS_EVERY, "memberships", self.rights)
        schedule.every(settings.refresh, "catalogue", self.catalogue)
        schedule.every(settings.full_refresh, "whole catalogue", lambda: self.catalogue(full=True))
        schedule.every(SWEEP_EVERY, "sweep", lambda: self._store.sweep(self._clock()))
        schedule.start()
        return schedule
