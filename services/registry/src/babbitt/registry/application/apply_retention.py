"""Retire what a model's policy does not keep."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import RetentionRequested
from babbitt.contracts.models import RetentionCompleted
from babbitt.registry.application.announcements import say_retired
from babbitt.registry.application.ports import Models, Policies
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.retention import Retention, retention
from babbitt.registry.errors import UnknownModel

DAILY = "what the model's policy does not keep"


@dataclass(frozen=True, slots=True)
class ApplyRetention:
    """Answer a RetentionRequested, or sweep. Runs inside one transaction; never commits."""

    models: Models
    policies: Policies
    outbox: Outbox
    now: Clock

    async def __call__(self, request: RetentionRequested) -> None:
        """Retire what the policy does not keep, or with `dry_run` only say what that would be.

        Raises:
            UnknownModel: there is none.
        """
        model = await self.models.locked(request.model)
        if model is None:
            raise UnknownModel(f"there is no model {request.model}")
        found = await self._plan(model)
        if not request.dry_run:
            await self._retire(model, found, request.reason, request.requested_by)
        await self._say(model, found, request)

    async def sweep(self, name: str) -> int:
        """Retire it unasked, saying something only where there is something; how many versions that were."""
        model = await self.models.locked(name)
        if model is None:
            return 0
        found = await self._plan(model)
        if found.retired:
            await self._retire(model, found, DAILY, None)
            await self._say(model, found, RetentionRequested(model=name, dry_run=False, reason=DAILY))
        return len(found.retired)

    async def _plan(self, model: Model) -> Retention:
        return retention(model, await self.policies.of(model.name), self.now())

    async def _retire(self, model: Model, found: Retention, reason: str, requested_by: str | None) -> None:
        for number in found.retired:
            version = model.retire(number)
            await self.models.retire(model, version)
            await say_retired(self.outbox, model, number, reason, requested_by)

    async def _say(self, model: Model, found: Retention, request: RetentionRequested) -> None:
        completed = RetentionCompleted(
            model=model.name,
            dry_run=request.dry_run,
            retired=found.retired,
            kept={str(number): reason for number, reason in found.kept.items()},
            reason=request.reason,
            requested_by=request.requested_by,
        )
        await self.outbox.publish(completed, sequence=model.revision)
