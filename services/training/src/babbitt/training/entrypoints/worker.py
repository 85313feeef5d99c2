"""Workers: each looks for a job, runs it to its end, and looks for the next."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.telemetry import span
from babbitt.training.adapters.postgres_datasets import PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.speaking import answering
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.application.ports import Book
from babbitt.training.domain.lease import Lease
from babbitt.training.errors import LeaseLost
from babbitt.training.metrics import RUNNING
from babbitt.training.settings import TrainingSettings

_LOG = logger(__name__)


class Worker:
    """Runs one job after the other until it is cancelled; then it gives back what it has.

    Args:
        settings: the service's.
        name: of the worker, unique in the installation.
        sessions: of the service's database.
        committed: is told that there may be something to send.
        book: where it is written down that an attempt ended by a bug.
        run_job: runs an attempt.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        name: str,
        sessions: async_sessionmaker[AsyncSession],
        committed: Callable[[], None],
        book: Book,
        run_job: Callable[[Lease], Awaitable[None]],
    ) -> None:
        self._settings, self._name, self._sessions = settings, name, sessions
        self._committed, self._book, self._run_job = committed, book, run_job

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                lease = await self._lease()
            except Unavailable as error:
                _LOG.info("no job is looked for", reason=str(error))
                lease = None
            if lease is None:
                await asyncio.sleep(self._settings.poll_s)
            else:
                await self._run(lease)

    async def _lease(self) -> Lease | None:
        async with transaction(self._sessions) as session:
            lease_job = LeaseJob(
                PostgresJobs(session),
                PostgresDatasets(session),
                answering(session),
                holder=self._name,
                lease_s=self._settings.lease_s,
                most_deaths=self._settings.attempts,
            )
            lease = await lease_job()
        self._committed()
        return lease

    async def _run(self, lease: Lease) -> None:
        log = _LOG.bind(job=str(lease.job_id), attempt=lease.attempt)
        log.info(
            "took a job", preset=lease.request.preset, from_epoch=lease.checkpoint.epoch if lease.checkpoint else 0
        )
        with RUNNING.track_inprogress(), span("train job", parent=lease.cause.traceparent):
            try:
                await self._run_job(lease)
            except Exception as error:  # the process's edge: a bug ends the attempt, not the worker
                log.exception("an attempt failed")
                await self._died(lease, f"{type(error).__name__}: {error}")
        log.info("done with a job")

    async def _died(self, lease: Lease, reason: str) -> None:
        try:
            await self._book.died(lease, reason)
        except LeaseLost as error:
            _LOG.warning("stopped without a word", reason=str(error))
