"""Keep which models were trained on which datasets: what they need is not deleted."""

from dataclasses import dataclass

from babbitt.contracts.models import ModelRegistered, ModelRetired
from babbitt.signals.application.ports import Lineage


@dataclass(frozen=True, slots=True)
class KeepLineage:
    """Runs inside the message's transaction; never commits. What is heard of a model comes in its order."""

    lineage: Lineage

    async def registered(self, event: ModelRegistered) -> None:
        """A version came: its dataset is needed, whether it is still there or not."""
        await self.lineage.trained(event.model, event.version, event.dataset)

    async def retired(self, event: ModelRetired) -> None:
        """A version is out of use: it needs its dataset no more."""
        await self.lineage.retired(event.model, event.version)
