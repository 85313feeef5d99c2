"""Take a trained artifact in, judge it, and let it serve where every gate says yes."""

from dataclasses import dataclass

from babbitt.chassis.clock import Clock
from babbitt.chassis.outbox import Outbox
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.models import ModelPolicyChanged
from babbitt.contracts.names import CHAMPION
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.application.adoption import candidate_of, files_of, signed_as
from babbitt.registry.application.announcements import alias_assigned, assigned, gate_evaluated, promoted, registered
from babbitt.registry.application.judge_version import JudgeVersion
from babbitt.registry.application.ports import ArtifactBook, Artifacts, Books, Models, Policies, Signatures, Story
from babbitt.registry.domain.gates.case import Case, GateResult
from babbitt.registry.domain.judgement import alias_earned
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.version import Version

ADOPTED_WITHIN_S = 300
"""A store may be slow, and a transaction that is cut off begins anew."""
FIRST_RULES = "the installation's rules, which hold until somebody changes them"


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Answer a TrainCompleted. Runs inside the message's transaction; never commits that.

    Attributes:
        beforehand: transactions of the book that end before this one: what was copied stays known where this one is
            undone.
    """

    models: Models
    book: ArtifactBook
    beforehand: Books
    artifacts: Artifacts
    signatures: Signatures
    policies: Policies
    judge: JudgeVersion
    outbox: Outbox
    now: Clock

    async def __call__(self, completed: TrainCompleted) -> None:
        """Register the artifact as the next version; promote it when all gates pass."""
        await self.models.expect_work(ADOPTED_WITHIN_S)
        files = files_of(completed)
        digests = [file.sha256 for file in files]
        async with self.beforehand() as book:
            await book.enter(digests)
        await self.book.hold(digests)  # before the copy: what is collected now is written anew
        adopted = await self.artifacts.adopt(files)  # before the lock: it may take a while
        signed = signed_as(completed.model, completed, self.signatures)
        model = await self.models.locked_or_new(completed.model)
        champion = model.champion()
        version = model.register(candidate_of(completed, adopted, signed), self.now())
        if version is None:
            return
        policy = await self._settled_policy(model)
        case = Case(version.candidate, policy, adopted.finding, signed.finding, champion)
        results = await self.judge(model.name, case, completed.champion)
        await self.models.add_version(model, version, results)
        await self._announce(model, version, results)
        if alias := alias_earned(results, policy):
            await self._promote(model, version, alias)

    async def _settled_policy(self, model: Model) -> GatePolicy:
        """A model's own rules; with its first version those of the installation become its own, and are told."""
        policy = await self.policies.of(model.name)
        if not await self.policies.revision(model.name):
            await self.policies.keep(model, policy)
            told = ModelPolicyChanged(model=model.name, policy=policy, reason=FIRST_RULES)
            await self.outbox.publish(told, sequence=model.revision)
        return policy

    async def _announce(self, model: Model, version: Version, results: tuple[GateResult, ...]) -> None:
        sequence = model.revision
        await self.outbox.publish(registered(model.name, version), sequence=sequence)
        for result in results:
            await self.outbox.publish(gate_evaluated(model.name, version, result), sequence=sequence)
        if version.candidate.verified:
            reference = alias_assigned(model.name, str(version.number), version, version.registered_at)
            await self.outbox.publish(reference, sequence=sequence)

    async def _promote(self, model: Model, version: Version, alias: str) -> None:
        assignment = model.promote(version.number, alias, version.registered_at)
        assert assignment is not None, "a new version is no alias's yet"
        reason = "all gates passed" if alias == CHAMPION else "no gate failed, and a shadow comes first"
        story = Story("promotion", reason, automatic=True)
        await self.models.assign(model, assignment, story)
        await self.outbox.publish(promoted(assignment, story), sequence=model.revision)
        await self.outbox.publish(assigned(assignment), sequence=model.revision)
