"""A dataset's shards are made by whoever is there, whatever happens meanwhile: on a real broker and a real database."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import transaction
from babbitt.chassis.metrics import REGISTRY
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.outbox import Outbox, read_headers
from babbitt.chassis.tables import OUTBOX
from babbitt.contracts.datasets import (
    DatasetCancelled,
    DatasetCancelRequested,
    DatasetFailed,
    DatasetReady,
    ShardRequested,
)
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.topics import DATASETS_SHARDS, dead_letters
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.adapters.postgres import PostgresDatasets, datasets_in_transaction
from babbitt.signals.adapters.tables import DATASETS, SHARDS
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.adapters.worker import Worker
from babbitt.signals.application.collect_objects import CollectObjects
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.domain.plan import plan_of

pytestmark = pytest.mark.integration


async def test_two_replicas_make_a_dataset_and_say_once_that_it_is_ready(bench, small):
    configuration = small(records_per_class=40)
    async with bench.running("signals-0"), bench.running("signals-1"), bench.events() as until:
        await bench.ask(configuration)
        await until(DatasetReady)
        await bench.ask(small(seed=1))
        await until(DatasetReady, small(seed=1).dataset_id())
    kinds = [type(delivery.message) for delivery in until.seen]
    assert kinds.count(DatasetReady) == 2


async def test_the_last_two_shards_finished_at_once_give_one_ready_dataset(bench, small, scratch):
    """Both are made before either transaction locks the dataset."""
    configuration = small()
    plan = plan_of(configuration)
    async with transaction(bench.sessions) as session:
        datasets = PostgresDatasets(session)
        dataset = await datasets.locked_or_new(configuration)
        dataset.begin(len(plan.shards), None)
        await datasets.save(dataset)
    both_made = asyncio.Barrier(2)

    class Together(StoredShards):
        async def make(self, configuration, dataset_id, attempt, planned):
            made = await super().make(configuration, dataset_id, attempt, planned)
            if planned.index >= len(plan.shards) - 2:
                await both_made.wait()
            return made

    with Worker() as worker:
        objects = ObjectStore(bench.objects, "signals")
        shards = Together(objects, worker, scratch, UploadedFiles(objects, scratch, kept_bytes=0))

        async def make(planned):
            async with transaction(bench.sessions) as session:
                datasets, outbox = PostgresDatasets(session), Outbox(session, "/babbitt/signals")
                finish = FinishDataset(datasets, shards, outbox, worker)
                await MakeShard(datasets, shards, finish, outbox, utc_now)(
                    ShardRequested(
                        dataset_id=dataset.id,
                        attempt=1,
                        index=planned.index,
                        first_record=planned.first,
                        records=planned.count,
                    )
                )

        for planned in plan.shards[:-2]:
            await make(planned)
        await asyncio.gather(*(make(planned) for planned in plan.shards[-2:]))
    async with transaction(bench.sessions) as session:
        said = (await session.scalars(select(OUTBOX.c.headers).order_by(OUTBOX.c.id))).all()
        stored = await PostgresDatasets(session).find(dataset.id)
    types = [dict(read_headers(headers))["ce_type"] for headers in said]
    assert types.count(b"DatasetReady") == 1
    assert stored.shards_done == len(plan.shards)
    assert stored.state == "ready"


async def test_a_replica_killed_in_mid_shard_leaves_no_gap_and_doubles_nothing(bench, small):
    """It has stored a shard, and is kept from taking note of it until it is gone."""
    configuration = small(seed=3)
    folder = bench.installation.objects / "signals" / "datasets" / configuration.dataset_id() / "1"
    async with bench.events() as until:
        async with bench.process("signals-0") as first:
            async with transaction(bench.sessions) as session:
                await session.execute(text("LOCK TABLE shards IN SHARE ROW EXCLUSIVE MODE"))
                await bench.ask(configuration)
                await bench.until_one_waits_for_a_lock()
                first.kill()
                await first.wait()
            assert len(list(folder.iterdir())) == 1
            assert await bench.counted(select(func.count()).select_from(SHARDS)) == 0
        async with bench.process("signals-1") as second:
            ready = (await until(DatasetReady)).message
            await bench.ask(small(seed=1))
            await until(DatasetReady, small(seed=1).dataset_id())
        assert second.returncode == 0
    ids = [delivery.envelope.id for delivery in until.seen if isinstance(delivery.message, DatasetReady)]
    assert len(set(ids)) == 2
    assert await bench.counted(select(func.max(DATASETS.c.attempt))) == 1
    content = await bench.uploads.read(ready.manifest.key, ready.manifest.sha256)
    manifest = DatasetManifest.model_validate_json(content)
    assert len(manifest.records) == len({entry.record for entry in manifest.records}) == 12
    for reference in manifest.shards:
        await bench.uploads.read(reference.key, reference.sha256)
    beside = {"manifest.json", "report.json", "report.html"}
    assert {path.name for path in folder.iterdir()} == beside | {shard.sha256 for shard in manifest.shards}


async def test_a_dataset_cancelled_while_a_shard_is_made_is_made_no_further_and_what_it_left_is_swept(
    bench, small, worker, scratch
):
    configuration, other = small(seed=5), small(seed=6)
    folder = bench.installation.objects / "signals" / "datasets" / configuration.dataset_id()
    async with bench.running(), bench.events() as until:
        async with transaction(bench.sessions) as session:
            await session.execute(text("LOCK TABLE shards IN SHARE ROW EXCLUSIVE MODE"))
            await bench.ask(configuration)
            await bench.until_one_waits_for_a_lock()
            await bench.tell(DatasetCancelRequested(dataset_id=configuration.dataset_id()))
        await until(DatasetCancelled)
        await bench.ask(other)  # its shards come behind all that were asked for before
        await until(DatasetReady, other.dataset_id())
    assert DatasetReady not in {type(one.message) for one in until.seen if one.message.dataset_id != other.dataset_id()}
    of_it = select(func.count()).select_from(SHARDS).where(SHARDS.c.dataset_id == configuration.dataset_id())
    assert await bench.counted(of_it) < len(plan_of(configuration).shards)
    assert list(folder.rglob("*/*")) != []
    store = ObjectStore(bench.objects, "signals")
    shards = StoredShards(store, worker, scratch, UploadedFiles(store, scratch, kept_bytes=0))
    await CollectObjects(partial(datasets_in_transaction, bench.sessions), shards, utc_now, timedelta())()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_a_shard_that_is_given_up_fails_its_dataset_which_can_then_be_made_anew(bench, small):
    async def alter(change):
        async with transaction(bench.sessions) as session:
            await session.execute(text(f"ALTER TABLE shards {change}"))

    await alter("ADD CONSTRAINT a_bug CHECK (shard <> 1)")
    async with bench.running(), bench.events() as until, bench.reader(dead_letters("signals")) as letters:
        await bench.ask(small())
        failed = (await until(DatasetFailed)).message
        letter = await letters()
        await alter("DROP CONSTRAINT a_bug")
        await bench.ask(small())
        await until(DatasetReady)
    assert failed.dataset_id == small().dataset_id()
    assert failed.reason.startswith("shard 1 was given up: IntegrityError")
    assert dict(letter.headers)["dlq_kind"] == b"bug"


def unready(topic):
    return REGISTRY.get_sample_value("babbitt_ready", {"check": topic.name}) == 0


async def test_while_the_object_store_is_away_shards_wait_and_readiness_says_so(bench, small):
    configuration = small(seed=77)
    in_the_way = bench.installation.objects / "signals" / "datasets" / configuration.dataset_id()
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("a file where a folder has to be")
    async with bench.running(), bench.events() as until, bench.reader(dead_letters("signals")) as letters:
        await bench.ask(configuration)
        async with asyncio.timeout(30):
            while not unready(DATASETS_SHARDS):
                await asyncio.sleep(0.01)
        in_the_way.unlink()
        await until(DatasetReady, configuration.dataset_id())
        assert not unready(DATASETS_SHARDS)
        await bench.send(b"{not json")
        assert (await letters()).value == b"{not json"
