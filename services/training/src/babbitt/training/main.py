"""Composition: what training consists of."""

import asyncio

from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.datasets import DatasetCancelled, DatasetDeleted, DatasetFailed, DatasetReady
from babbitt.contracts.topics import DATASETS_EVENTS, TRAINING_REQUESTS
from babbitt.contracts.training import TrainCancelRequested, TrainRequested
from babbitt.training.adapters.child_process import ChildFits
from babbitt.training.adapters.transactional_book import TransactionalBook
from babbitt.training.adapters.workspace import ObjectWorkspaces
from babbitt.training.application.run_job import RunJob
from babbitt.training.entrypoints.consumers import Consumers
from babbitt.training.entrypoints.sweeper import sweep_for_ever
from babbitt.training.entrypoints.worker import Worker
from babbitt.training.families.registry import load_presets
from babbitt.training.settings import TrainingSettings

RENEWALS_A_LEASE = 5


async def serve(settings: TrainingSettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set; jobs that run then are given back."""
    chassis = make_chassis(settings)
    consumers = Consumers(load_presets().names())
    chassis.control_plane.hears(
        TRAINING_REQUESTS,
        {TrainRequested: consumers.train_requested, TrainCancelRequested: consumers.cancel_requested},
    )
    chassis.control_plane.hears(
        DATASETS_EVENTS,
        {
            DatasetReady: consumers.dataset_ready,
            DatasetFailed: consumers.dataset_failed,
            DatasetCancelled: consumers.dataset_cancelled,
            DatasetDeleted: consumers.dataset_deleted,
        },
    )
    book = TransactionalBook(
        chassis.sessions, chassis.relay.wake, lease_s=settings.lease_s, most_deaths=settings.attempts
    )
    workspaces = ObjectWorkspaces(chassis.objects, settings.scratch_folder, settings.cache_bytes)
    run_job = RunJob(book, workspaces, ChildFits(settings.threads), settings.lease_s / RENEWALS_A_LEASE)
    async with running(chassis, stop) as background:
        background.create_task(sweep_for_ever(chassis.sessions, longest_wait_s=settings.dataset_wait_s))
        for number in range(settings.workers):
            name = f"{settings.instance}/{number}"
            worker = Worker(settings, name, chassis.sessions, chassis.relay.wake, book, run_job)
            background.create_task(worker.run())
        await stop.wait()
