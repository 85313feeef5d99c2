"""Point an alias back at the version that it had before."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import RollbackRequested
from babbitt.registry.application.announcements import assigned, rolled_back
from babbitt.registry.application.ports import Models, Story
from babbitt.registry.errors import UnknownModel


@dataclass(frozen=True, slots=True)
class RollBack:
    """Answer a RollbackRequested. Runs inside the message's transaction; never commits."""

    models: Models
    outbox: Outbox
    now: Clock

    async def __call__(self, request: RollbackRequested) -> None:
        """Undo the last promotion.

        Raises:
            Refused: model or alias are not known, the alias points elsewhere than who asked thought, or there was no
                version before that can still serve.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        assignment = model.roll_back(request.alias, self.now(), request.expected)
        assert assignment.replaced is not None, "an alias that exists points at a version"
        story = Story("rollback", request.reason, request.requested_by)
        await self.models.assign(model, assignment, story)
        await self.outbox.publish(rolled_back(assignment, assignment.replaced, story), sequence=model.revision)
        await self.outbox.publish(assigned(assignment), sequence=model.revision)
