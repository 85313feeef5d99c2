"""Answer a DatasetDeleteRequested. Its objects stay for a while: someone may still be reading them.

Whether a model needs the dataset is what was heard until now: a registration that is still on its way is too late, and
its version keeps the id of a dataset that is gone. The job behind it read the objects while they stayed; asked for
again, a simulated dataset is made to the same bytes, and an imported one of the same uploads.
"""

from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetDeleted, DatasetDeleteRequested
from babbitt.signals.application.ports import Datasets, Lineage, Outbox
from babbitt.signals.errors import DatasetUnknown


@dataclass(frozen=True, slots=True)
class DeleteDataset:
    """Runs inside the message's transaction; never commits."""

    datasets: Datasets
    lineage: Lineage
    outbox: Outbox

    async def __call__(self, request: DatasetDeleteRequested) -> None:
        """Delete it, whatever state it is in; asked for again, say so again.

        Raises:
            DatasetUnknown: it was never asked for.
            DatasetNeeded: it is ready, and models were trained on it.
        """
        dataset = await self.datasets.locked(request.dataset_id)
        if dataset is None:
            raise DatasetUnknown(f"dataset {request.dataset_id} was never asked for")
        dataset.delete(await self.lineage.needing(dataset.id))
        await self.datasets.save(dataset)
        await self.outbox.publish(DatasetDeleted(dataset_id=dataset.id), sequence=dataset.revision)
