"""Known datasets and early cancels in PostgreSQL, within the session of one transaction."""

from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.tables import INBOX_KEPT_DAYS
from babbitt.contracts.datasets import ObjectReference
from babbitt.training.adapters.tables import CANCELLATIONS, DATASETS
from babbitt.training.domain.dataset import KnownDataset


class PostgresDatasets:
    """What is known of datasets; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def locked(self, dataset_id: str) -> KnownDataset:
        """A dataset that nobody else learns of until the transaction ends, also one never heard of."""
        unknown = insert(DATASETS).values(id=dataset_id, sequence="")
        await self._session.execute(unknown.on_conflict_do_nothing())
        query = select(DATASETS).where(DATASETS.c.id == dataset_id).with_for_update()
        row = (await self._session.execute(query)).one()
        manifest = ObjectReference.model_validate(row.manifest) if row.manifest else None
        return KnownDataset(row.id, row.sequence, manifest)

    async def save(self, dataset: KnownDataset) -> None:
        """Keep what was changed of a locked dataset."""
        manifest = dataset.manifest.model_dump(mode="json") if dataset.manifest else None
        known = {"sequence": dataset.sequence, "manifest": manifest, "updated_at": func.clock_timestamp()}
        await self._session.execute(update(DATASETS).where(DATASETS.c.id == dataset.id).values(**known))

    async def manifest_of(self, dataset_id: str) -> ObjectReference | None:
        """Where the manifest of a dataset lies now; None: there is no such dataset."""
        manifest = await self._session.scalar(select(DATASETS.c.manifest).where(DATASETS.c.id == dataset_id))
        return ObjectReference.model_validate(manifest) if manifest else None


class PostgresCancellations:
    """Cancels that came before their job; never commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def remember(self, job_id: UUID, reason: str | None) -> None:
        """Keep it for when the job comes; a second time changes nothing."""
        row = insert(CANCELLATIONS).values(job_id=job_id, reason=reason)
        await self._session.execute(row.on_conflict_do_nothing())

    async def take(self, job_id: UUID) -> tuple[bool, str | None]:
        """Whether the job was cancelled before it came, and why."""
        taken = delete(CANCELLATIONS).where(CANCELLATIONS.c.job_id == job_id).returning(CANCELLATIONS.c.reason)
        row = (await self._session.execute(taken)).one_or_none()
        return (True, row.reason) if row else (False, None)

    async def forget_old(self) -> None:
        """Drop those whose job can come no more: no topic keeps a request for so long."""
        horizon = func.now() - text(f"interval '{INBOX_KEPT_DAYS} days'")
        await self._session.execute(delete(CANCELLATIONS).where(CANCELLATIONS.c.created_at < horizon))
