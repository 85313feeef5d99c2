"""Let other rules hold for a model's next versions."""

from dataclasses import dataclass

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import PolicyChangeRequested
from babbitt.contracts.models import ModelPolicyChanged
from babbitt.registry.application.ports import Models, Policies
from babbitt.registry.errors import PolicyMoved


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """Answer a PolicyChangeRequested. Runs inside the message's transaction; never commits."""

    models: Models
    policies: Policies
    outbox: Outbox

    async def __call__(self, request: PolicyChangeRequested) -> None:
        """Keep the rules and say so: also of a model to come, so that its first version is not promoted unasked.

        What is not said stays as it is, under the model's lock: of two who change different rules both are heard.

        Raises:
            PolicyMoved: others hold than the asker expects.
        """
        model = await self.models.locked_or_new(request.model)
        holds = await self.policies.revision(model.name)
        if request.expected not in {None, holds}:
            known = f"revision {holds}" if holds else "the installation's"
            raise PolicyMoved(f"the rules of {model.name} are {known} by now, not {request.expected or 'none'}")
        said = {name: getattr(request.policy, name) for name in request.policy.model_fields_set}
        policy = (await self.policies.of(model.name)).model_copy(update=said)
        model.revision += 1
        await self.policies.keep(model, policy)
        changed = ModelPolicyChanged(
            model=model.name, policy=policy, reason=request.reason, requested_by=request.requested_by
        )
        await self.outbox.publish(changed, sequence=model.revision)
