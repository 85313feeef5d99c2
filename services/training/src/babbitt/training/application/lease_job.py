"""Take up the oldest job that nobody runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import CHAMPION
from babbitt.contracts.training import JobKind, TrainFailed
from babbitt.contracts.training_requests import EvaluationRequested, TrainRequested
from babbitt.training.application.ports import (
    Answering,
    Datasets,
    Devices,
    Jobs,
    NoDevices,
    References,
    TrialOver,
    no_trial,
)
from babbitt.training.application.readiness import queued
from babbitt.training.domain.job import KINDS, Job, State
from babbitt.training.domain.known_reference import NeededVersion
from babbitt.training.domain.lease import Lease

SECONDS_A_MINUTE = 60.0
NEED_NO_DEVICE: tuple[JobKind, ...] = ("evaluation", "import")
"""They run ONNX files on the processor."""


@dataclass(frozen=True, slots=True)
class LeaseJob:
    """Runs in a transaction of its own.

    Attributes:
        answering: the outbox of what is said of a job.
        holder: the worker.
        lease_s: seconds until others may think it dead.
        most_deaths: attempts in a row that may die without getting further.
        devices: of this host.
    """

    jobs: Jobs
    datasets: Datasets
    references: References
    answering: Answering
    holder: str
    lease_s: float
    most_deaths: int
    trial_over: TrialOver = no_trial
    devices: Devices = field(default_factory=NoDevices)

    async def __call__(self) -> Lease | None:
        """The lease of an attempt; None: there is nothing to do, or the job that was found had to fail or to wait."""
        for kinds in (tuple(KINDS), NEED_NO_DEVICE):
            job = await self.jobs.next_to_run(kinds)
            if job is None:
                return None
            devices = await self.devices.take(job.kind, job.id, job.attempt + 1, self.holder, self.lease_s)
            if devices is not None:
                return await self._take_up(job, devices)
            await self._wait(job)
        return None

    async def _wait(self, job: Job) -> None:
        """Say once that it waits for a device; jobs that need none go before it."""
        if job.state is not State.QUEUED or job.waits_for_device:
            return
        job.waits_for_device = True
        await self.answering(job).publish(queued(job), sequence=job.say())
        await self.jobs.save(job)

    async def _take_up(self, job: Job, devices: tuple[str, ...]) -> Lease | None:
        manifest = await self.datasets.manifest_of(job.request.dataset)
        if manifest is None:
            await self._fail(job, "dataset_missing", f"dataset {job.request.dataset} is not there any more")
            return None
        there = await self.references.pointed(job.request.model, {*job.references, CHAMPION})
        if gone := [reference for reference in job.references if reference not in there]:
            reason = f"{job.request.model}: {', '.join(gone)}, which it needs, is out of use"
            await self._fail(job, "version_missing", reason)
            return None
        if not job.take_up(most_deaths=self.most_deaths):
            await self._fail(job, "attempts_exhausted", f"{job.deaths} attempts in a row ended without a word")
            return None
        job.waits_for_device = False
        await self.jobs.save(job)
        worked_s = await self.jobs.grant(job, self.holder, self.lease_s)
        return Lease(
            job_id=job.id,
            attempt=job.attempt,
            request=job.request,
            cause=job.cause,
            manifest=manifest,
            checkpoints=job.checkpoints,
            budget_left_s=job.minutes * SECONDS_A_MINUTE - worked_s,
            versions=_versions(job, there),
            study=job.study,
            devices=devices,
        )

    async def _fail(self, job: Job, kind: str, reason: str) -> None:
        job.fail()
        said = TrainFailed(job_id=job.id, model=job.request.model, kind=kind, reason=reason)
        await self.answering(job).publish(said, sequence=job.say())
        await self.jobs.save(job)
        await self.trial_over(job, kind, reason)


def _versions(job: Job, there: Mapping[str, AliasAssigned]) -> tuple[NeededVersion, ...]:
    """What it needs, and the champion that it is to be compared with, of the versions that are there."""
    match job.request:
        case EvaluationRequested():
            return tuple(NeededVersion("tested", there[reference]) for reference in job.references)
        case TrainRequested(members=members):
            needed = [
                NeededVersion("member" if int(reference) in members else "base", there[reference])
                for reference in job.references
            ]
        case _:
            needed = []
    compared = CHAMPION in there and job.study is None  # a trial is not tested
    champion = [NeededVersion("champion", there[CHAMPION])] if compared else []
    return (*needed, *champion)
