"""A gateway on real Kafka and PostgreSQL, spoken to over real HTTP, and what the other services would say to it."""

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.lifecycle import Stopped, until_stopped
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.names import new_id
from babbitt.gateway.keys.queries import add_key
from babbitt.gateway.keys.schemas import SCOPES, NewKey
from babbitt.gateway.keys.tokens import new_token
from babbitt.gateway.main import serve
from babbitt.gateway.settings import GatewaySettings


async def until(look, deadline_s=60.0):
    """What `look` gives once that is true."""
    async with asyncio.timeout(deadline_s):
        while not (found := await look()):
            await asyncio.sleep(0.02)
        return found


@dataclass
class Replica:
    """A gateway that runs."""

    settings: GatewaySettings
    client: httpx.AsyncClient
    stop: asyncio.Event

    async def ready(self):
        try:
            return (await self.client.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False


class World:
    """An installation, its gateways, and the voices of the other services."""

    def __init__(self, installation, spool):
        self.installation = installation
        self.spool = spool
        self.engine = make_engine(self.settings())
        self.sessions = make_sessions(self.engine)
        self.producer = AIOKafkaProducer(
            bootstrap_servers=installation.bootstrap_servers, max_request_size=2_000_000, linger_ms=0
        )
        self._readers = {}

    @asynccontextmanager
    async def open(self):
        """What it needs, while the context is open."""
        await self.producer.start()
        try:
            yield self
        finally:
            for consumer, _ in self._readers.values():
                await consumer.stop()
            await self.producer.stop()
            await self.engine.dispose()

    def settings(self, **own):
        port = socket.create_server(("127.0.0.1", 0))
        number = port.getsockname()[1]
        port.close()
        variables = {
            "BABBITT_GATEWAY_PORT": str(number),
            "BABBITT_GATEWAY_STREAM_HEARTBEAT_S": "0.5",
            "BABBITT_GATEWAY_PREDICTION_DEADLINE_S": "60",  # a machine with much to do is no failure
            "BABBITT_GATEWAY_SPOOL_FOLDER": str(self.spool),
            "BABBITT_GROUP_SESSION_S": "6",  # a broker that was restarted waits so long for who does not come back
        }
        return GatewaySettings.read(self.installation.environment("gateway", **variables | own))

    async def key(self, *scopes):
        token = new_token()
        async with transaction(self.sessions) as session:
            await add_key(session, token, NewKey(name="test", scopes=list(scopes or SCOPES)))
        return token.reveal()

    @asynccontextmanager
    async def replica(self, instance="gateway-0", **own):
        """A gateway, ready, and a client of it that may do everything."""
        settings = self.settings(BABBITT_INSTANCE=instance, **own)
        stop = asyncio.Event()
        headers = {"Authorization": f"Bearer {await self.key()}"}
        running = asyncio.create_task(until_stopped(serve(settings, stop)))
        limits = httpx.Limits(max_connections=100)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{settings.port}", headers=headers, timeout=90, limits=limits
            ) as client:
                replica = Replica(settings, client, stop)
                await until(replica.ready)
                yield replica
        finally:
            stop.set()
            with suppress(Stopped):  # before its groups had met
                await running

    def name(self, topic):
        return topic.full_name(self.installation.prefix)

    async def send(self, topic, value, key=b"key", headers=(), partition=None):
        return await self.producer.send_and_wait(
            self.name(topic), value, key=key, headers=list(headers), partition=partition
        )

    async def say(self, message, *, topic=None, sequence=1, source="/babbitt/test", event_id=None, cause=None):
        """Say an event as another service would; its envelope."""
        envelope = Envelope.of(
            message, id=event_id or new_id(), source=source, time=utc_now(), sequence=sequence, cause=cause
        )
        where = topic or message.topic()
        await self.send(where, message.model_dump_json().encode(), message.key().encode(), headers_of(envelope))
        return envelope

    async def delete_records(self, topic):
        """Let retention take all that a topic holds."""
        parts = [TopicPartition(self.name(topic), number) for number in range(topic.partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.installation.bootstrap_servers, group_id=None)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.installation.bootstrap_servers)
        await consumer.start()
        await admin.start()
        try:
            ends = await consumer.end_offsets(parts)
            await admin.delete_records({part: RecordsToDelete(end) for part, end in ends.items() if end})
        finally:
            await admin.close()
            await consumer.stop()

    async def records(self, topic, count=1, deadline_s=60.0):
        """All records of a topic, whatever partition they lie in, once there are `count`."""
        consumer, found = await self._reading(topic)
        async with asyncio.timeout(deadline_s):
            ends = await consumer.end_offsets(consumer.assignment())
            while len(found) < count or any([await consumer.position(part) < end for part, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += batch
        return list(found)

    async def _reading(self, topic):
        """One consumer a topic for all who look, and what it found so far."""
        if topic not in self._readers:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.installation.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
            )
            await consumer.start()
            consumer.assign([TopicPartition(self.name(topic), number) for number in range(topic.partitions)])
            self._readers[topic] = (consumer, [])
        return self._readers[topic]
