"""A gateway on real Kafka and PostgreSQL, spoken to over real HTTP, and what the other services would say to it."""

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from babbitt.chassis.clock import utc_now
from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.lifecycle import Stopped, until_stopped
from babbitt.chassis.migrations import migrate
from babbitt.contracts.cloudevents import headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.heartbeats import ServiceHeartbeat, Serving
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import InputSummary, PredictionCompleted, ServedModel
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import decode_samples, read_request
from babbitt.gateway import __file__ as package_file
from babbitt.gateway.keys.queries import add_key
from babbitt.gateway.keys.schemas import SCOPES, NewKey
from babbitt.gateway.keys.tokens import new_token
from babbitt.gateway.main import serve
from babbitt.gateway.settings import GatewaySettings


async def until(look, deadline_s=20.0):
    """What `look` gives once that is true."""
    async with asyncio.timeout(deadline_s):
        while not (found := await look()):
            await asyncio.sleep(0.02)
        return found


@pytest.fixture(scope="session", name="until")
def until_fixture():
    return until


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

    def settings(self, **own):
        port = socket.create_server(("127.0.0.1", 0))
        number = port.getsockname()[1]
        port.close()
        variables = {
            "BABBITT_GATEWAY_PORT": str(number),
            "BABBITT_GATEWAY_STREAM_HEARTBEAT_S": "0.5",
            "BABBITT_GATEWAY_SPOOL_FOLDER": str(self.spool),
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
        running = asyncio.create_task(until_stopped(serve(settings, stop)))
        headers = {"Authorization": f"Bearer {await self.key()}"}
        limits = httpx.Limits(max_connections=100)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{settings.port}", headers=headers, timeout=30, limits=limits
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

    async def records(self, topic, count=1, deadline_s=20.0, since=0):
        """The first `count` records of a topic, or more, whatever partition they lie in."""
        found = []
        consumer = AIOKafkaConsumer(bootstrap_servers=self.installation.bootstrap_servers, group_id=None)
        await consumer.start()
        try:
            parts = [TopicPartition(self.name(topic), number) for number in range(topic.partitions)]
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            async with asyncio.timeout(deadline_s):
                while len(found) < count:
                    for batch in (await consumer.getmany(timeout_ms=200)).values():
                        found += [record for record in batch if record.offset >= since]
        finally:
            await consumer.stop()
        return found


@dataclass
class Inference:
    """Answers predictions through Kafka: a counterpart, not a mock of it. What it answers for is up to the test."""

    world: World
    serves: list = field(default_factory=list)
    answering: bool = True
    delay_s: float = 0.0
    seen: list = field(default_factory=list)

    async def assign(self, assigned, *, sequence=1, serve=True):
        """What the registry would say of a reference, and a replica that serves it."""
        await self.world.say(assigned, sequence=sequence)
        if serve:
            digest = assigned.artifact.sha256
            self.serves.append(
                Serving(model=assigned.model, reference=assigned.reference, version=assigned.version, digest=digest)
            )
            await self.beat()
        self.assigned = assigned

    async def beat(self, health="ready"):
        heartbeat = ServiceHeartbeat(
            service="inference",
            instance="inference-0",
            version="0.1.0",
            health=health,
            serves=tuple(self.serves),
            sent_at=utc_now(),
        )
        await self.world.say(heartbeat)

    async def beating(self):
        while True:
            await self.beat()
            await asyncio.sleep(1)

    async def run(self):
        consumer = AIOKafkaConsumer(
            self.world.name(PREDICTIONS_REQUESTS),
            bootstrap_servers=self.world.installation.bootstrap_servers,
            group_id=f"{self.world.installation.prefix}inference",
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            async for record in consumer:
                request, encoding = read_request(record.headers)
                self.seen.append((request, encoding, record))
                if self.answering:
                    await self.answer(request, encoding, record)
        finally:
            await consumer.stop()

    async def asked(self, prediction_id):
        """A prediction's request, encoding and record, once it is here."""

        async def look():
            return next((one for one in self.seen if str(one[0].prediction_id) == prediction_id), None)

        return await until(look)

    async def answer(self, request, encoding, record, **other):
        value = record.value
        if encoding.claim_key:
            path = self.world.installation.objects / encoding.claim_key
            value = await asyncio.to_thread(path.read_bytes)
        waveform = decode_samples(value, encoding)
        await asyncio.sleep(self.delay_s)
        completed = PredictionCompleted(
            prediction_id=request.prediction_id,
            model_name=request.model,
            reference=request.reference,
            machine=request.machine,
            reply_to=request.reply_to,
            model=ServedModel(name=request.model, version=1, digest=f"{1:064x}"),
            fault=other.get("fault", "imbalance"),
            confidence=0.9,
            probabilities={"healthy": 0.1, "imbalance": 0.9},
            windows=waveform.shape[1] // 1024,
            input=InputSummary(
                sampling_rate_hz=request.sampling_rate_hz,
                resampled_from_hz=request.resampled_from_hz,
                shaft_speed_hz=request.shaft_speed_hz,
            ),
            warnings=request.warnings,
            completed_at=utc_now(),
        )
        await self.world.say(completed)


@pytest.fixture(scope="module")
async def world(installation, tmp_path_factory):
    found = World(installation, tmp_path_factory.mktemp("spool"))
    await asyncio.to_thread(migrate, found.settings(), package_file)
    await found.producer.start()
    yield found
    await found.producer.stop()
    await found.engine.dispose()


@pytest.fixture(scope="module")
async def gateway(world):
    async with world.replica() as replica:
        yield replica


@pytest.fixture(scope="module")
async def api(gateway):
    """A client that may do everything."""
    return gateway.client


@pytest.fixture(scope="module")
async def inference(world, gateway, assigned):
    """Answers for `pump`; the gateway knows."""
    found = Inference(world)
    await found.assign(assigned())
    tasks = [asyncio.create_task(found.run()), asyncio.create_task(found.beating())]

    async def served():
        answer = await gateway.client.get("/v1/system/services")
        known = (await gateway.client.get("/v1/models/pump/aliases")).status_code == 200
        return known and any(item["serves"] for item in answer.json()["items"])

    await until(served)
    yield found
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
