"""One stack for the session: all services as processes, two replicas where a guarantee needs two."""

import tempfile
from pathlib import Path

import pytest
from babbitt.client.clients import Babbitt
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings

REPLICAS = {"inference": 2, "gateway": 2, "training": 2, "signals": 2, "registry": 2}


@pytest.fixture(scope="session")
def stack():
    """Leases are short here, so that a killed worker is followed soon."""
    environment = {"BABBITT_TRAINING_LEASE_S": "3"}
    with tempfile.TemporaryDirectory(prefix="babbitt-e2e-") as folder:
        settings = StackSettings(folder=Path(folder), replicas=REPLICAS, environment=environment)
        with Stack(settings) as running:
            yield running


@pytest.fixture(scope="session")
def client(stack):
    with Babbitt(stack.gateway_url, stack.admin_key) as client:
        yield client
