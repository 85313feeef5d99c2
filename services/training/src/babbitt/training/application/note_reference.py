"""Take note of what an alias or a version number points at: the jobs that wait for it may wait no longer."""

from dataclasses import dataclass

from babbitt.contracts.models import AliasAssigned
from babbitt.training.application.ports import Answering, Jobs, References
from babbitt.training.application.readiness import Readiness


@dataclass(frozen=True, slots=True)
class NoteReference:
    """Runs inside the message's transaction; never commits."""

    jobs: Jobs
    references: References
    readiness: Readiness
    answering: Answering

    async def __call__(self, assigned: AliasAssigned, sequence: str | None) -> None:
        """Remember it, and queue who has waited for it."""
        known = await self.references.locked(assigned.model, assigned.reference)
        if not known.heard(sequence, assigned):
            return
        await self.references.save(known)
        waiting = await self.jobs.waiting_for_version(assigned.model)
        await self.readiness.let_run(waiting, self.jobs, self.answering)

    async def gone(self, model: str, reference: str) -> None:
        """It points at nothing any more."""
        known = await self.references.locked(model, reference)
        known.heard(None, None)
        await self.references.save(known)
