from collections import Counter

from babbitt.contracts.datasets import ShardRequested
from babbitt.contracts.topics import DATASETS_SHARDS, TOPICS


def test_shards_are_dealt_to_the_partitions_in_turn_so_that_replicas_get_as_many():
    keys = [
        ShardRequested(dataset_id="a" * 64, attempt=1, index=index, first_record=0, records=1).key().encode()
        for index in range(48)
    ]
    dealt = Counter(DATASETS_SHARDS.partition_of(key) for key in keys)
    assert dealt == dict.fromkeys(range(DATASETS_SHARDS.partitions), 6)


def test_every_other_topic_is_partitioned_by_the_hash_of_its_keys_as_clients_do_it():
    assert [topic for topic in TOPICS if topic.dealt] == [DATASETS_SHARDS]
    assert {topic.partition_of(b"pump-3") for topic in TOPICS if not topic.dealt} == {None}
