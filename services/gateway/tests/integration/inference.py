"""Answers predictions as inference would."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from babbitt.chassis.clock import utc_now
from babbitt.contracts.heartbeats import ServiceHeartbeat, Serving
from babbitt.contracts.predictions import InputSummary, PredictionCompleted, PredictionRequested, ServedModel
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import decode_samples, read_waveform

from .world import World, until


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

    async def beat(self, health="ready"):
        heartbeat = ServiceHeartbeat(
            service="inference",
            instance="inference-0",
            version="0.1.0",
            health=health,
            serves=tuple(self.serves),
            interval_s=15,  # four of them are a minute, in which a machine with much to do beats once
            sent_at=utc_now(),
        )
        await self.world.say(heartbeat)

    @asynccontextmanager
    async def running(self):
        """Beat and answer while the context is open: from the first request on, whoever asks."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.world.installation.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
        )
        name, partitions = self.world.name(PREDICTIONS_REQUESTS), range(PREDICTIONS_REQUESTS.partitions)
        await consumer.start()
        consumer.assign([TopicPartition(name, number) for number in partitions])
        tasks = [asyncio.create_task(self._beating()), asyncio.create_task(self._answering(consumer))]
        yield self
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await consumer.stop()
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes

    async def _beating(self):
        while True:
            with suppress(KafkaError):  # the broker is away in some tests
                await self.beat()
            await asyncio.sleep(1)

    async def _answering(self, consumer):
        async for record in consumer:
            request, encoding = read_waveform(PredictionRequested, record.headers)
            self.seen.append((request, encoding, record))
            if self.answering:
                with suppress(KafkaError):
                    await self.answer(request, encoding, record)

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
            prediction_set=("imbalance", "healthy"),
            coverage=0.95,
            novel=False,
            novelty=0.5,
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
