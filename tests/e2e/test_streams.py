"""Readers of the event stream miss nothing, whichever replica of the gateway they reach."""

import pytest
from tests.way import ended, tiny_dataset

from babbitt.client.clients import Babbitt
from babbitt.contracts.topics import TRAINING_EVENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_a_reader_that_reconnects_to_another_replica_misses_no_record(stack, client, outside, served):
    urls = [stack.service("gateway", index).url for index in range(2)]
    filters = {"topics": ["training.events"], "repeats": True}
    read, position = [], None
    with Babbitt(urls[0], stack.admin_key) as first, first.events(**filters) as stream:
        job_id = outside.train("streamed", tiny_dataset(1).dataset_id(), overrides={"epochs": 8, "patience": 8})
        for event in stream:
            read.append(event)
            position = event.position
            if len(read) == 7:
                break
    assert ended(client, job_id).state == "completed"
    expected = [r.id for r in outside.all_of(TRAINING_EVENTS) if r.key == str(job_id)]
    replica = 1
    while set(expected) - {event.id for event in read}:
        with Babbitt(urls[replica % 2], stack.admin_key) as other, other.events(**filters, after=position) as stream:
            for count, event in enumerate(stream, start=1):
                read.append(event)
                position = event.position
                if count == 11 or event.id == expected[-1]:
                    break
        replica += 1
    assert [event.id for event in read if event.subject == str(job_id)] == expected
