"""Take an alias away because somebody asked for it."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import AliasRemovalRequested
from babbitt.contracts.models import AliasRemoved, alias_key
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.registry.application.ports import Models, Story
from babbitt.registry.errors import UnknownModel


@dataclass(frozen=True, slots=True)
class RemoveAlias:
    """Answer an AliasRemovalRequested. Runs inside the message's transaction; never commits."""

    models: Models
    outbox: Outbox
    now: Clock

    async def __call__(self, request: AliasRemovalRequested) -> None:
        """Remove an alias; who asks for it from now on is told that there is none.

        Raises:
            Refused: model or alias are not known, it points elsewhere than expected, or it is the champion.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        removal = model.remove_alias(request.alias, self.now(), request.expected)
        await self.models.remove_alias(model, removal, Story("removal", request.reason, request.requested_by))
        removed = AliasRemoved(
            model=model.name,
            version=removal.version,
            alias=removal.alias,
            reason=request.reason,
            requested_by=request.requested_by,
            at=removal.at,
        )
        await self.outbox.publish(removed, sequence=model.revision)
        await self.outbox.tombstone(MODELS_ALIASES, alias_key(model.name, removal.alias))
