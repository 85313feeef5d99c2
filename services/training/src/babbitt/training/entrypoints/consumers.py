"""What training hears. One message is one transaction: inbox row, state, outbox rows, or none of them."""

from collections.abc import Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.settlement import Handler
from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.datasets import DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetReady
from babbitt.contracts.envelope import Envelope, Message
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.topics import DATASETS_EVENTS, MODELS_ALIASES, TRAINING_REQUESTS, Topic
from babbitt.contracts.training_requests import (
    EvaluationRequested,
    ImportRequested,
    TrainCancelRequested,
    TrainRequested,
)
from babbitt.contracts.tuning import TuningRequested
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.forget_dataset import ForgetDataset
from babbitt.training.application.note_dataset import NoteDataset
from babbitt.training.application.note_reference import NoteReference
from babbitt.training.application.submit_job import SubmitJob
from babbitt.training.application.submit_tuning import SubmitTuning

type Within[UseCase] = Callable[[AsyncSession, Envelope], UseCase]
"""Builds a use case within a transaction, to answer a message."""


class Consumers:
    """Translates messages into use cases."""

    def __init__(
        self,
        submit: Within[SubmitJob],
        tune: Within[SubmitTuning],
        cancel: Within[CancelJob],
        note: Within[NoteDataset],
        forget: Within[ForgetDataset],
        refer: Callable[[AsyncSession], NoteReference],
    ) -> None:
        self._submit, self._tune, self._cancel = submit, tune, cancel
        self._note, self._forget, self._refer = note, forget, refer

    def by_topic(self) -> Mapping[Topic, Mapping[type[Message], Handler]]:
        """What is heard where."""
        return {
            TRAINING_REQUESTS: {
                TrainRequested: self.job_requested,
                EvaluationRequested: self.job_requested,
                ImportRequested: self.job_requested,
                TuningRequested: self.tuning_requested,
                TrainCancelRequested: self.cancel_requested,
            },
            MODELS_ALIASES: {AliasAssigned: self.alias_assigned},
            DATASETS_EVENTS: {
                DatasetReady: self.dataset_ready,
                DatasetFailed: self.dataset_failed,
                DatasetCancelled: self.dataset_cancelled,
                DatasetDeleted: self.dataset_deleted,
            },
        }

    async def job_requested(
        self, delivery: Delivery[TrainRequested | EvaluationRequested | ImportRequested], session: AsyncSession
    ) -> None:
        """Enter a job."""
        await self._submit(session, delivery.envelope)(delivery.message, delivery.envelope)

    async def tuning_requested(self, delivery: Delivery[TuningRequested], session: AsyncSession) -> None:
        """Begin a study."""
        await self._tune(session, delivery.envelope)(delivery.message, delivery.envelope)

    async def cancel_requested(self, delivery: Delivery[TrainCancelRequested], session: AsyncSession) -> None:
        """Stop a job."""
        await self._cancel(session, delivery.envelope)(delivery.message)

    async def alias_assigned(self, delivery: Delivery[AliasAssigned], session: AsyncSession) -> None:
        """An alias or a version number points at a version."""
        refer = self._refer(session)
        await refer(delivery.message, delivery.envelope.sequence)

    async def alias_gone(self, key: str, session: AsyncSession) -> None:
        """An alias or a version number points at nothing any more."""
        model, _, reference = key.partition("/")
        await self._refer(session).gone(model, reference)

    async def dataset_ready(self, delivery: Delivery[DatasetReady], session: AsyncSession) -> None:
        """A dataset is there."""
        await self._note(session, delivery.envelope)(delivery.message, delivery.envelope.sequence)

    async def dataset_failed(self, delivery: Delivery[DatasetFailed], session: AsyncSession) -> None:
        """A dataset cannot be made."""
        await self._gone(delivery, session, f"failed: {delivery.message.reason}")

    async def dataset_cancelled(self, delivery: Delivery[DatasetCancelled], session: AsyncSession) -> None:
        """A dataset is not made any further."""
        await self._gone(delivery, session, "was cancelled")

    async def dataset_deleted(self, delivery: Delivery[DatasetDeleted], session: AsyncSession) -> None:
        """A dataset is gone."""
        await self._gone(delivery, session, "was deleted")

    async def _gone(
        self, delivery: Delivery[DatasetFailed | DatasetCancelled | DatasetDeleted], session: AsyncSession, why: str
    ) -> None:
        dataset_id, envelope = delivery.message.dataset_id, delivery.envelope
        forget = self._forget(session, envelope)
        await forget(dataset_id, envelope.sequence, at=envelope.time, why=f"dataset {dataset_id} {why}")
