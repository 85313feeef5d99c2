"""Models in the database: read models of what the registry says, and what was asked of it from here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.gateway.tables import MODEL_GATES, MODEL_HISTORY, MODEL_VERSIONS, PROMOTIONS


async def all_models(session: AsyncSession) -> Sequence[Any]:
    """Name, number of versions, latest version and first registration of every model."""
    table = MODEL_VERSIONS.c
    columns = (
        table.model.label("name"),
        func.count().label("versions"),
        func.max(table.version).label("latest_version"),
        func.min(table.registered_at).label("registered_at"),
    )
    return (await session.execute(select(*columns).group_by(table.model).order_by(table.model))).all()


async def has_versions(session: AsyncSession, model: str) -> bool:
    """Whether a version of the model was ever registered."""
    query = select(MODEL_VERSIONS.c.version).where(MODEL_VERSIONS.c.model == model).limit(1)
    return (await session.execute(query)).first() is not None


async def versions_of(session: AsyncSession, model: str, version: int | None = None) -> Sequence[Row[Any]]:
    """A model's versions, the newest first; or the one."""
    query = select(MODEL_VERSIONS).where(MODEL_VERSIONS.c.model == model).order_by(MODEL_VERSIONS.c.version.desc())
    if version is not None:
        query = query.where(MODEL_VERSIONS.c.version == version)
    return (await session.execute(query)).all()


async def gates_of(session: AsyncSession, model: str) -> Sequence[Row[Any]]:
    """The last results of all gates of a model's versions, in the order of their evaluation."""
    query = select(MODEL_GATES).where(MODEL_GATES.c.model == model)
    return (await session.execute(query.order_by(MODEL_GATES.c.sequence, MODEL_GATES.c.gate))).all()


async def history_of(session: AsyncSession, model: str, at: datetime | None = None) -> Sequence[Row[Any]]:
    """A model's changes up to a moment, the oldest first."""
    query = select(MODEL_HISTORY).where(MODEL_HISTORY.c.model == model)
    if at is not None:
        query = query.where(MODEL_HISTORY.c.at <= at)
    return (await session.execute(query.order_by(MODEL_HISTORY.c.sequence, MODEL_HISTORY.c.at))).all()


async def keep(session: AsyncSession, table: Table, **values: Any) -> None:
    """A fact that never changes; a repeat leaves it as it is."""
    await session.execute(insert(table).values(values).on_conflict_do_nothing())


async def keep_gate(session: AsyncSession, **values: Any) -> None:
    """A gate's result, unless a later one is known."""
    statement = insert(MODEL_GATES).values(values)
    keys = [MODEL_GATES.c.model, MODEL_GATES.c.version, MODEL_GATES.c.gate]
    anew = {name: statement.excluded[name] for name in ("sequence", "outcome", "detail", "evaluated_at")}
    later = MODEL_GATES.c.sequence <= statement.excluded.sequence
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew, where=later))


async def find_promotion(session: AsyncSession, promotion_id: UUID) -> Row[Any] | None:
    """A promotion or rollback by its id."""
    return (await session.execute(select(PROMOTIONS).where(PROMOTIONS.c.id == promotion_id))).one_or_none()


async def decide(session: AsyncSession, promotion_id: UUID, state: str, **told: Any) -> None:
    """What became of a request from here."""
    mine = (PROMOTIONS.c.id == promotion_id) & (PROMOTIONS.c.state == "requested")
    await session.execute(update(PROMOTIONS).where(mine).values(state=state, updated_at=func.now(), **told))
