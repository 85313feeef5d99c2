"""Point an alias at a version because somebody asked for it."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import PromotionRequested
from babbitt.registry.application.announcements import assigned, promoted
from babbitt.registry.application.ports import Models, Story
from babbitt.registry.errors import AlreadyThere, UnknownModel


@dataclass(frozen=True, slots=True)
class PromoteVersion:
    """Answer a PromotionRequested. Runs inside the message's transaction; never commits."""

    models: Models
    outbox: Outbox
    now: Clock

    async def __call__(self, request: PromotionRequested) -> None:
        """Promote by hand: gates that a person may overrule are not asked, the digest is.

        Raises:
            Refused: model or version are not known, the version cannot serve, the alias points there already, or
                elsewhere than who asked thought.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        assignment = model.promote(request.version, request.alias, self.now(), request.expected)
        if assignment is None:
            raise AlreadyThere(f"{request.alias} of {request.model} is version {request.version} already")
        story = Story("promotion", request.reason, request.requested_by)
        await self.models.assign(model, assignment, story)
        await self.outbox.publish(promoted(assignment, story), sequence=model.revision)
        await self.outbox.publish(assigned(assignment), sequence=model.revision)
