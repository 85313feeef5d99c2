"""Where an attempt writes down what it does: each entry a transaction, tried again while the database is away."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import limit_silence, transaction
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.datasets import ObjectReference
from babbitt.training.adapters.postgres_devices import free_devices, renew_devices
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.speaking import SOURCE
from babbitt.training.application.advance_study import AdvanceStudy
from babbitt.training.application.complete_job import CompleteJob, Sign, unsigned
from babbitt.training.application.complete_trial import CompleteTrial
from babbitt.training.application.end_attempt import EndAttempt
from babbitt.training.application.fail_job import FailJob
from babbitt.training.application.patience import patiently
from babbitt.training.application.record_checkpoint import RecordCheckpoint
from babbitt.training.application.record_epoch import RecordEpoch
from babbitt.training.application.record_start import RecordStart
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import CheckpointWritten, Completed, Epoch, Evaluated, Progressed, Started, Tried
from babbitt.training.metrics import ATTEMPTS, EPOCHS


class TransactionalBook:
    """Opens a transaction for each entry and calls its use case; raises LeaseLost where the attempt is over.

    Args:
        sessions: of the service's database.
        committed: is told that there may be something to send.
        advance: goes on with studies, within a transaction.
        lease_s: how long a lease is renewed for.
        most_deaths: attempts in a row that may die.
        sign: signs versions.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        committed: Callable[[], None],
        advance: Callable[[AsyncSession], AdvanceStudy],
        *,
        lease_s: float,
        most_deaths: int,
        sign: Sign = unsigned,
    ) -> None:
        self._sessions, self._committed, self._advance = sessions, committed, advance
        self._lease_s, self._most_deaths, self._sign = lease_s, most_deaths, sign

    async def renewed(self, lease: Lease) -> None:
        """It is still at work."""
        await self._write(lease, lambda jobs, _, __: jobs.renew(lease.job_id, lease.attempt, self._lease_s))
        if lease.devices:
            await self._devices(lambda session: renew_devices(session, lease.job_id, lease.attempt, self._lease_s))

    async def started(self, lease: Lease, started: Started) -> None:
        """It begins to learn."""
        await self._write(lease, lambda jobs, outbox, _: RecordStart(jobs, outbox)(lease, started))

    async def epoch(self, lease: Lease, epoch: Epoch) -> None:
        """An epoch is over."""
        if await self._write(
            lease,
            lambda jobs, outbox, advance: RecordEpoch(jobs, outbox, advance.epoch_over, advance.failed)(lease, epoch),
        ):
            EPOCHS.inc()

    async def progressed(self, lease: Lease, progressed: Progressed) -> None:
        """So far it is."""
        await self._write(lease, lambda jobs, outbox, _: RecordEpoch(jobs, outbox).partly(lease, progressed))

    async def checkpoint(
        self, lease: Lease, written: CheckpointWritten, reference: ObjectReference
    ) -> Sequence[ObjectReference]:
        """It can go on from here; the checkpoints that are needed no more."""
        return await self._write(
            lease, lambda jobs, outbox, _: RecordCheckpoint(jobs, outbox)(lease, written, reference)
        )

    async def completed(self, lease: Lease, completed: Completed, stored: Mapping[str, ObjectReference]) -> None:
        """There is a model."""
        await self._write(
            lease, lambda jobs, outbox, _: CompleteJob(jobs, outbox, self._sign)(lease, completed, stored)
        )
        ATTEMPTS.labels("completed").inc()

    async def evaluated(self, lease: Lease, evaluated: Evaluated, stored: Mapping[str, ObjectReference]) -> None:
        """A version was tested."""
        await self._write(lease, lambda jobs, outbox, _: CompleteJob(jobs, outbox).evaluated(lease, evaluated, stored))
        ATTEMPTS.labels("completed").inc()

    async def tried(self, lease: Lease, tried: Tried) -> None:
        """A trial has learnt all that it could."""
        await self._write(lease, lambda jobs, _, advance: CompleteTrial(jobs, advance)(lease, tried))
        ATTEMPTS.labels("completed").inc()

    async def failed(self, lease: Lease, kind: str, reason: str) -> None:
        """There will be no model."""
        await self._write(
            lease, lambda jobs, outbox, advance: FailJob(jobs, outbox, advance.failed)(lease, kind, reason)
        )
        ATTEMPTS.labels("failed").inc()

    async def died(self, lease: Lease, reason: str) -> None:
        """The attempt ended without a word."""
        most = self._most_deaths
        await self._write(
            lease, lambda jobs, outbox, advance: EndAttempt(jobs, outbox, most, advance.failed).died(lease, reason)
        )
        ATTEMPTS.labels("died").inc()

    async def given_back(self, lease: Lease) -> None:
        """The attempt was stopped in good order."""
        await self._write(lease, lambda jobs, outbox, _: EndAttempt(jobs, outbox, self._most_deaths).given_back(lease))
        ATTEMPTS.labels("given_back").inc()

    async def freed(self, lease: Lease) -> None:
        """Others may have its devices."""
        await self._devices(lambda session: free_devices(session, lease.job_id, lease.attempt))

    async def _devices(self, change: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async def once() -> None:
            async with transaction(self._sessions) as session:
                await change(session)

        await patiently(once)

    async def _write[T](self, lease: Lease, entry: Callable[[PostgresJobs, Outbox, AdvanceStudy], Awaitable[T]]) -> T:
        async def once() -> T:
            async with transaction(self._sessions) as session:
                await limit_silence(session, self._lease_s)  # else a stopped process locks its job past its lease
                outbox = Outbox(session, SOURCE, lease.cause)
                written = await entry(PostgresJobs(session), outbox, self._advance(session))
            self._committed()
            return written

        return await patiently(once)
