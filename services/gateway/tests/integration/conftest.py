"""One installation and one gateway for all of these tests: each names what is its own."""

import asyncio

import pytest

from babbitt.chassis.migrations import migrate
from babbitt.gateway import __file__ as package_file
from babbitt.native.installation import Installation
from babbitt.native.testing import random_prefix

from .inference import Inference
from .world import World, until


@pytest.fixture(scope="session", name="until")
def until_fixture():
    return until


@pytest.fixture(scope="package")
def shared_installation(kafka, postgres, tmp_path_factory):
    objects = tmp_path_factory.mktemp("objects")
    made = Installation(kafka.bootstrap_servers, postgres.admin_url, random_prefix(), objects)
    made.make()
    return made


@pytest.fixture(scope="package")
async def world(shared_installation, tmp_path_factory):
    found = World(shared_installation, tmp_path_factory.mktemp("spool"))
    await asyncio.to_thread(migrate, found.settings(), package_file)
    async with found.open():
        yield found


@pytest.fixture(scope="package")
async def gateway(world):
    async with world.replica() as replica:
        yield replica


@pytest.fixture(scope="package")
async def api(gateway):
    """A client that may do everything."""
    return gateway.client


@pytest.fixture(scope="package")
async def inference(world, gateway, assigned):
    """Answers for `pump`; the gateway knows."""
    async with Inference(world).running() as found:
        await found.assign(assigned())

        async def served():
            answer = await gateway.client.get("/v1/system/services")
            known = (await gateway.client.get("/v1/models/pump/aliases")).status_code == 200
            return known and any(item["serves"] for item in answer.json()["items"])

        await until(served)
        yield found
