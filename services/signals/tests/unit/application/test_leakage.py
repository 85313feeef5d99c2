"""Records that share samples across splits fail their dataset."""

import numpy as np

from babbitt.contracts.datasets import DatasetFailed, DatasetReady
from babbitt.signals.application import finish_dataset
from babbitt.signals.domain.dataset import State


async def test_identical_records_in_two_splits_fail_the_dataset(service, small, outbox, shards):
    shards.alter = lambda number, samples: np.ones_like(samples)
    assert (await service.make_all(small())).state is State.FAILED
    assert "leakage" in outbox.of(DatasetFailed)[0].reason
    assert outbox.of(DatasetReady) == []
    assert shards.manifests == []


async def test_a_run_shared_by_two_splits_fails_the_dataset_and_names_both_records(service, small, outbox, shards):
    run = np.random.default_rng(1).standard_normal(1024).astype(np.float32)

    def plant(number, samples):
        if number in range(6):  # all of the first class, so some are in different splits
            samples[:, number : number + 1024] = run * (number + 1) - number
        return samples

    shards.alter = plant
    assert (await service.make_all(small())).state is State.FAILED
    reason = outbox.of(DatasetFailed)[0].reason
    assert reason.startswith("leakage: record sain-0")
    assert "share a run" in reason


def look_alike(number, samples):
    """The same turning points, but no gain and offset that make one of the other: fingerprints meet, samples do not."""
    base = np.random.default_rng(1).standard_normal(1536).astype(np.float32)
    return np.sign(base)[np.newaxis] * np.abs(base)[np.newaxis] ** np.float32(1 + 0.1 * (number + 1))


async def test_records_that_only_look_alike_pass(service, small, shards):
    shards.alter = look_alike
    assert (await service.make_all(small())).state is State.READY


async def test_more_pairs_that_look_alike_than_can_be_compared_fail_the_dataset(
    service, small, outbox, shards, monkeypatch
):
    monkeypatch.setattr(finish_dataset, "PAIRS_COMPARED", 1)
    shards.alter = look_alike
    assert (await service.make_all(small())).state is State.FAILED
    reason = outbox.of(DatasetFailed)[0].reason
    assert reason.startswith(
        "leakage: 2 pairs of records of different splits look alike, and at most 1 can be compared"
    )
    assert shards.manifests == []
