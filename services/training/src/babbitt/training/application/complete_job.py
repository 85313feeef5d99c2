"""There is a model, or a version was tested: the job ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import ChampionTested
from babbitt.contracts.signatures import Statement
from babbitt.contracts.training import EvaluationCompleted, TrainCompleted
from babbitt.training.application.ports import Jobs, Outbox
from babbitt.training.domain.lease import Lease
from babbitt.training.fitting.progress import Completed, Evaluated, OutputFile

type Stored = Mapping[str, ObjectReference]
"""Where files of the output folder lie now, by their path there."""

type Sign = Callable[[Statement], str | None]
"""The signature of what is said of a version, base64; None: there is no key."""

AS_TOLD = (
    "data_spec",
    "model_spec",
    "evaluation",
    "parity",
    "epochs",
    "seconds",
    "device",
    "seeds",
    "cross_validation",
)


def files_of(said: Completed | Evaluated) -> list[str]:
    """All files that are told of."""
    files = [said.report, said.predictions, *said.figures.values()]
    if isinstance(said, Completed):
        files += [said.artifact, said.weights, said.train_records, *(one.file for one in said.variants)]
        files += [said.champion.predictions] if said.champion else []
    return list(dict.fromkeys(file.file for file in files if file))


def unsigned(statement: Statement) -> str | None:  # noqa: ARG001 - the type's
    """Where there is no key."""
    return None


@dataclass(frozen=True, slots=True)
class CompleteJob:
    """Runs in a transaction of the attempt's; raises LeaseLost where it no longer holds the job."""

    jobs: Jobs
    outbox: Outbox
    sign: Sign = unsigned

    async def __call__(self, lease: Lease, completed: Completed, stored: Stored) -> None:
        """Say that there is a model, with where its files lie."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.complete()

        def at(file: OutputFile | None) -> ObjectReference | None:
            return stored[file.file] if file else None

        champion, artifact, weights = completed.champion, stored[completed.artifact.file], at(completed.weights)
        statement = Statement(job.request.model, artifact, weights, completed.data_spec, completed.model_spec)
        signed = {"train_records": at(completed.train_records), "signature": self.sign(statement)}
        said = TrainCompleted(
            job_id=job.id,
            model=job.request.model,
            dataset=job.request.dataset,
            preset=job.preset,
            artifact=artifact,
            report=stored[completed.report.file],
            predictions=stored[completed.predictions.file],
            weights=weights,
            figures={name: stored[file.file] for name, file in completed.figures.items()},
            variants=tuple(one.variant.model_copy(update={"artifact": at(one.file)}) for one in completed.variants),
            champion=ChampionTested(
                model=job.request.model,
                version=champion.version,
                artifact_sha256=champion.artifact_sha256,
                evaluation=champion.evaluation,
                predictions=stored[champion.predictions.file],
            )
            if champion
            else None,
            lineage=completed.lineage.model_copy(update=signed),
            requested_by=job.request.requested_by,
            **{name: getattr(completed, name) for name in AS_TOLD},
        )
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)

    async def evaluated(self, lease: Lease, evaluated: Evaluated, stored: Stored) -> None:
        """Say how the version did."""
        job = await self.jobs.held(lease.job_id, lease.attempt)
        job.complete()
        tested = next(one.assigned for one in lease.versions if one.role == "tested")
        said = EvaluationCompleted(
            job_id=job.id,
            model=job.request.model,
            dataset=job.request.dataset,
            version=tested.version,
            artifact_sha256=tested.artifact.sha256,
            evaluation=evaluated.evaluation,
            report=stored[evaluated.report.file],
            predictions=stored[evaluated.predictions.file],
            figures={name: stored[file.file] for name, file in evaluated.figures.items()},
            seconds=evaluated.seconds,
            requested_by=job.request.requested_by,
        )
        await self.outbox.publish(said, sequence=job.say())
        await self.jobs.save(job)
