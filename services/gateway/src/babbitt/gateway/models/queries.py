"""Models in the database: read models of what the registry says, and what was asked of it from here."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Table, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.gateway.tables import (
    MODEL_GATES,
    MODEL_HISTORY,
    MODEL_POLICIES,
    MODEL_VERSIONS,
)

CHANGES = (MODEL_HISTORY.c.sequence, MODEL_HISTORY.c.at, MODEL_HISTORY.c.event_id)
"""The order of a model's changes."""

GATE_FACTS = ("sequence", "outcome", "detail", "measured", "champion", "evaluated_at")


def all_models() -> Select[Any]:
    """Name, number of versions, latest version and first registration of every model."""
    table = MODEL_VERSIONS.c
    columns: list[ColumnElement[Any]] = [
        table.model,
        func.count().label("versions"),
        func.max(table.version).label("latest_version"),
        func.min(table.registered_at).label("registered_at"),
    ]
    return select(*columns).group_by(table.model)


async def find_model(session: AsyncSession, model: str) -> Row[Any] | None:
    """One of `all_models`."""
    return (await session.execute(all_models().where(MODEL_VERSIONS.c.model == model))).one_or_none()


async def has_versions(session: AsyncSession, model: str) -> bool:
    """Whether a version of the model was ever registered."""
    query = select(MODEL_VERSIONS.c.version).where(MODEL_VERSIONS.c.model == model).limit(1)
    return (await session.execute(query)).first() is not None


def versions_of(model: str) -> Select[Any]:
    """A model's versions."""
    return select(MODEL_VERSIONS).where(MODEL_VERSIONS.c.model == model)


async def gates_of(session: AsyncSession, model: str, versions: Collection[int]) -> Sequence[Row[Any]]:
    """The last results of all gates of some versions, in the order of their evaluation."""
    query = select(MODEL_GATES).where(MODEL_GATES.c.model == model, MODEL_GATES.c.version.in_(versions))
    return (await session.execute(query.order_by(MODEL_GATES.c.sequence, MODEL_GATES.c.gate))).all()


async def retirements_of(session: AsyncSession, model: str, versions: Collection[int]) -> dict[int, datetime]:
    """When those of some versions that are out of use went out of it."""
    retired = history_of(model).where(MODEL_HISTORY.c.kind == "retired", MODEL_HISTORY.c.version.in_(versions))
    return {row.version: row.at for row in (await session.execute(retired)).all()}


def history_of(model: str, at: datetime | None = None) -> Select[Any]:
    """A model's changes up to a moment."""
    query = select(MODEL_HISTORY).where(MODEL_HISTORY.c.model == model)
    return query if at is None else query.where(MODEL_HISTORY.c.at <= at)


async def standing_at(session: AsyncSession, model: str, at: datetime | None = None) -> Sequence[Row[Any]]:
    """The changes by which a model's aliases pointed where they did at a moment, by alias."""
    alias = MODEL_HISTORY.c.alias
    moved = history_of(model, at).where(alias.is_not(None)).ext(distinct_on(alias))
    last = (await session.execute(moved.order_by(alias, *(column.desc() for column in CHANGES)))).all()
    return [row for row in last if row.kind != "alias_removed"]


async def pointed_at(session: AsyncSession, model: str, alias: str) -> int:
    """The version that an alias points at by what was heard; 0: none."""
    return next((row.version for row in await standing_at(session, model) if row.alias == alias), 0)


async def keep(session: AsyncSession, table: Table, **values: Any) -> None:
    """A fact that never changes; a repeat leaves it as it is."""
    await session.execute(insert(table).values(values).on_conflict_do_nothing())


async def keep_gate(session: AsyncSession, **values: Any) -> None:
    """A gate's result, unless a later one is known."""
    statement = insert(MODEL_GATES).values(values)
    keys = [MODEL_GATES.c.model, MODEL_GATES.c.version, MODEL_GATES.c.gate]
    anew = {name: statement.excluded[name] for name in GATE_FACTS}
    later = MODEL_GATES.c.sequence <= statement.excluded.sequence
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew, where=later))


async def keep_policy(session: AsyncSession, **values: Any) -> None:
    """A model's rules, unless later ones are known."""
    statement = insert(MODEL_POLICIES).values(values)
    anew = {name: statement.excluded[name] for name in values if name != "model"}
    later = MODEL_POLICIES.c.sequence <= statement.excluded.sequence
    await session.execute(statement.on_conflict_do_update(index_elements=["model"], set_=anew, where=later))


async def find_policy(session: AsyncSession, model: str) -> Row[Any] | None:
    """A model's rules, where they were told."""
    told = select(MODEL_POLICIES, MODEL_POLICIES.c.sequence.label("revision"))
    return (await session.execute(told.where(MODEL_POLICIES.c.model == model))).one_or_none()


async def decide(session: AsyncSession, table: Table, request_id: UUID, state: str, **told: Any) -> None:
    """What became of a request from here."""
    mine = (table.c.id == request_id) & (table.c.state == "requested")
    await session.execute(update(table).where(mine).values(state=state, updated_at=func.now(), **told))
