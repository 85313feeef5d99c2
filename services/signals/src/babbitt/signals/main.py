"""Composition: what signals consists of."""

import asyncio
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.outbox import Outbox
from babbitt.chassis.scratch import ScratchFolder
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.datasets import DatasetCancelRequested, DatasetDeleteRequested, DatasetRequested, ShardRequested
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.models import ModelRegistered, ModelRetired
from babbitt.contracts.topics import DATASETS_REQUESTS, DATASETS_SHARDS, MODELS_EVENTS
from babbitt.signals.adapters.lineage import PostgresLineage
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.adapters.postgres import PostgresDatasets, datasets_in_transaction
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.adapters.worker import Worker
from babbitt.signals.application.cancel_dataset import CancelDataset
from babbitt.signals.application.collect_objects import CollectObjects
from babbitt.signals.application.delete_dataset import DeleteDataset
from babbitt.signals.application.fail_stalled import FailStalled
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.keep_lineage import KeepLineage
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.ports import Shards, Uploads
from babbitt.signals.application.request_dataset import RequestDataset
from babbitt.signals.entrypoints.consumers import Consumers
from babbitt.signals.entrypoints.sweeper import Sweeper
from babbitt.signals.settings import SignalsSettings


async def serve(settings: SignalsSettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set."""
    chassis = make_chassis(settings)
    with Worker() as worker, Worker() as planner, ScratchFolder(settings.scratch_folder) as scratch:
        uploads = UploadedFiles(chassis.objects, scratch, settings.kept_upload_bytes)
        shards = StoredShards(chassis.objects, worker, scratch, uploads)
        consumers = make_consumers(shards, uploads, worker, planner)
        chassis.control_plane.hears(
            DATASETS_REQUESTS,
            {
                DatasetRequested: consumers.dataset_requested,
                DatasetCancelRequested: consumers.cancel_requested,
                DatasetDeleteRequested: consumers.delete_requested,
            },
        )
        chassis.control_plane.hears(
            DATASETS_SHARDS, {ShardRequested: consumers.shard_requested}, given_up=consumers.shard_given_up
        )
        chassis.control_plane.hears(
            MODELS_EVENTS, {ModelRegistered: consumers.model_registered, ModelRetired: consumers.model_retired}
        )
        stalled, kept = timedelta(hours=settings.stalled_after_hours), timedelta(hours=settings.keep_deleted_hours)
        sweeper = Sweeper(
            chassis.sessions,
            lambda session: FailStalled(PostgresDatasets(session), said(session), utc_now, stalled),
            CollectObjects(partial(datasets_in_transaction, chassis.sessions), shards, utc_now, kept),
        )
        async with running(chassis, stop) as background:
            background.create_task(sweeper.run(settings.sweep_interval_s))
            await stop.wait()


def make_consumers(shards: Shards, uploads: Uploads, worker: Worker, planner: Worker) -> Consumers:
    """The consumers, with their use cases built within each message's transaction. To be planned no dataset waits for
    another's shard.
    """

    def make(session: AsyncSession, cause: Envelope) -> MakeShard:
        datasets, outbox = PostgresDatasets(session), said(session, cause)
        return MakeShard(datasets, shards, FinishDataset(datasets, shards, outbox, worker), outbox, utc_now)

    return Consumers(
        request=lambda session, cause: RequestDataset(
            PostgresDatasets(session), said(session, cause), planner, uploads
        ),
        make=make,
        cancel=lambda session, cause: CancelDataset(PostgresDatasets(session), said(session, cause)),
        delete=lambda session, cause: DeleteDataset(
            PostgresDatasets(session), PostgresLineage(session), said(session, cause)
        ),
        lineage=lambda session, _: KeepLineage(PostgresLineage(session)),
    )


def said(session: AsyncSession, cause: Envelope | None = None) -> Outbox:
    """What signals says within a transaction."""
    return Outbox(session, "/babbitt/signals", cause)
