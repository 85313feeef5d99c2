"""Answer a DatasetCancelRequested: what is left of the dataset is not made."""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetCancelled, DatasetCancelRequested
from babbitt.signals.application.ports import Datasets, Outbox
from babbitt.signals.errors import DatasetUnknown


@dataclass(frozen=True, slots=True)
class CancelDataset:
    """Runs inside the message's transaction; never commits."""

    datasets: Datasets
    outbox: Outbox

    async def __call__(self, request: DatasetCancelRequested) -> None:
        """Cancel it; asked for again, say so again.

        Raises:
            DatasetUnknown: it was never asked for.
            DatasetNotInState: it is not being made.
        """
        dataset = await self.datasets.locked(request.dataset_id)
        if dataset is None:
            raise DatasetUnknown(f"dataset {request.dataset_id} was never asked for")
        dataset.cancel()
        await self.datasets.save(dataset)
        await self.outbox.publish(DatasetCancelled(dataset_id=dataset.id), sequence=dataset.revision)
