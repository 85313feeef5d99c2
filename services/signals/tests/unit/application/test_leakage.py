"""Records that share samples across splits fail their dataset, unless that was accepted; then it says so."""

import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetFailed, DatasetReady
from babbitt.signals.application import find_leakage
from babbitt.signals.domain.dataset import State

REASON = "a demonstration of what leakage does"


def of_one_class_alike(number, samples):
    return np.full_like(samples, number // 6)


def plant(number, samples):
    """A run that all records of the first class share, so that some are in different splits."""
    if number in range(6):
        run = np.random.default_rng(1).standard_normal(1024).astype(np.float32)
        samples[:, number : number + 1024] = run * (number + 1) - number
    return samples


def look_alike(number, samples):
    """The same turning points, but no gain and offset that make one of the other: fingerprints meet, samples do not."""
    base = np.random.default_rng(1).standard_normal(1536).astype(np.float32)
    return np.sign(base)[np.newaxis] * np.abs(base)[np.newaxis] ** np.float32(1 + 0.1 * (number + 1))


@pytest.mark.parametrize(("alter", "how"), [(of_one_class_alike, "are identical"), (plant, "share a run of samples")])
async def test_samples_shared_by_two_splits_fail_the_dataset_and_both_records_are_named(
    service, small, outbox, shards, alter, how
):
    shards.alter = alter
    assert (await service.make_all(small())).state is State.FAILED
    reason = outbox.of(DatasetFailed)[0].reason
    assert reason.startswith("leakage: record sain-0")
    assert how in reason
    assert outbox.of(DatasetReady) == []
    assert shards.manifests == shards.reports == []


@pytest.mark.parametrize("alter", [of_one_class_alike, plant])
async def test_leakage_that_was_accepted_is_told_wherever_the_dataset_is_shown(service, small, outbox, shards, alter):
    shards.alter = alter
    configuration = small().model_copy(update={"accepted_leakage": REASON})
    assert (await service.make_all(configuration)).state is State.READY
    (ready,), (manifest,), (report,) = outbox.of(DatasetReady), shards.manifests, shards.reports
    assert REASON in ready.findings[0]
    assert any(REASON in note for note in manifest.notes)
    assert (report.leakage.outcome, report.leakage.reason) == ("accepted", REASON)
    assert report.leakage.across_count >= 1


async def test_a_reason_for_leakage_is_told_though_none_was_found(service, small, outbox, shards):
    configuration = small().model_copy(update={"accepted_leakage": REASON})
    await service.make_all(configuration)
    assert shards.reports[0].leakage.outcome == "none"
    (told,) = (finding for finding in shards.reports[0].findings if finding.kind == "leakage")
    assert told.level == "note"
    assert told.text.startswith(f"Leakage was accepted beforehand, because: {REASON}. None was found")
    assert told.text in outbox.of(DatasetReady)[0].findings
    assert told.text in shards.manifests[0].notes


async def test_records_that_only_look_alike_pass_and_each_two_shards_are_read_once(service, small, shards):
    shards.alter, read, reads = look_alike, shards.read, []

    async def counted(shard, rows):
        reads.append(shard.index)
        return await read(shard, rows)

    shards.read = counted
    assert (await service.make_all(small())).state is State.READY
    compared = shards.reports[0].leakage.compared
    assert 0 < len(reads) <= 2 * compared


async def test_more_pairs_that_look_alike_than_can_be_compared_fail_the_dataset(
    service, small, outbox, shards, monkeypatch
):
    monkeypatch.setattr(find_leakage, "PAIRS_COMPARED", 1)
    shards.alter = look_alike
    assert (await service.make_all(small())).state is State.FAILED
    reason = outbox.of(DatasetFailed)[0].reason
    assert "more pairs of records of different splits look alike than the 1 that were compared" in reason
    assert "accepted_leakage" in reason
