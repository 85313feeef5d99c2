"""One stack for the session: every service a process, two replicas where a guarantee needs two."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from tests.way import Outside, ended, ready_dataset, serving

from babbitt.client.clients import Babbitt
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings

REPLICAS = {"training": 2, "inference": 2, "gateway": 2}


@pytest.fixture(scope="session")
def stack():
    """Leases and sessions are short here, so that a process that was killed is soon followed by another."""
    environment = {"BABBITT_TRAINING_LEASE_S": "3", "BABBITT_GROUP_SESSION_S": "6"}
    with tempfile.TemporaryDirectory(prefix="babbitt-e2e-") as folder:
        settings = StackSettings(folder=Path(folder), replicas=REPLICAS, environment=environment)
        with Stack(settings) as running:
            yield running


@pytest.fixture(scope="session")
def outside(stack):
    return Outside(stack)


@pytest.fixture(scope="session")
def client(stack):
    with Babbitt(stack.gateway_url, stack.admin_key) as client:
        yield client


@pytest.fixture(scope="session")
def served(client, outside):
    """The name of a model whose champion every replica serves."""
    dataset = ready_dataset(client, seed=1)
    job_id = outside.train("pump", dataset)
    job = ended(client, job_id)
    assert job.state == "completed", job
    serving(client, "pump")
    return "pump"


@pytest.fixture(scope="session")
def waveform():
    """A second of noise at the rate of the tiny datasets: [samples]."""
    return np.random.default_rng(5).normal(0, 0.05, 20_480).astype(np.float32)
