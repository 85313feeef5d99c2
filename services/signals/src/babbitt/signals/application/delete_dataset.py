"""Answer a DatasetDeleteRequested. Its objects stay for a while: someone may still be reading them."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetDeleted, DatasetDeleteRequested
from babbitt.signals.application.ports import Datasets, Outbox
from babbitt.signals.errors import DatasetUnknown


@dataclass(frozen=True, slots=True)
class DeleteDataset:
    """Runs inside the message's transaction; never commits."""

    datasets: Datasets
    outbox: Outbox

    async def __call__(self, request: DatasetDeleteRequested) -> None:
        """Delete it, whatever state it is in; asked for again, say so again.

        Raises:
            DatasetUnknown: it was never asked for.
        """
        dataset = await self.datasets.locked(request.dataset_id)
        if dataset is None:
            raise DatasetUnknown(f"dataset {request.dataset_id} was never asked for")
        dataset.delete()
        await self.datasets.save(dataset)
        await self.outbox.publish(DatasetDeleted(dataset_id=dataset.id), sequence=dataset.revision)
