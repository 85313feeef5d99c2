"""Say again what every reference points at.

A relay that died may have its last messages repeated late; said anew by its successor, the current champion is the last
word on the compacted topic.
"""

from dataclasses import dataclass

from babbitt.chassis.outbox import Outbox
from babbitt.contracts.models import alias_key
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.registry.application.announcements import alias_assigned
from babbitt.registry.application.ports import Models


@dataclass(frozen=True, slots=True)
class AssertAliases:
    """Runs in a transaction while a relay takes over, a model in each; never commits."""

    models: Models
    outbox: Outbox

    async def __call__(self, name: str) -> None:
        """Announce a model's aliases, versions that may be asked for by number, and the end of those that may not."""
        model = await self.models.locked(name)
        if model is None:
            return
        usable = {one.number: one for one in model.versions.values() if one.candidate.verified and not one.retired}
        serving = {alias: usable[number] for alias, number in model.aliases.items() if number in usable}
        said = [alias_assigned(name, str(one.number), one, one.registered_at) for one in usable.values()]
        said += [alias_assigned(name, alias, one, model.assigned_at[alias]) for alias, one in serving.items()]
        for assigned in said:
            await self.outbox.publish(assigned, sequence=model.revision)
        gone = [str(number) for number in model.versions if number not in usable]
        for reference in (*gone, *(alias for alias in model.trails if alias not in serving)):
            await self.outbox.tombstone(MODELS_ALIASES, alias_key(name, reference))
