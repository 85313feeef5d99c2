"""Leases of GPUs in PostgreSQL, within the session of one transaction. They run by the database's clock."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.training import JobKind
from babbitt.training.adapters.tables import DEVICE_LEASES
from babbitt.training.application.lease_job import NEED_NO_DEVICE
from babbitt.training.domain.device_pool import DevicePool

NOW = func.clock_timestamp()


class PostgresDevices:
    """Leases of this host's devices; never commits.

    Args:
        pool: of this host.
        offered: those of its devices that no other service computes on now.
    """

    def __init__(
        self, session: AsyncSession, host: str, pool: DevicePool, offered: Callable[[], tuple[str, ...]]
    ) -> None:
        self._session, self._host, self._pool, self._offered = session, host, pool, offered

    async def take(
        self, kind: JobKind, job_id: UUID, attempt: int, holder: str, lease_s: float
    ) -> tuple[str, ...] | None:
        """Devices for an attempt, none where it needs none or this host has none; None: too few are free.

        What is leased and has not run out is nobody else's: the device is the row's key.
        """
        if kind in NEED_NO_DEVICE or not self._pool.names:
            return ()
        taken: list[str] = []
        for device in self._offered():
            if len(taken) < self._pool.at_most and await self._taken(device, job_id, attempt, holder, lease_s):
                taken.append(device)
        if len(taken) >= self._pool.at_least:
            return tuple(taken)
        await free_devices(self._session, job_id, attempt)
        return None

    async def _taken(self, device: str, job_id: UUID, attempt: int, holder: str, lease_s: float) -> bool:
        held = {
            "host": self._host,
            "holder": holder,
            "job": job_id,
            "attempt": attempt,
            "held_until": NOW + timedelta(seconds=lease_s),
        }
        row = insert(DEVICE_LEASES).values(device=device, **held)
        ran_out = DEVICE_LEASES.c.held_until < NOW
        row = row.on_conflict_do_update(index_elements=[DEVICE_LEASES.c.device], set_=held, where=ran_out)
        return (await self._session.execute(row.returning(DEVICE_LEASES.c.device))).first() is not None


async def renew_devices(session: AsyncSession, job_id: UUID, attempt: int, lease_s: float) -> None:
    """Hold an attempt's devices for longer, as its job: whoever holds the one holds the others."""
    until = NOW + timedelta(seconds=lease_s)
    await session.execute(update(DEVICE_LEASES).where(_of(job_id, attempt)).values(held_until=until))


async def free_devices(session: AsyncSession, job_id: UUID, attempt: int) -> None:
    """Let others have an attempt's devices."""
    await session.execute(delete(DEVICE_LEASES).where(_of(job_id, attempt)))


def _of(job_id: UUID, attempt: int) -> ColumnElement[bool]:
    return and_(DEVICE_LEASES.c.job == job_id, DEVICE_LEASES.c.attempt == attempt)
