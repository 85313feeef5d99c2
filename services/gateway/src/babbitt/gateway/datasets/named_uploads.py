"""Which uploads datasets name."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import transaction
from babbitt.gateway.datasets.schemas import IN_PROGRESS
from babbitt.gateway.tables import DATASETS

_DIGESTS = cast("$.source.files[*].sha256", JSONPATH)


async def named_uploads(sessions: async_sessionmaker[AsyncSession], since: datetime) -> AbstractSet[str] | None:
    """As `named_within`, in a transaction of its own."""
    async with transaction(sessions) as session:
        return await named_within(session, since)


async def named_within(session: AsyncSession, since: datetime) -> AbstractSet[str] | None:
    """Digests that are named by datasets that are being made, or were heard of since a moment.

    None: a dataset is being made that was asked for elsewhere, and nobody here knows what it names.
    """
    making: ColumnElement[bool] = DATASETS.c.state.in_(IN_PROGRESS)
    unknown = select(DATASETS.c.id).where(making, DATASETS.c.configuration.is_(None)).limit(1)
    if (await session.execute(unknown)).one_or_none():
        return None
    digests: ColumnElement[str] = func.jsonb_path_query(DATASETS.c.configuration, _DIGESTS, type_=JSONB())
    named = select(digests.label("sha256")).where(making | (DATASETS.c.updated_at > since)).distinct()
    return frozenset((await session.execute(named)).scalars())
