"""The whole way as a test goes it: a dataset, a training, a promoted model; and how to wait for each."""

import asyncio
import json
import time
from dataclasses import dataclass
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from babbitt.client.errors import NotFound
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.names import new_id
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.topics import DATASETS_REQUESTS, TOPICS, TRAINING_REQUESTS, Topic

CLASSES = ("sain", "desalignement", "desequilibre", "oilwhirl")


def tiny_dataset(seed):
    """Four classes, a second each, quickly made and learnt; the seed makes it another dataset."""
    return DatasetConfiguration(
        source=JournalSource(classes=CLASSES, records_per_class=40, duration_s=1.0, seed=seed, noise_copies_db=())
    )


@dataclass(frozen=True)
class Record:
    """One message as a reader outside sees it."""

    key: str
    type: str
    id: str
    cause: str
    sequence: str
    data: dict


class Outside:
    """A plain Kafka client beside the stack."""

    def __init__(self, stack):
        self._servers = stack.kafka.bootstrap_servers
        self._prefix = stack.environment.kafka_prefix

    def say(self, topic: Topic, data, *, headers=(), key=None):
        """Produce a message, as any client would."""

        async def send():
            producer = AIOKafkaProducer(bootstrap_servers=self._servers, acks="all")
            await producer.start()
            try:
                value = data if isinstance(data, bytes) else json.dumps(data).encode()
                await producer.send_and_wait(topic.full_name(self._prefix), value, key=key, headers=list(headers))
            finally:
                await producer.stop()

        asyncio.run(send())

    def train(self, model, dataset, *, job_id=None, **more) -> UUID:
        """`TrainRequested` as bare JSON."""
        job_id = job_id or new_id()
        request = {"job_id": str(job_id), "model": model, "dataset": dataset, "preset": "spectral_small", **more}
        self.say(TRAINING_REQUESTS, request)
        return job_id

    def say_dataset(self, configuration: DatasetConfiguration) -> None:
        """`DatasetRequested` as bare JSON."""
        self.say(DATASETS_REQUESTS, {"configuration": configuration.model_dump(mode="json")})

    def all_of(self, topic: Topic) -> list[Record]:
        """Every record of a topic so far, in order within each partition."""

        async def read():
            consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, group_id=None)
            await consumer.start()
            try:
                parts = [TopicPartition(topic.full_name(self._prefix), number) for number in range(topic.partitions)]
                consumer.assign(parts)
                await consumer.seek_to_beginning(*parts)
                ends = await consumer.end_offsets(parts)
                records = []
                while any([await consumer.position(part) < ends[part] for part in parts]):
                    for batch in (await consumer.getmany(timeout_ms=500)).values():
                        records += batch
                return records
            finally:
                await consumer.stop()

        return [_record(raw) for raw in asyncio.run(read())]

    def dead_letters(self) -> dict[str, int]:
        """How many dead letters lie in each service's topic; services without any are left out."""
        letters = {topic.name: len(self.all_of(topic)) for topic in TOPICS if topic.kind == "dead_letters"}
        return {name: count for name, count in letters.items() if count}


def _record(raw):
    headers = {name: value.decode("utf-8", "replace") for name, value in raw.headers}
    return Record(
        key=(raw.key or b"").decode(),
        type=headers.get("ce_type", ""),
        id=headers.get("ce_id", ""),
        cause=headers.get("ce_causationid", ""),
        sequence=headers.get("ce_sequence", ""),
        data=json.loads(raw.value) if raw.value and headers.get("ce_type") else {},
    )


def until(found, *, deadline_s=90, what):
    """What `found` returns once it is true; a failure names what was waited for."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.25)
    raise AssertionError(f"not within {deadline_s} s: {what}")


def ready_dataset(client, seed):
    """The id of a tiny dataset that is there."""
    configuration = tiny_dataset(seed)
    client.create_dataset(configuration)
    until(
        lambda: client.dataset(configuration.dataset_id()).state == "ready",
        what=f"dataset {configuration.dataset_id()} ready",
    )
    return configuration.dataset_id()


def running(client, outside, model, *, epoch, epochs=40):
    """The id of a job that is amid its work: `epoch` was told, many are to come, each a tenth of a second."""
    with client.events(topics=["training.events"], types=["EpochCompleted"]) as stream:
        overrides = {"epochs": epochs, "patience": epochs}
        job_id = outside.train(model, tiny_dataset(1).dataset_id(), overrides=overrides)
        next(event for event in stream if event.subject == str(job_id) and event.data["epoch"] >= epoch)
    return job_id


def ended(client, job_id, *, deadline_s=120):
    """The job once it has ended; a job that the gateway does not know yet has not."""

    def found():
        try:
            job = client.training_job(job_id)
        except NotFound:
            return None
        return job if job.has_ended else None

    return until(found, deadline_s=deadline_s, what=f"job {job_id} ended")


def serving(client, model, *, replicas=2):
    """The champion's version once `replicas` replicas of inference serve it."""

    def found():
        served = [
            one.version
            for replica in client.services().items
            for one in replica.serves
            if replica.alive and (one.model, one.reference) == (model, "champion")
        ]
        return served[0] if len(served) >= replicas and len(set(served)) == 1 else None

    return until(found, what=f"{replicas} replicas serving {model}")
