"""Take a version out of use."""

from dataclasses import dataclass

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import RetirementRequested
from babbitt.registry.application.announcements import say_retired
from babbitt.registry.application.ports import Models
from babbitt.registry.errors import UnknownModel


@dataclass(frozen=True, slots=True)
class RetireVersion:
    """Answer a RetirementRequested. Runs inside the message's transaction; never commits."""

    models: Models
    outbox: Outbox

    async def __call__(self, request: RetirementRequested) -> None:
        """Retire a version that no alias points at and no job reads; its number serves no more.

        Raises:
            Refused: model or version are not known, it is retired already, or in use.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        version = model.retire(request.version)
        await self.models.retire(model, version)
        await say_retired(self.outbox, model, version.number, request.reason, request.requested_by)
