"""What models were trained on, in PostgreSQL, within the session of one transaction."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.signals.adapters.tables import LINEAGE


class PostgresLineage:
    """Which versions need which datasets; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def trained(self, model: str, version: int, dataset_id: str) -> None:
        """A version was trained on a dataset; a repeat changes nothing."""
        row = insert(LINEAGE).values(model=model, version=version, dataset_id=dataset_id)
        await self._session.execute(row.on_conflict_do_nothing())

    async def retired(self, model: str, version: int) -> None:
        """A version needs its dataset no more."""
        its = (LINEAGE.c.model == model) & (LINEAGE.c.version == version)
        await self._session.execute(update(LINEAGE).where(its).values(retired=True))

    async def needing(self, dataset_id: str) -> Sequence[str]:
        """The versions that need a dataset, such as `pump@3`, in order."""
        query = select(LINEAGE.c.model, LINEAGE.c.version).where(LINEAGE.c.dataset_id == dataset_id, ~LINEAGE.c.retired)
        rows = await self._session.execute(query.order_by(LINEAGE.c.model, LINEAGE.c.version))
        return [f"{row.model}@{row.version}" for row in rows]
