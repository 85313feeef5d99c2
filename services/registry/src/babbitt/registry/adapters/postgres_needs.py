"""What pending jobs need, in PostgreSQL, within one transaction."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.registry.adapters.tables import PENDING_NEEDS


class PostgresNeeds:
    """The port `Needs`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, job_id: UUID, model: str, versions: Collection[int]) -> None:
        """As the port says."""
        rows = [{"job_id": job_id, "model": model, "version": number} for number in versions]
        if rows:
            await self._session.execute(insert(PENDING_NEEDS).values(rows).on_conflict_do_nothing())

    async def drop(self, job_id: UUID) -> None:
        """As the port says."""
        await self._session.execute(delete(PENDING_NEEDS).where(PENDING_NEEDS.c.job_id == job_id))


async def needs_of(session: AsyncSession, model: str) -> dict[int, frozenset[UUID]]:
    """By version of a model, the pending jobs that read it."""
    rows = await session.execute(
        select(PENDING_NEEDS.c.version, PENDING_NEEDS.c.job_id).where(PENDING_NEEDS.c.model == model)
    )
    found: dict[int, frozenset[UUID]] = {}
    for version, job_id in rows:
        found[version] = found.get(version, frozenset()) | {job_id}
    return found
