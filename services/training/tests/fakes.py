"""Fakes of the ports on the service's database."""

import time
from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Message
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.study_reports import StudyReport
from babbitt.contracts.training import JobKind
from babbitt.training.application.advance_study import AdvanceStudy
from babbitt.training.application.readiness import Readiness
from babbitt.training.application.submit_job import SubmitJob
from babbitt.training.application.submit_tuning import SubmitTuning
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import ENDED, KINDS, Job, State
from babbitt.training.domain.known_reference import KnownReference
from babbitt.training.domain.study import Attempted, Settings, Study
from babbitt.training.errors import LeaseLost
from babbitt.training.families.registry import load_presets


class InMemoryJobs:
    """The port's fake; time is the process's own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rows: dict[UUID, Job] = {}
        self.leases: dict[UUID, tuple[int, float, float]] = {}
        self.created: dict[UUID, tuple[float, datetime]] = {}
        self.saved: dict[UUID, float] = {}
        self.worked_s: dict[UUID, float] = {}
        self._clock = clock

    async def reserve(self, job_id: UUID) -> None:
        pass

    async def add(self, job: Job) -> bool:
        if job.id in self.rows:
            return False
        self.rows[job.id] = replace(job)
        self.created[job.id] = (self._clock(), datetime.now(UTC))
        return True

    async def locked(self, job_id: UUID) -> Job | None:
        return replace(self.rows[job_id]) if job_id in self.rows else None

    async def save(self, job: Job) -> None:
        self.rows[job.id] = replace(job)
        self.saved[job.id] = self._clock()

    async def waiting_for(self, dataset_id: str, *, since: datetime | None = None) -> list[Job]:
        return [
            replace(job)
            for job in self.rows.values()
            if job.state is State.WAITING
            and job.request.dataset == dataset_id
            and (since is None or self.created[job.id][1] < since)
        ]

    async def waited_longer_than(self, seconds: float) -> list[Job]:
        oldest = self._clock() - seconds
        return [
            replace(job)
            for job in self.rows.values()
            if job.state is State.WAITING and self.created[job.id][0] < oldest
        ]

    async def next_to_run(self, kinds: Collection[JobKind] = tuple(KINDS)) -> Job | None:
        for job in sorted(self.rows.values(), key=lambda job: self.created[job.id][0]):
            if job.kind not in kinds:
                continue
            ran_out = job.state is State.RUNNING and self.leases[job.id][1] < self._clock()
            if job.state is State.QUEUED or ran_out:
                return replace(job)
        return None

    async def grant(self, job: Job, holder: str, lease_s: float) -> float:
        self.leases[job.id] = (job.attempt, self._clock() + lease_s, self._clock())
        return self.worked_s.setdefault(job.id, 0.0)

    async def held(self, job_id: UUID, attempt: int) -> Job:
        job = self.rows.get(job_id)
        if (
            job is None
            or job.state is not State.RUNNING
            or job.attempt != attempt
            or self.leases[job_id][1] <= self._clock()
        ):
            raise LeaseLost(job_id, attempt)
        return replace(job)

    async def renew(self, job_id: UUID, attempt: int, lease_s: float) -> None:
        await self.held(job_id, attempt)
        now = self._clock()
        self.worked_s[job_id] += now - self.leases[job_id][2]
        self.leases[job_id] = (attempt, now + lease_s, now)

    async def waiting_for_version(self, model: str) -> list[Job]:
        return [replace(job) for job in self.rows.values() if job.state is State.WAITING and job.request.model == model]

    async def of_study(self, study: UUID) -> list[Job]:
        return [replace(job) for job in self.rows.values() if job.study and job.study.study == study]

    async def ended_with_checkpoint(self, seconds: float) -> list[UUID]:
        oldest = self._clock() - seconds
        return [
            job.id
            for job in self.rows.values()
            if job.state in ENDED and job.checkpoints and self.saved[job.id] < oldest
        ]

    async def forget_checkpoint(self, job_id: UUID) -> None:
        self.rows[job_id].checkpoints = ()


class InMemoryStudies:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Study] = {}

    async def add(self, study: Study) -> bool:
        if study.id in self.rows:
            return False
        self.rows[study.id] = deepcopy(study)
        return True

    async def locked(self, study_id: UUID) -> Study | None:
        return deepcopy(self.rows.get(study_id))

    async def save(self, study: Study) -> None:
        self.rows[study.id] = deepcopy(study)


class ListedSettings:
    """A sampler whose answers are listed; trials that are named lie behind."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []
        self.behind: set[int] = set()

    async def ask(self, study: Study) -> Settings:
        return self.settings[len(study.trials)]

    async def lies_behind(self, _study: Study, trial: Attempted, _epochs: int) -> bool:
        return trial.number in self.behind

    async def importance(self, study: Study) -> dict[str, float]:
        return dict.fromkeys(study.request.space, 1.0 / len(study.request.space))


class InMemoryDatasets:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[str, KnownDataset] = {}

    async def locked(self, dataset_id: str) -> KnownDataset:
        return replace(self.rows.setdefault(dataset_id, KnownDataset(dataset_id)))

    async def save(self, dataset: KnownDataset) -> None:
        self.rows[dataset.id] = replace(dataset)

    async def manifest_of(self, dataset_id: str) -> ObjectReference | None:
        return self.rows[dataset_id].manifest if dataset_id in self.rows else None


class InMemoryReferences:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], KnownReference] = {}

    async def locked(self, model: str, reference: str) -> KnownReference:
        return replace(self.rows.setdefault((model, reference), KnownReference(model, reference)))

    async def save(self, known: KnownReference) -> None:
        self.rows[known.model, known.reference] = replace(known)

    async def pointed(self, model: str, references: Collection[str]) -> dict[str, AliasAssigned]:
        known = {reference: self.rows.get((model, reference)) for reference in references}
        return {reference: row.assigned for reference, row in known.items() if row and row.assigned}


class InMemoryCancellations:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[UUID, str | None] = {}

    async def remember(self, job_id: UUID, reason: str | None) -> None:
        self.rows.setdefault(job_id, reason)

    async def take(self, job_id: UUID) -> tuple[bool, str | None]:
        return job_id in self.rows, self.rows.pop(job_id, None)


class InMemoryStudyReports:
    """The port's fake: keeps the reports without figures."""

    def __init__(self) -> None:
        self.kept: list[StudyReport] = []

    async def keep(self, report: StudyReport) -> ObjectReference:
        self.kept.append(report)
        return ObjectReference(key=f"training/artifacts/study-{len(self.kept)}", sha256="5" * 64, size_bytes=1)


class RecordingOutbox:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.sequences: list[int] = []
        self.ids: list[UUID | None] = []

    async def publish(self, message: Message, *, sequence: int, event_id: UUID | None = None) -> None:
        self.said.append(message)
        self.sequences.append(sequence)
        self.ids.append(event_id)


@dataclass
class Memory:
    """All fakes of the service's ports on its database."""

    jobs: InMemoryJobs = field(default_factory=InMemoryJobs)
    datasets: InMemoryDatasets = field(default_factory=InMemoryDatasets)
    references: InMemoryReferences = field(default_factory=InMemoryReferences)
    studies: InMemoryStudies = field(default_factory=InMemoryStudies)
    sampler: ListedSettings = field(default_factory=ListedSettings)
    cancellations: InMemoryCancellations = field(default_factory=InMemoryCancellations)
    reports: InMemoryStudyReports = field(default_factory=InMemoryStudyReports)
    outbox: RecordingOutbox = field(default_factory=RecordingOutbox)

    @property
    def submit(self) -> SubmitJob:
        known = self.datasets, self.references, self.studies, self.cancellations
        return SubmitJob(self.jobs, *known, self.outbox, load_presets())

    @property
    def advance(self) -> AdvanceStudy:
        submit = self.submit
        return AdvanceStudy(self.studies, self.sampler, lambda _: submit, self.answering, load_presets(), self.reports)

    @property
    def tune(self) -> SubmitTuning:
        return SubmitTuning(self.jobs, self.studies, self.cancellations, self.outbox, self.advance)

    @property
    def readiness(self) -> Readiness:
        return Readiness(self.datasets, self.references)

    def answering(self, _asked: Job | Study) -> RecordingOutbox:
        return self.outbox
