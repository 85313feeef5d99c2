"""A disk or a store that takes nothing ends the making of a dataset, after a few tries; one that is away does not."""

import pytest

from babbitt.chassis.errors import StorageRefused, Unavailable
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetFailed, DatasetReady
from babbitt.native.full_disk import full_disk
from babbitt.signals.adapters import bounded_tries
from babbitt.signals.adapters.bounded_tries import ends_the_making
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(bounded_tries, "PAUSES_S", (0, 0))


async def test_a_scratch_folder_without_room_fails_the_dataset_with_the_reason_and_leaves_nothing(
    make, small, tmp_path
):
    with full_disk(9_000):
        failed = await make(small())
    assert isinstance(failed, DatasetFailed)
    assert failed.reason == "scratch folder takes nothing: File too large"
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []
    assert isinstance(await make(small()), DatasetReady)


async def test_a_store_without_room_for_the_manifest_leaves_no_half_dataset(stored, make, small, url, monkeypatch):
    write = type(stored).write_manifest

    async def without_room(*arguments):
        with full_disk(1_000):
            return await write(*arguments)

    monkeypatch.setattr(type(stored), "write_manifest", without_room)
    failed = await make(small())
    assert isinstance(failed, DatasetFailed)
    assert failed.reason == "object store takes nothing: File too large"
    manifest = f"signals/datasets/{small().dataset_id()}/1/manifest.json"
    assert await ObjectStore(url, "signals").size_of(manifest) is None


async def test_a_store_that_is_away_fails_nothing(stored, small, tmp_path):
    (tmp_path / "objects" / "signals").write_text("a file where a folder has to be")
    with pytest.raises(Unavailable, match="object store is away") as told:
        await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    assert not isinstance(told.value, StorageRefused)


@pytest.mark.parametrize(("refusals", "tries"), [(0, 1), (2, 3), (3, 3)])
async def test_what_is_not_taken_is_tried_three_times(refusals, tries):
    asked = []

    @ends_the_making
    async def attempt():
        asked.append(True)
        if len(asked) <= refusals:
            raise StorageRefused("object store", "No space left on device")

    if refusals < 3:
        await attempt()
    else:
        with pytest.raises(MakingFailed, match="object store takes nothing: No space left on device"):
            await attempt()
    assert len(asked) == tries
