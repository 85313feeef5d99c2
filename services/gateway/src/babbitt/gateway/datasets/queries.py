"""Datasets in the database: what was asked for here, moved on by what `signals` says."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.gateway.datasets.catalogue import catalogue
from babbitt.gateway.errors import Conflict, NotFound
from babbitt.gateway.tables import DATASETS
from babbitt.gateway.texts import is_plain

_ALIVE = ("requested", "building", "ready")
UNTOLD: Mapping[str, Any] = dict.fromkeys(("manifest", "data_spec", "split_kind", "counts", "size_bytes", "report")) | {
    "findings": [],
    "split_in_time": [],
}
"""What only a ready dataset has: one that ended, or is being made anew, has nothing of what was told before."""


async def request_dataset(
    session: AsyncSession, configuration: DatasetConfiguration, label: str | None, request_id: str, requested_by: str
) -> None:
    """Take note of a request. A dataset that is there, or being made, stays as it is; others begin anew."""
    values = {
        "id": configuration.dataset_id(),
        "state": "requested",
        "request_id": request_id,
        "configuration": configuration.model_dump(mode="json"),
        "source_kind": configuration.source.kind,
        "label": label,
        "requested_by": requested_by,
    }
    alive = DATASETS.c.state.in_(_ALIVE)
    statement = insert(DATASETS).values(values)
    anew = {
        "state": case((alive, DATASETS.c.state), else_="requested"),
        "request_id": request_id,
        "configuration": statement.excluded.configuration,
        "label": case((alive, func.coalesce(DATASETS.c.label, label)), else_=label),
        "problem": None,
        "updated_at": func.now(),
    }
    anew |= {name: case((alive, DATASETS.c[name]), else_=None) for name in ("reason", "shards_done", "shards")}
    await session.execute(statement.on_conflict_do_update(index_elements=[DATASETS.c.id], set_=anew))


async def locked_dataset(session: AsyncSession, dataset_id: str) -> Row[Any] | None:
    """A dataset whose row nobody else changes before this transaction ends."""
    query = select(DATASETS).where(DATASETS.c.id == dataset_id).with_for_update()
    return (await session.execute(query)).one_or_none()


async def find_dataset(session: AsyncSession, dataset_id: str) -> Row[Any] | None:
    """A dataset by its id, as the catalogue shows it."""
    return (await session.execute(catalogue().where(DATASETS.c.id == dataset_id))).one_or_none()


async def ready_dataset(session: AsyncSession, dataset_id: str, has: str) -> Row[Any]:
    """A dataset that is ready, for who asks for what only such a one has.

    Raises:
        NotFound: there is none of that id.
        Conflict: it is not ready.
    """
    row = await find_dataset(session, dataset_id) if is_plain(dataset_id) else None
    if row is None:
        raise NotFound(f"there is no dataset {dataset_id!r}")
    if row.state != "ready":
        raise Conflict(f"the dataset is {row.state}: only a ready one has {has}")
    return row


async def note_request(session: AsyncSession, dataset_id: str, request_id: str) -> None:
    """Remember the last request about a dataset, so that its refusal is known again."""
    noted = {"request_id": request_id, "problem": None, "updated_at": func.now()}
    await session.execute(update(DATASETS).where(DATASETS.c.id == dataset_id).values(noted))


async def move_on(session: AsyncSession, dataset_id: str, state: str, sequence: int, **told: Any) -> None:
    """What an event says of a dataset, unless a later one was heard before; it may have been asked for elsewhere."""
    values = {"state": state, "sequence": sequence, "updated_at": func.now(), **told}
    moved = insert(DATASETS).values(id=dataset_id, **values)
    if state == "ready":  # the last shards are told by this alone
        values["shards_done"] = DATASETS.c.shards
    else:
        values |= UNTOLD
    later = DATASETS.c.sequence < sequence
    said_again = (DATASETS.c.sequence == sequence) & DATASETS.c.state.in_(("requested", "refused"))
    await session.execute(
        moved.on_conflict_do_update(index_elements=[DATASETS.c.id], set_=values, where=later | said_again)
    )


async def refuse(session: AsyncSession, request_id: str, problem: dict[str, Any]) -> None:
    """A request from here was refused: what nobody had begun ends, what is there stays and tells the problem."""
    ended = case((DATASETS.c.state == "requested", "refused"), else_=DATASETS.c.state)
    values = {"state": ended, "problem": problem, "updated_at": func.now()}
    await session.execute(update(DATASETS).where(DATASETS.c.request_id == request_id).values(values))
