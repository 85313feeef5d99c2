"""Make the registry's tables anew from the topics, after their loss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from babbitt.contracts.training import TrainQueued
from babbitt.registry.application.follow_jobs import ENDS, FollowJobs
from babbitt.registry.application.past import Beginning, Past
from babbitt.registry.application.ports import Models, Needs, Policies
from babbitt.registry.application.retelling import Retelling
from babbitt.registry.domain.model import Model


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What there is again, by name."""

    models: Mapping[str, Model]

    def lines(self) -> Iterator[str]:
        """As people read it, and compare it with what serves."""
        for name, model in sorted(self.models.items()):
            aliases = "".join(f", {alias} {number}" for alias, number in sorted(model.aliases.items()))
            yield f"{name}: {len(model.versions)} versions, revision {model.revision}{aliases}"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Restores models, versions, gates' results, rules, aliases with their history, and what pending jobs need.

    Afterwards the registry goes on where it was: with the same numbers and revisions, and without saying anything
    twice, also where a request that was answered is delivered again. Runs in one transaction; never commits.
    """

    past: Past
    beginning: Beginning
    models: Models
    policies: Policies
    needs: Needs

    async def __call__(self) -> Rebuilt:
        """Fill an empty schema.

        Raises:
            NotEmpty: it is not.
            Refused: the topic of the registry's events does not hold all of them, or one cannot be read.
            Unavailable: broker or database are away.
        """
        await self.beginning.claim()
        answered = set[str | None]()
        retelling = Retelling(self.models, self.policies, self.beginning)
        async for delivery in self.past.said():
            answered.add(delivery.envelope.causationid)
            await retelling.tell(delivery)
        models = await retelling.end()
        follow = FollowJobs(self.needs)
        async for delivery in self.past.heard():
            if delivery.envelope.id in answered:
                await self.beginning.handled(delivery)
            if isinstance(delivery.message, TrainQueued):
                await follow.queued(delivery.message)
            elif isinstance(delivery.message, ENDS):
                await follow.ended(delivery.message)
        return Rebuilt(models)
