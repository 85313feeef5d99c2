"""A dataset in the catalogue: what it holds, who needs it, and that it stays."""

import numpy as np
import pytest
from tests.way import ready_dataset, until

from babbitt.client import Conflict
from babbitt.recordings.digests import samples_blake3

pytestmark = pytest.mark.e2e


def test_a_dataset_shows_its_records_and_is_not_deleted_while_the_model_trained_on_it_serves(client, served):
    dataset = ready_dataset(client, seed=1)
    records = list(client.records(dataset))
    shown = client.dataset(dataset)
    assert len(records) == sum(sum(classes.values()) for classes in shown.counts.values()) == 160
    found = client.record(dataset, records[7].record)
    assert found.record == records[7]
    assert found.samples.shape == (1, 20_480)
    assert samples_blake3(found.samples) == records[7].blake3
    assert np.abs(found.samples).max() > 0
    until(lambda: f"{served}@1" in client.dataset(dataset).needed_by, what="the gateway knows who needs it")
    with pytest.raises(Conflict, match=f"is needed by .*{served}@1"):
        client.delete_dataset(dataset, wait_s=30)
    still = client.dataset(dataset)
    assert (still.state, still.problem.type) == ("ready", "urn:babbitt:problem:dataset-needed")
    assert still.size_bytes > 160 * 20_480 * 4
    assert dataset in {one.id for one in client.datasets(state="ready", class_name="oilwhirl", source="simulated")}
