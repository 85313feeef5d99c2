"""Composition: what training consists of."""

import asyncio
from collections.abc import Callable
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.outbox import Outbox
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.envelope import Envelope
from babbitt.training.adapters.child_process import ChildFits
from babbitt.training.adapters.host_devices import HostDevices
from babbitt.training.adapters.optuna_sampler import OptunaSampler
from babbitt.training.adapters.postgres_datasets import PostgresCancellations, PostgresDatasets
from babbitt.training.adapters.postgres_jobs import PostgresJobs, jobs_in_transaction
from babbitt.training.adapters.postgres_references import PostgresReferences
from babbitt.training.adapters.postgres_studies import PostgresStudies
from babbitt.training.adapters.signing import signing
from babbitt.training.adapters.speaking import SOURCE, answering
from babbitt.training.adapters.stored_study_reports import StoredStudyReports
from babbitt.training.adapters.transactional_book import TransactionalBook
from babbitt.training.adapters.workspace import ObjectWorkspaces
from babbitt.training.application.advance_study import AdvanceStudy
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.cancel_tuning import CancelTuning
from babbitt.training.application.collect_checkpoints import CollectCheckpoints
from babbitt.training.application.fail_waiting import FailWaiting
from babbitt.training.application.forget_dataset import ForgetDataset
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.application.note_dataset import NoteDataset
from babbitt.training.application.note_reference import NoteReference
from babbitt.training.application.ports import Devices, StudyReports
from babbitt.training.application.readiness import Readiness
from babbitt.training.application.run_job import RunJob
from babbitt.training.application.submit_job import SubmitJob
from babbitt.training.application.submit_tuning import SubmitTuning
from babbitt.training.entrypoints.consumers import Consumers
from babbitt.training.entrypoints.sweeper import sweep_for_ever
from babbitt.training.entrypoints.worker import Worker
from babbitt.training.families.registry import Presets, load_presets
from babbitt.training.settings import TrainingSettings

RENEWALS_A_LEASE = 5
SWEEP_EVERY_S = 5.0
CHECKPOINTS_KEPT_S = 3600.0


async def serve(settings: TrainingSettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set; jobs that run then are given back."""
    chassis = make_chassis(settings)
    presets = load_presets()
    advance = partial(advancing, presets, StoredStudyReports(chassis.objects))
    consumers = make_consumers(presets, advance)
    for topic, handlers in consumers.by_topic().items():
        gone = consumers.alias_gone if topic.compacted else None
        chassis.control_plane.hears(topic, handlers, gone=gone)
    book = TransactionalBook(
        chassis.sessions,
        chassis.relay.wake,
        advance,
        lease_s=settings.lease_s,
        most_deaths=settings.attempts,
        sign=signing(settings),
    )
    workspaces = ObjectWorkspaces(chassis.objects, settings.scratch_folder, settings.cache_bytes)
    devices = await asyncio.to_thread(HostDevices.found, settings)
    fits = ChildFits(settings.threads, settings.processes_asked)
    run_job = RunJob(book, workspaces, fits, settings.lease_s / RENEWALS_A_LEASE, devices.wanted)
    async with running(chassis, stop) as background:
        background.create_task(
            sweep_for_ever(
                chassis.sessions,
                lambda session: FailWaiting(
                    PostgresJobs(session),
                    readiness(session),
                    answering(session),
                    settings.dataset_wait_s,
                    advance(session).failed,
                ),
                PostgresCancellations,
                CollectCheckpoints(partial(jobs_in_transaction, chassis.sessions), workspaces, CHECKPOINTS_KEPT_S),
                every_s=min(SWEEP_EVERY_S, settings.dataset_wait_s),
            )
        )
        background.create_task(devices.follow())
        for number in range(settings.workers):
            lease_job = make_lease_job(settings, f"{settings.instance}/{number}", devices.leasing, advance)
            worker = Worker(chassis.sessions, lease_job, chassis.relay.wake, book, run_job, settings.poll_s)
            background.create_task(worker.run())
        await stop.wait()


def make_consumers(presets: Presets, advance: Callable[[AsyncSession], AdvanceStudy]) -> Consumers:
    """The consumers, with their use cases built within each message's transaction."""
    return Consumers(
        submit=lambda session, cause: submitting(presets, session, cause),
        tune=lambda session, cause: SubmitTuning(
            PostgresJobs(session),
            PostgresStudies(session),
            PostgresCancellations(session),
            Outbox(session, SOURCE, cause),
            advance(session),
        ),
        cancel=lambda session, cause: CancelJob(
            PostgresJobs(session),
            PostgresCancellations(session),
            Outbox(session, SOURCE, cause),
            CancelTuning(PostgresJobs(session), PostgresStudies(session), Outbox(session, SOURCE, cause)),
            advance(session).failed,
        ),
        note=lambda session, _: NoteDataset(
            PostgresJobs(session), PostgresDatasets(session), readiness(session), answering(session)
        ),
        forget=lambda session, _: ForgetDataset(
            PostgresJobs(session), PostgresDatasets(session), answering(session), advance(session).failed
        ),
        refer=lambda session: NoteReference(
            PostgresJobs(session), PostgresReferences(session), readiness(session), answering(session)
        ),
    )


def submitting(presets: Presets, session: AsyncSession, cause: Envelope) -> SubmitJob:
    """How jobs are entered in answer to a request, within a transaction."""
    return SubmitJob(
        PostgresJobs(session),
        PostgresDatasets(session),
        PostgresReferences(session),
        PostgresStudies(session),
        PostgresCancellations(session),
        Outbox(session, SOURCE, cause),
        presets,
    )


def advancing(presets: Presets, reports: StudyReports, session: AsyncSession) -> AdvanceStudy:
    """How studies go on, within a transaction."""
    return AdvanceStudy(
        PostgresStudies(session),
        OptunaSampler(),
        lambda study: submitting(presets, session, study.cause),
        answering(session),
        presets,
        reports,
    )


def readiness(session: AsyncSession) -> Readiness:
    """Whether what a job needs is there, within a transaction."""
    return Readiness(PostgresDatasets(session), PostgresReferences(session))


def make_lease_job(
    settings: TrainingSettings,
    holder: str,
    leasing: Callable[[AsyncSession], Devices],
    advance: Callable[[AsyncSession], AdvanceStudy],
) -> Callable[[AsyncSession], LeaseJob]:
    """How the worker of that name, which is unique in the installation, takes up a job."""
    return lambda session: LeaseJob(
        PostgresJobs(session),
        PostgresDatasets(session),
        PostgresReferences(session),
        answering(session),
        holder=holder,
        lease_s=settings.lease_s,
        most_deaths=settings.attempts,
        trial_over=advance(session).failed,
        devices=leasing(session),
    )
