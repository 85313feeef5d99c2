"""Say again what every reference points at.

A relay that died may have its last messages repeated late; said anew by its successor, the current champion is the last
word on the compacted topic.
"""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.registry.application.announcements import alias_assigned
from babbitt.registry.application.ports import Models


@dataclass(frozen=True, slots=True)
class AssertAliases:
    """Runs in the transaction in which a relay takes over; never commits."""

    models: Models
    outbox: Outbox
    now: Clock

    async def __call__(self) -> None:
        """Announce all aliases, and the versions that may be asked for by number, at their models' revisions."""
        for name in await self.models.names():
            model = await self.models.locked(name)
            if model is None:
                continue
            usable = [one for one in model.versions.values() if one.candidate.verified and not one.retired]
            references = {str(one.number): one for one in usable}
            references |= {alias: model.versions[number] for alias, number in model.aliases.items()}
            for reference, version in references.items():
                assigned = alias_assigned(model.name, reference, version, self.now())
                await self.outbox.publish(assigned, sequence=model.revision)
