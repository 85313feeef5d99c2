import pytest

from babbitt.contracts.datasets import MAX_SHARD_SAMPLES
from babbitt.signals.domain.shards import FEWEST_SHARDS, divide_rows


@pytest.mark.parametrize(("records", "samples"), [(320, 102_400), (3_520, 102_400), (5, 10), (8, 10), (100, 2**23)])
def test_shards_hold_every_record_once_and_none_is_too_large(records, samples):
    shards = divide_rows([1] * records, samples)
    assert [number for shard in shards for number in range(shard.first, shard.first + shard.count)] == [*range(records)]
    assert [shard.index for shard in shards] == [*range(len(shards))]
    assert max(shard.count for shard in shards) * samples <= MAX_SHARD_SAMPLES
    assert len(shards) >= min(records, FEWEST_SHARDS) - 2


def test_a_record_as_large_as_a_shard_is_a_shard():
    assert len(divide_rows([1] * 10, MAX_SHARD_SAMPLES)) == 10


def test_a_record_and_its_copies_are_never_torn_apart():
    shards = divide_rows([1, 4, 4, 1, 1, 4, 1], 4_000_000)
    assert [(shard.first, shard.count) for shard in shards] == [(0, 1), (1, 1), (2, 1), (3, 2), (5, 1), (6, 1)]
