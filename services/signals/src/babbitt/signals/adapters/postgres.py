"""Datasets in PostgreSQL, within the session of one transaction."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Text, case, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from babbitt.chassis.database import limit_silence, transaction
from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady, ObjectReference
from babbitt.signals.adapters.quality_packing import packed_quality, unpacked_quality
from babbitt.signals.adapters.tables import DATASETS, SHARDS
from babbitt.signals.domain.dataset import Dataset, State
from babbitt.signals.domain.records import MadeRecord, MadeShard
from babbitt.signals.domain.runs import Hashes

_RECORDS = TypeAdapter(tuple[MadeRecord, ...])
_SHARD: Sequence[ColumnElement[Any]] = (
    *(SHARDS.c.shard, SHARDS.c.key, SHARDS.c.sha256, SHARDS.c.size_bytes, SHARDS.c.fingerprints, SHARDS.c.remarks),
    SHARDS.c.quality,
    cast(SHARDS.c.records, Text).label("records"),
)
"""The records as text: SQLAlchemy would read the JSON where it keeps the event loop."""
_UNUSED = (State.FAILED, State.CANCELLED, State.DELETED)


class PostgresDatasets:
    """The datasets that there are; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def expect_work(self, seconds: int) -> None:
        """This transaction will wait for work, for so long at most."""
        await limit_silence(self._session, seconds)

    async def find(self, dataset_id: str) -> Dataset | None:
        """A dataset as it is now; it may change meanwhile."""
        return await self._one(dataset_id, locked=False)

    async def locked(self, dataset_id: str) -> Dataset | None:
        """A dataset that nobody else changes until the transaction ends."""
        return await self._one(dataset_id, locked=True)

    async def locked_or_new(self, configuration: DatasetConfiguration) -> Dataset:
        """Likewise; one that was never asked for is entered as deleted."""
        new = Dataset(configuration.dataset_id(), configuration, label=None)
        row = insert(DATASETS).values(id=new.id, **_columns(new))
        await self._session.execute(row.on_conflict_do_nothing())
        return await self.locked(new.id) or new

    async def save(self, dataset: Dataset) -> None:
        """Keep what was changed of a locked dataset."""
        changed = update(DATASETS).where(DATASETS.c.id == dataset.id)
        await self._session.execute(changed.values(**_columns(dataset), updated_at=func.clock_timestamp()))

    async def add_shard(self, dataset_id: str, attempt: int, shard: MadeShard) -> bool:
        """Enter a shard; False: it was there already."""
        records = (await asyncio.to_thread(_RECORDS.dump_json, shard.records)).decode()
        row = insert(SHARDS).values(
            dataset_id=dataset_id,
            attempt=attempt,
            shard=shard.index,
            **shard.reference.model_dump(),
            records=cast(literal(records, Text), JSONB),
            fingerprints=_packed(shard.fingerprints),
            remarks=list(shard.remarks),
            quality=await asyncio.to_thread(packed_quality, shard.quality),
        )
        added = await self._session.execute(row.on_conflict_do_nothing().returning(SHARDS.c.shard))
        return added.first() is not None

    async def shards(self, dataset_id: str, attempt: int) -> Sequence[MadeShard]:
        """The shards of an attempt, in their order; up to 200,000 records, so they are decoded in a thread."""
        query = select(*_SHARD).where(SHARDS.c.dataset_id == dataset_id, SHARDS.c.attempt == attempt)
        rows = (await self._session.execute(query.order_by(SHARDS.c.shard))).all()
        return await asyncio.to_thread(lambda: [_shard(row) for row in rows])

    async def stalled(self, since: datetime) -> Sequence[str]:
        """Ids of datasets that are being made and were last changed before `since`."""
        query = select(DATASETS.c.id).where(DATASETS.c.state == State.MAKING, DATASETS.c.updated_at < since)
        return (await self._session.scalars(query)).all()

    async def collectable(self, since: datetime) -> Sequence[tuple[str, int]]:
        """(id, attempt) that no dataset needs, where the dataset was last changed before `since`; in order."""
        last = case((DATASETS.c.state.in_(_UNUSED), DATASETS.c.attempt), else_=DATASETS.c.attempt - 1)
        query = select(DATASETS.c.id, DATASETS.c.collected, last.label("last"))
        rows = await self._session.execute(query.where(DATASETS.c.collected < last, DATASETS.c.updated_at < since))
        return [(row.id, attempt) for row in rows for attempt in range(row.collected + 1, row.last + 1)]

    async def collected(self, dataset_id: str, attempt: int) -> None:
        """Of this attempt and those before nothing is left."""
        shards = delete(SHARDS).where(SHARDS.c.dataset_id == dataset_id, SHARDS.c.attempt <= attempt)
        await self._session.execute(shards)
        await self._session.execute(update(DATASETS).where(DATASETS.c.id == dataset_id).values(collected=attempt))

    async def _one(self, dataset_id: str, *, locked: bool) -> Dataset | None:
        query = select(DATASETS).where(DATASETS.c.id == dataset_id)
        row = (await self._session.execute(query.with_for_update() if locked else query)).one_or_none()
        return _dataset(row) if row else None


@asynccontextmanager
async def datasets_in_transaction(sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[PostgresDatasets]:
    """The datasets, within a transaction of their own."""
    async with transaction(sessions) as session:
        yield PostgresDatasets(session)


def _columns(dataset: Dataset) -> dict[str, Any]:
    return {
        "state": dataset.state,
        "attempt": dataset.attempt,
        "revision": dataset.revision,
        "shards": dataset.shards,
        "shards_done": dataset.shards_done,
        "configuration": dataset.configuration.model_dump(mode="json"),
        "label": dataset.label,
        "told_at": dataset.told_at,
        "ready": dataset.ready.model_dump(mode="json") if dataset.ready else None,
        "reason": dataset.reason,
    }


def _dataset(row: Row[Any]) -> Dataset:
    return Dataset(
        id=row.id,
        configuration=DatasetConfiguration.model_validate(row.configuration),
        label=row.label,
        state=State(row.state),
        attempt=row.attempt,
        revision=row.revision,
        shards=row.shards,
        shards_done=row.shards_done,
        told_at=row.told_at,
        ready=DatasetReady.model_validate(row.ready) if row.ready else None,
        reason=row.reason,
    )


def _shard(row: Row[Any]) -> MadeShard:
    records = _RECORDS.validate_json(row.records)
    reference = ObjectReference(key=row.key, sha256=row.sha256, size_bytes=row.size_bytes)
    fingerprints, quality = _unpacked(row.fingerprints, len(records)), unpacked_quality(row.quality)
    return MadeShard(row.shard, reference, records, fingerprints, tuple(row.remarks), quality)


def _packed(fingerprints: Sequence[Hashes]) -> bytes:
    """How many hashes each record has (uint32), then all hashes (uint64), little-endian."""
    sizes = np.array([hashes.size for hashes in fingerprints], dtype="<u4")
    return sizes.tobytes() + b"".join(hashes.astype("<u8").tobytes() for hashes in fingerprints)


def _unpacked(content: bytes, records: int) -> tuple[Hashes, ...]:
    sizes = np.frombuffer(content, "<u4", records)
    hashes = np.frombuffer(content, "<u8", offset=sizes.nbytes)
    return tuple(np.split(hashes, np.cumsum(sizes)[:-1])) if records else ()
