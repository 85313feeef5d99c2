"""Datasets in PostgreSQL, within the session of one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady, ObjectReference
from babbitt.signals.adapters.tables import DATASETS, SHARDS
from babbitt.signals.domain.dataset import Dataset, State
from babbitt.signals.domain.records import MadeRecord, MadeShard
from babbitt.signals.domain.runs import Hashes

_RECORDS = TypeAdapter(tuple[MadeRecord, ...])
_UNUSED = (State.FAILED, State.CANCELLED, State.DELETED)


class PostgresDatasets:
    """The datasets that there are; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def expect_work(self, seconds: int) -> None:
        """This transaction will wait for work, for so long at most."""
        await self._session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'"))

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
        row = insert(SHARDS).values(
            dataset_id=dataset_id,
            attempt=attempt,
            shard=shard.index,
            **shard.reference.model_dump(),
            records=_RECORDS.dump_python(shard.records, mode="json"),
            fingerprints=_packed(shard.fingerprints),
        )
        added = await self._session.execute(row.on_conflict_do_nothing().returning(SHARDS.c.shard))
        return added.first() is not None

    async def shards(self, dataset_id: str, attempt: int) -> Sequence[MadeShard]:
        """The shards of an attempt, in their order."""
        query = select(SHARDS).filter_by(dataset_id=dataset_id, attempt=attempt).order_by(SHARDS.c.shard)
        return [_shard(row) for row in await self._session.execute(query)]

    async def stalled(self, since: datetime) -> Sequence[str]:
        """Ids of datasets that are being made and were last changed before `since`."""
        query = select(DATASETS.c.id).where(DATASETS.c.state == State.MAKING, DATASETS.c.updated_at < since)
        return (await self._session.scalars(query)).all()

    async def collectable(self, since: datetime) -> Sequence[tuple[str, int]]:
        """(id, attempt) of shards that no dataset needs, where the dataset was last changed before `since`."""
        unused = DATASETS.c.state.in_(_UNUSED) | (SHARDS.c.attempt < DATASETS.c.attempt)
        query = select(SHARDS.c.dataset_id, SHARDS.c.attempt).distinct().join(DATASETS)
        rows = await self._session.execute(query.where(unused, DATASETS.c.updated_at < since))
        return [(row.dataset_id, row.attempt) for row in rows]

    async def forget_shards(self, dataset_id: str, attempt: int) -> None:
        """Forget the shards of an attempt."""
        await self._session.execute(delete(SHARDS).filter_by(dataset_id=dataset_id, attempt=attempt))

    async def _one(self, dataset_id: str, *, locked: bool) -> Dataset | None:
        query = select(DATASETS).where(DATASETS.c.id == dataset_id)
        row = (await self._session.execute(query.with_for_update() if locked else query)).one_or_none()
        return _dataset(row) if row else None


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
    records = _RECORDS.validate_python(row.records)
    reference = ObjectReference(key=row.key, sha256=row.sha256, size_bytes=row.size_bytes)
    return MadeShard(row.shard, reference, records, _unpacked(row.fingerprints, len(records)))


def _packed(fingerprints: Sequence[Hashes]) -> bytes:
    """How many hashes each record has (uint32), then all hashes (uint64), little-endian."""
    sizes = np.array([hashes.size for hashes in fingerprints], dtype="<u4")
    return sizes.tobytes() + b"".join(hashes.astype("<u8").tobytes() for hashes in fingerprints)


def _unpacked(content: bytes, records: int) -> tuple[Hashes, ...]:
    sizes = np.frombuffer(content, "<u4", records)
    hashes = np.frombuffer(content, "<u8", offset=sizes.nbytes)
    return tuple(np.split(hashes, np.cumsum(sizes)[:-1])) if records else ()
