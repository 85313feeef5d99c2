"""Workers: each looks for a job, runs it to its end, and looks for the next."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.logs import logger
from babbitt.chassis.telemetry import span
from babbitt.training.application.attempt_ports import Book
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.domain.lease import Lease
from babbitt.training.errors import LeaseLost
from babbitt.training.metrics import RUNNING

_LOG = logger(__name__)


class Worker:
    """Runs one job after the other until it is cancelled; then it gives back what it has.

    Args:
        sessions: of the service's database.
        lease_job: takes up a job, within a transaction.
        committed: is told that there may be something to send.
        book: where it is written down that an attempt ended by a bug.
        run_job: runs an attempt.
        poll_s: how often it looks for a job while it has none.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        lease_job: Callable[[AsyncSession], LeaseJob],
        committed: Callable[[], None],
        book: Book,
        run_job: Callable[[Lease], Awaitable[None]],
        poll_s: float,
    ) -> None:
        self._sessions, self._lease_job, self._committed = sessions, lease_job, committed
        self._book, self._run_job, self._poll_s = book, run_job, poll_s

    async def run(self) -> None:
        """Until it is cancelled, which an attempt that fails at the same moment may keep to itself."""
        this = asyncio.current_task()
        while not (this and this.cancelling()):
            try:
                lease = await self._lease()
            except Unavailable as error:
                _LOG.info("no job is looked for", reason=str(error))
                lease = None
            if lease is None:
                await asyncio.sleep(self._poll_s)
            else:
                await self._run(lease)

    async def _lease(self) -> Lease | None:
        async with transaction(self._sessions) as session:
            lease = await self._lease_job(session)()
        self._committed()
        return lease

    async def _run(self, lease: Lease) -> None:
        log = _LOG.bind(job=str(lease.job_id), attempt=lease.attempt)
        log.info(
            "took a job", kind=lease.kind, goes_on_from=str(lease.checkpoints[-1].place) if lease.checkpoints else None
        )
        with RUNNING.track_inprogress(), span("train job", parent=lease.cause.traceparent):
            try:
                await self._run_job(lease)
            except Exception as error:  # the process's edge: a bug ends the attempt, not the worker
                log.exception("an attempt failed")
                await self._died(lease, _told(error))
        log.info("done with a job")

    async def _died(self, lease: Lease, reason: str) -> None:
        try:
            await self._book.died(lease, reason)
        except LeaseLost as error:
            _LOG.warning("stopped without a word", reason=str(error))


def _told(error: Exception) -> str:
    """The error's name and message; of a task group's, the first one's that it holds."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
