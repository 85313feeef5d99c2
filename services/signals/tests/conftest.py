"""Fakes for the ports, and a small dataset."""

import pytest
from services.signals.tests.fakes import (
    InMemoryDatasets,
    InMemoryLineage,
    InMemoryShards,
    InMemoryUploads,
    RecordedOutbox,
    SettableClock,
)

from babbitt.chassis.scratch import ScratchFolder
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec


async def at_once(function, *arguments):
    return function(*arguments)


@pytest.fixture
def scratch(tmp_path):
    parent = tmp_path / "scratch"
    parent.mkdir()
    with ScratchFolder(parent) as scratch:
        yield scratch
    assert list(parent.iterdir()) == []


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def datasets(clock):
    return InMemoryDatasets(clock)


@pytest.fixture
def uploads():
    return InMemoryUploads()


@pytest.fixture
def shards():
    return InMemoryShards()


@pytest.fixture
def lineage():
    return InMemoryLineage()


@pytest.fixture
def outbox():
    return RecordedOutbox()


@pytest.fixture
def worker():
    return at_once


@pytest.fixture
def small():
    """A function: configurations of datasets that take no time, with another source or split as named."""

    def configuration(split=None, **source):
        fields = {
            "classes": ("sain", "oilwhirl"),
            "records_per_class": 6,
            "duration_s": 0.75,
            "sampling_rate_hz": 2048,
            "noise_copies_db": (),
        } | source
        return DatasetConfiguration(source=JournalSource(**fields), split=SplitSpec(**(split or {})))

    return configuration
