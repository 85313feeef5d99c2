"""Composition: what signals consists of."""

import asyncio

from babbitt.chassis.clock import utc_now
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.datasets import (
    DatasetCancelRequested,
    DatasetDeleteRequested,
    DatasetRequested,
    ShardRequested,
)
from babbitt.contracts.topics import DATASETS_REQUESTS, DATASETS_SHARDS
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.adapters.worker import Worker
from babbitt.signals.entrypoints.consumers import Consumers
from babbitt.signals.entrypoints.sweeper import sweep_for_ever
from babbitt.signals.settings import SignalsSettings


async def serve(settings: SignalsSettings, stop: asyncio.Event) -> None:
    """Run until `stop` is set."""
    chassis = make_chassis(settings)
    with Worker() as worker:
        shards = StoredShards(chassis.objects, worker, settings.scratch_folder)
        consumers = Consumers(shards, worker, utc_now)
        chassis.control_plane.hears(
            DATASETS_REQUESTS,
            {
                DatasetRequested: consumers.dataset_requested,
                DatasetCancelRequested: consumers.cancel_requested,
                DatasetDeleteRequested: consumers.delete_requested,
            },
        )
        chassis.control_plane.hears(DATASETS_SHARDS, {ShardRequested: consumers.shard_requested})
        async with running(chassis) as background:
            background.create_task(sweep_for_ever(settings, chassis.sessions, shards, utc_now))
            await stop.wait()
