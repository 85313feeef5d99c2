import asyncio
import os
from dataclasses import replace
from uuid import UUID

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.adapters.scratch import LOCK, PREFIX, YOUNG_S, attempt_folder, remove_abandoned
from babbitt.training.adapters.shard_cache import ShardCache
from babbitt.training.adapters.workspace import ObjectWorkspaces
from babbitt.training.domain.job import SavedCheckpoint
from babbitt.training.domain.known_reference import NeededVersion
from babbitt.training.domain.lease import Lease
from babbitt.training.domain.place import Place
from babbitt.training.errors import DatasetGone, VersionGone
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.progress import CheckpointWritten, OutputFile
from babbitt.training.fitting.request import read_request


@pytest.fixture
def url(tmp_path):
    return (tmp_path / "objects").as_uri()


@pytest.fixture
def workspaces(url, tmp_path):
    return ObjectWorkspaces(ObjectStore(url, "training"), tmp_path / "scratch", 10**9)


@pytest.fixture
async def lease(url, dataset, cause):
    """A lease on a job whose dataset lies in the store."""
    folder, manifest = dataset
    signals = ObjectStore(url, "signals")
    for shard in manifest.shards:
        await signals.put(shard.key, folder / shard.key.rsplit("/", 1)[-1])
    reference = await signals.put("signals/datasets/d/1/manifest.json", folder / "manifest.json")
    request = TrainRequested(model="pump", dataset=manifest.dataset_id)

    def make(*checkpoints, **changes):
        return Lease(UUID(int=1), 1, request, cause, reference, checkpoints, 60.0, **changes)

    return make


async def test_a_workspace_holds_what_a_fit_reads(workspaces, lease, dataset):
    async with workspaces.opened(lease()) as workspace:
        await workspace.prepare()
        await workspace.prepare()  # again, after the store was away in between
        DatasetFolder(workspace.folder / "data").verify()
        assert read_request(workspace.folder / "request.json", TrainRequested).dataset == dataset[1].dataset_id
    assert not workspace.folder.exists()


async def test_a_scratch_folder_that_cannot_be_written_is_waited_for(workspaces, lease, tmp_path):
    in_the_way = tmp_path / "scratch"
    in_the_way.touch()
    asyncio.get_running_loop().call_later(0.1, in_the_way.unlink)
    async with workspaces.opened(lease()) as workspace:
        assert workspace.folder.parent == in_the_way


async def test_a_missing_shard_is_a_dataset_that_is_gone(workspaces, lease, url, dataset):
    await ObjectStore(url, "signals").delete(dataset[1].shards[1].key)
    async with workspaces.opened(lease()) as workspace:
        with pytest.raises(DatasetGone, match="no object"):
            await workspace.prepare()


async def test_a_dataset_of_another_version_is_gone_and_what_to_do_is_said(workspaces, lease, url):
    before = await ObjectStore(url, "signals").put("signals/datasets/d/1/manifest.json", b'{"format": 1}')
    async with workspaces.opened(replace(lease(), manifest=before)) as workspace:
        with pytest.raises(DatasetGone, match="another version of signals made it"):
            await workspace.prepare()


async def test_the_checkpoint_is_laid_where_the_fit_looks_for_it(workspaces, lease, url):
    reference = await ObjectStore(url, "training").put_addressed("checkpoints/j", b"weights")
    async with workspaces.opened(lease(SavedCheckpoint(Place(2, 12, 7), reference))) as workspace:
        await workspace.prepare()
        assert (workspace.folder / "out/checkpoints/run-002-epoch-00012-step-0000007.pt").read_bytes() == b"weights"


async def test_without_its_checkpoint_a_job_begins_anew(workspaces, lease):
    lost = ObjectReference(key="training/checkpoints/j/lost", sha256="a" * 64, size_bytes=1)
    async with workspaces.opened(lease(SavedCheckpoint(Place(1, 12), lost))) as workspace:
        await workspace.prepare()
        assert list((workspace.folder / "out/checkpoints").iterdir()) == []


async def test_where_the_last_checkpoint_is_damaged_the_one_before_is_laid_out(workspaces, lease, url):
    before = await ObjectStore(url, "training").put_addressed("checkpoints/j", b"before")
    damaged = ObjectReference(key=before.key, sha256="a" * 64, size_bytes=6)
    async with workspaces.opened(
        lease(SavedCheckpoint(Place(1, 11), before), SavedCheckpoint(Place(1, 12), damaged))
    ) as workspace:
        await workspace.prepare()
        (laid,) = (workspace.folder / "out/checkpoints").iterdir()
        assert (laid.name, laid.read_bytes()) == ("run-001-epoch-00011-step-0000000.pt", b"before")


async def test_versions_that_a_job_needs_are_laid_out_with_what_they_read(workspaces, lease, url, golden):
    artifact = await ObjectStore(url, "registry").put("registry/artifacts/x", b"graph")
    weights = await ObjectStore(url, "registry").put("registry/artifacts/y", b"tensors")
    assigned = golden("AliasAssigned").message.model_copy(update={"artifact": artifact, "weights": weights})
    versions = NeededVersion("base", assigned), NeededVersion("champion", assigned)
    async with workspaces.opened(lease(versions=versions)) as workspace:
        await workspace.prepare()
        bases = Bases(workspace.folder / "bases")
    base, champion = bases.all
    assert (base.role, base.version, base.sha256) == ("base", assigned.version, artifact.sha256)
    assert (base.model_spec, champion.weights) == (assigned.model_spec, None)


async def test_a_champion_whose_file_is_not_there_costs_the_comparison_alone(workspaces, lease, golden):
    versions = (NeededVersion("champion", golden("AliasAssigned").message),)
    async with workspaces.opened(lease(versions=versions)) as workspace:
        await workspace.prepare()
        assert Bases(workspace.folder / "bases").all == ()


async def test_a_version_whose_file_is_not_there_is_gone(workspaces, lease, golden):
    versions = (NeededVersion("tested", golden("AliasAssigned").message),)
    async with workspaces.opened(lease(versions=versions)) as workspace:
        with pytest.raises(VersionGone, match="no object"):
            await workspace.prepare()


async def test_a_checkpoint_is_stored_under_its_job_and_digest(workspaces, lease):
    written = CheckpointWritten(epoch=1, checkpoint=OutputFile(file="checkpoints/x.pt", sha256="a" * 64, size_bytes=1))
    async with workspaces.opened(lease()) as workspace:
        await workspace.prepare()
        (workspace.folder / "out/checkpoints").mkdir()
        (workspace.folder / "out/checkpoints/x.pt").write_bytes(b"weights")
        reference = await workspace.keep_checkpoint(written)
    assert reference.key == f"training/checkpoints/{UUID(int=1)}/{reference.sha256}"


async def test_all_checkpoints_of_a_job_are_discarded_and_no_other_jobs(workspaces, url):
    store = ObjectStore(url, "training")
    first, second, other = [
        await store.put_addressed(f"checkpoints/{UUID(int=job)}", content)
        for job, content in ((1, b"1"), (1, b"2"), (2, b"3"))
    ]
    await workspaces.discard_checkpoints(UUID(int=1))
    assert [await store.size_of(each.key) for each in (first, second, other)] == [None, None, 1]
    await workspaces.discard_checkpoints(UUID(int=1))


async def test_a_cached_shard_that_was_damaged_is_fetched_anew(url, tmp_path):
    objects = ObjectStore(url, "training")
    reference = await objects.put_addressed("shards", b"samples")
    cache = ShardCache(objects, tmp_path / "cache", 10**6)
    await cache.place(reference, tmp_path / "first")
    (tmp_path / "cache" / reference.sha256).unlink()
    (tmp_path / "cache" / reference.sha256).write_bytes(b"garbage")
    await cache.place(reference, tmp_path / "second")
    assert (tmp_path / "second").read_bytes() == b"samples"


async def test_a_cached_shard_is_not_fetched_again(url, tmp_path):
    objects = ObjectStore(url, "training")
    reference = await objects.put_addressed("shards", b"samples")
    cache = ShardCache(objects, tmp_path / "cache", 10**6)
    await cache.place(reference, tmp_path / "first")
    await objects.delete(reference.key)
    await cache.place(reference, tmp_path / "second")
    assert (tmp_path / "second").read_bytes() == b"samples"


async def test_the_least_recently_used_shard_leaves_the_cache_and_stays_where_it_was_placed(url, tmp_path):
    objects = ObjectStore(url, "training")
    references = [await objects.put_addressed("shards", bytes([number]) * 10) for number in range(3)]
    cache = ShardCache(objects, tmp_path / "cache", limit_bytes=20)
    for age, reference in zip((300, 200, 100), references, strict=True):
        await cache.place(reference, tmp_path / f"placed-{age}")
        cached = tmp_path / "cache" / reference.sha256
        if cached.exists():
            os.utime(cached, (1e9 - age, 1e9 - age))
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {each.sha256 for each in references[1:]}
    assert (tmp_path / "placed-300").read_bytes() == bytes([0]) * 10


def aged(folder):
    then = folder.stat().st_mtime - 2 * YOUNG_S
    os.utime(folder, (then, then))


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path):
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / LOCK).touch()
    aged(left)
    with attempt_folder(tmp_path, "living") as living:
        aged(living)
        remove_abandoned(tmp_path)
        assert living.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_just_made_is_left_alone(tmp_path):
    (tmp_path / f"{PREFIX}young").mkdir()
    remove_abandoned(tmp_path)
    assert (tmp_path / f"{PREFIX}young").exists()
