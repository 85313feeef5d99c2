"""What training hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.datasets import DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetReady
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.training import TrainCancelRequested, TrainRequested
from babbitt.training.adapters.postgres_datasets import PostgresCancellations, PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs
from babbitt.training.adapters.speaking import SOURCE, answering
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.forget_dataset import ForgetDataset
from babbitt.training.application.note_dataset import NoteDataset
from babbitt.training.application.submit_job import SubmitJob


class Consumers:
    """Translates messages into use cases."""

    def __init__(self, presets: Collection[str]) -> None:
        self._presets = presets

    async def train_requested(self, delivery: Delivery[TrainRequested], session: AsyncSession) -> None:
        """Enter a job."""
        jobs, datasets, cancellations = PostgresJobs(session), PostgresDatasets(session), PostgresCancellations(session)
        outbox = Outbox(session, SOURCE, delivery.envelope)
        submit = SubmitJob(jobs, datasets, cancellations, outbox, self._presets)
        await submit(delivery.message, delivery.envelope)

    async def cancel_requested(self, delivery: Delivery[TrainCancelRequested], session: AsyncSession) -> None:
        """Stop a job."""
        outbox = Outbox(session, SOURCE, delivery.envelope)
        await CancelJob(PostgresJobs(session), PostgresCancellations(session), outbox)(delivery.message)

    async def dataset_ready(self, delivery: Delivery[DatasetReady], session: AsyncSession) -> None:
        """A dataset is there."""
        note = NoteDataset(PostgresJobs(session), PostgresDatasets(session), answering(session))
        await note(delivery.message, delivery.envelope.sequence)

    async def dataset_failed(self, delivery: Delivery[DatasetFailed], session: AsyncSession) -> None:
        """A dataset cannot be made."""
        why = f"dataset {delivery.message.dataset_id} failed: {delivery.message.reason}"
        await _forget(delivery.message.dataset_id, delivery.envelope, session, why)

    async def dataset_cancelled(self, delivery: Delivery[DatasetCancelled], session: AsyncSession) -> None:
        """A dataset is not made any further."""
        why = f"dataset {delivery.message.dataset_id} was cancelled"
        await _forget(delivery.message.dataset_id, delivery.envelope, session, why)

    async def dataset_deleted(self, delivery: Delivery[DatasetDeleted], session: AsyncSession) -> None:
        """A dataset is gone."""
        why = f"dataset {delivery.message.dataset_id} was deleted"
        await _forget(delivery.message.dataset_id, delivery.envelope, session, why)


async def _forget(dataset_id: str, envelope: Envelope, session: AsyncSession, why: str) -> None:
    forget = ForgetDataset(PostgresJobs(session), PostgresDatasets(session), answering(session))
    await forget(dataset_id, envelope.sequence, at=envelope.time, why=why)
