"""Take a trained artifact in, judge it, and let it serve where every gate says yes."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.models import ModelGateEvaluated, ModelRegistered
from babbitt.contracts.names import CHAMPION
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.application.announcements import alias_assigned, assigned, promoted
from babbitt.registry.application.ports import Adopted, ArtifactBook, Artifacts, Models, Story
from babbitt.registry.domain.gates import GatePolicy, GateResult
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.version import Candidate, Version

ADOPTED_WITHIN_S = 300
"""A store may be slow, and a transaction that is cut off begins anew."""


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Answer a TrainCompleted. Runs inside the message's transaction; never commits."""

    models: Models
    book: ArtifactBook
    artifacts: Artifacts
    outbox: Outbox
    policy: GatePolicy
    now: Clock

    async def __call__(self, completed: TrainCompleted) -> None:
        """Register the artifact as the next version; promote it when all gates pass."""
        await self.models.expect_work(ADOPTED_WITHIN_S)
        await self.book.hold([completed.artifact.sha256])  # before the copy: what is collected now is written anew
        adopted = await self.artifacts.adopt(completed.artifact)  # before the lock: it may take a while
        model = await self.models.locked_or_new(completed.model)
        champion = model.champion()
        version = model.register(_candidate(completed, adopted), self.now())
        if version is None:
            return
        results = self.policy.judge(version.candidate, champion.candidate if champion else None)
        await self.models.add_version(model, version, results)
        await self._announce(model, version, results)
        if all(result.outcome == "passed" for result in results):
            await self._promote(model, version)

    async def _announce(self, model: Model, version: Version, results: tuple[GateResult, ...]) -> None:
        candidate, sequence = version.candidate, model.revision
        registered = ModelRegistered(
            model=model.name,
            version=version.number,
            job_id=candidate.job_id,
            dataset=candidate.dataset,
            preset=candidate.preset,
            artifact=candidate.artifact,
            data_spec=candidate.data_spec,
            model_spec=candidate.model_spec,
            evaluation=candidate.evaluation,
        )
        await self.outbox.publish(registered, sequence=sequence)
        for result in results:
            evaluated = ModelGateEvaluated(
                model=model.name,
                version=version.number,
                gate=result.gate,
                outcome=result.outcome,
                detail=result.detail,
            )
            await self.outbox.publish(evaluated, sequence=sequence)
        if candidate.verified:
            reference = alias_assigned(model.name, str(version.number), version, version.registered_at)
            await self.outbox.publish(reference, sequence=sequence)

    async def _promote(self, model: Model, version: Version) -> None:
        assignment = model.promote(version.number, CHAMPION, version.registered_at)
        assert assignment is not None, "a new version is no alias's yet"
        story = Story("promotion", "all gates passed", automatic=True)
        await self.models.assign(model, assignment, story)
        await self.outbox.publish(promoted(assignment, story), sequence=model.revision)
        await self.outbox.publish(assigned(assignment), sequence=model.revision)


def _candidate(completed: TrainCompleted, adopted: Adopted) -> Candidate:
    return Candidate(
        job_id=completed.job_id,
        dataset=completed.dataset,
        preset=completed.preset,
        artifact=adopted.artifact,
        data_spec=completed.data_spec,
        model_spec=completed.model_spec,
        evaluation=completed.evaluation,
        parity=completed.parity,
        verified=adopted.verified,
        finding=adopted.finding,
    )
