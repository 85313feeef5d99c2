"""A dataset of rolling bearings from its request to its manifest."""

import numpy as np

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.contracts.mappings import MappedBearing
from babbitt.contracts.simulations import SKF_6205, RollingSource
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.shards import ShardReader

OTHER = MappedBearing(balls=8, ball_diameter_mm=6.75, pitch_diameter_mm=28.5)


async def test_machines_become_records_with_their_bearing_group_and_speed(make, manifest_of, url, tmp_path):
    source = RollingSource(
        profile="rolling", classes=("healthy", "inner_race"), machines_per_class=4, records_per_machine=2,
        bearings=(SKF_6205, OTHER), duration_s=0.6, sampling_rate_hz=4_000, noise_copies_db=(5,),
    )  # fmt: skip
    ready = await make(DatasetConfiguration(source=source, split=SplitSpec(kind="group")))
    assert isinstance(ready, DatasetReady), ready
    assert ready.counts == {
        "train": {"healthy": 4, "inner_race": 4},
        **{place: {"healthy": 2, "inner_race": 2} for place in ("validation", "test", "test_snr5")},
    }
    manifest = await manifest_of(ready)
    assert manifest.data_spec.bearing is None
    assert manifest.data_spec.channels[0].unit == "g"
    by_group = {}
    for entry in manifest.records:
        by_group.setdefault(entry.group, set()).add(
            (entry.split.partition("_")[0], entry.bearing.balls, entry.shaft_speed_hz)
        )
    assert len(by_group) == 8
    assert all(len(shared) == 1 for shared in by_group.values())
    path = await ObjectStore(url, "training").fetch(manifest.shards[0], tmp_path / "shard.h5")
    with ShardReader(path) as shard:
        assert shard.read(0).shape == (1, 2_400)
        assert np.std(shard.read(0)) > 0
