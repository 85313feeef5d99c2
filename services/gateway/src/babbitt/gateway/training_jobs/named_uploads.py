"""Which uploads imports of models name."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.gateway.tables import TRAINING_JOBS
from babbitt.gateway.training_jobs.schemas import ENDED


async def imported_uploads(sessions: async_sessionmaker[AsyncSession], since: datetime) -> AbstractSet[str] | None:
    """As `imported_within`, in a transaction of its own."""
    async with transaction(sessions) as session:
        return await imported_within(session, since)


async def imported_within(session: AsyncSession, since: datetime) -> AbstractSet[str] | None:
    """Digests that are named by imports that have not ended, or were heard of since a moment.

    None: one has not that was asked for elsewhere, and nobody here knows what it names.
    """
    columns = TRAINING_JOBS.c
    goes_on: ColumnElement[bool] = columns.state.not_in(ENDED)
    digest: ColumnElement[str | None] = columns.request["artifact"]["sha256"].astext
    wanted = select(digest.label("sha256"), goes_on.label("goes_on")).where(
        columns.kind == "import", goes_on | (columns.updated_at > since)
    )
    found = (await session.execute(wanted.distinct())).all()
    if any(row.goes_on and row.sha256 is None for row in found):
        return None
    return frozenset(row.sha256 for row in found if row.sha256)
