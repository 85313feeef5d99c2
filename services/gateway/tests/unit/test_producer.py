"""The gateway's producer where the broker does not answer."""

import asyncio
import gc

import pytest

from babbitt.chassis.lifecycle import Stopped
from babbitt.chassis.readiness import Readiness
from babbitt.gateway.producer import CHECK, Producer
from babbitt.gateway.settings import GatewaySettings


async def test_a_gateway_stopped_while_it_still_connects_leaves_no_producer_open(tmp_path):
    met = asyncio.Event()

    async def silent(reader, writer):
        met.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    settings = GatewaySettings(
        kafka_bootstrap_servers=f"{host}:{port}",
        object_store_url=tmp_path.as_uri(),
        database_url="postgresql://nobody:none@127.0.0.1:9/none",
    )
    stop = asyncio.Event()

    async def gateway():
        async with Producer(settings, Readiness(CHECK)).running(stop):
            pytest.fail("it is said to be connected")

    running = asyncio.create_task(gateway())
    await met.wait()
    stop.set()
    with pytest.raises(Stopped):
        await running
    del running
    gc.collect()  # a producer left open says so here, which is an error
    server.close()
    await server.wait_closed()
