"""Take a version out of use."""

from dataclasses import dataclass

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.models import ModelRetired, RetirementRequested, alias_key
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.registry.application.ports import Models
from babbitt.registry.errors import UnknownModel


@dataclass(frozen=True, slots=True)
class RetireVersion:
    """Answer a RetirementRequested. Runs inside the message's transaction; never commits."""

    models: Models
    outbox: Outbox

    async def __call__(self, request: RetirementRequested) -> None:
        """Retire a version that no alias points at; its number serves no more.

        Raises:
            Refused: model or version are not known, it is retired already, or an alias points at it.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        version = model.retire(request.version)
        await self.models.retire(model, version)
        retired = ModelRetired(model=model.name, version=version.number, reason=request.reason)
        await self.outbox.publish(retired, sequence=model.revision)
        await self.outbox.tombstone(MODELS_ALIASES, alias_key(model.name, str(version.number)))
