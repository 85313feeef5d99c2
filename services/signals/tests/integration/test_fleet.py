"""`babbitt fleet simulate` on a real broker, read back by the contract."""

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from babbitt.contracts.measurements import MeasurementTaken
from babbitt.contracts.topics import MEASUREMENTS
from babbitt.contracts.waveform import decode_samples, read_waveform

pytestmark = pytest.mark.integration
DEADLINE_S = 30
SMALL = (
    "--machines",
    "3",
    "--rate",
    "4",
    "--record-s",
    "0.6",
    "--profile",
    "rolling",
    "--seed",
    "9",
    "--start",
    "2026-01-01T06:00:00",
)
FAILING = ("--fault-share", "1", "--sensor-fault-share", "1", "--faults-within", "5")


@pytest.fixture
async def topics(kafka, kafka_prefix):
    """A function: a topic for measurements, of one partition, so that their order is seen; by its prefix."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()

    async def make(name):
        prefix = f"{kafka_prefix}{name}."
        await admin.create_topics([NewTopic(MEASUREMENTS.full_name(prefix), 1, 1)])
        return prefix

    yield make
    await admin.close()


@asynccontextmanager
async def reading(kafka, prefix):
    consumer = AIOKafkaConsumer(
        MEASUREMENTS.full_name(prefix), bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def read(kafka, prefix, count):
    async with reading(kafka, prefix) as consumer, asyncio.timeout(DEADLINE_S):
        return [await consumer.getone() for _ in range(count)]


async def command(kafka, prefix, *options, waited_s=10.0):
    """A process of its own: the command's signals are the process's."""
    code = (
        "import babbitt.signals.adapters.measurement_topic as topic\n"
        f"topic.WAITED_S = {waited_s}\n"
        "from babbitt.signals.fleet_command import app\n"
        "app()"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, "simulate"),
        *("--bootstrap", kafka.bootstrap_servers, "--prefix", prefix, *SMALL, *options),
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


async def ended(process):
    async with asyncio.timeout(DEADLINE_S):
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_what_a_fleet_measures_is_read_by_the_contract_and_the_same_whatever_the_speed_up(
    kafka, topics, tmp_path
):
    prefixes = [await topics(name) for name in ("slow", "fast")]
    runs = [
        await command(
            kafka, prefix, *FAILING, "--count", "24", "--speed-up", speed_up, "--truth", str(tmp_path / prefix)
        )
        for prefix, speed_up in zip(prefixes, ("20", "1000"), strict=True)
    ]
    for process in runs:
        code, said = await ended(process)
        assert code == 0, said
        assert said.endswith("24 measurements of 3 machines\n")
    slow, fast = [await read(kafka, prefix, 24) for prefix in prefixes]
    assert [(one.key, one.value, one.headers) for one in slow] == [(one.key, one.value, one.headers) for one in fast]
    truth = [json.loads(line) for line in (tmp_path / prefixes[0]).read_text().splitlines()]
    assert {line["sensor_fault"] for line in truth} > {None}
    for record, line in zip(slow, truth, strict=True):
        headers = dict(record.headers)
        taken, encoding = read_waveform(MeasurementTaken, record.headers)
        assert decode_samples(record.value, encoding).shape == (1, round(0.6 * taken.sampling_rate_hz))
        assert record.key.decode() == headers["ce_subject"].decode() == taken.machine == line["machine"]
        assert (headers["ce_type"], headers["content-type"]) == (b"MeasurementTaken", b"application/octet-stream")
        assert (headers["ce_id"].decode(), taken.taken_at.isoformat()) == (line["id"], line["taken_at"])
        said = b" ".join(value for name, value in record.headers if name != "bbt_sensor").decode()
        assert not any(hint in said for hint in ("race", "ball", "severe", "stuck", "clipping", "dropout"))


async def test_a_fleet_that_is_stopped_ends_in_order_and_all_that_it_began_is_on_the_topic(kafka, topics, tmp_path):
    prefix, truth = await topics("stopped"), tmp_path / "truth.jsonl"
    process = await command(kafka, prefix, "--truth", str(truth))
    async with reading(kafka, prefix) as consumer, asyncio.timeout(DEADLINE_S):
        await consumer.getone()
        process.send_signal(signal.SIGINT)
        code, said = await ended(process)
        (partition,) = consumer.assignment()
        (end,) = (await consumer.end_offsets([partition])).values()
    assert code == 130
    assert f"{end} measurements of 3 machines" in said
    assert len(truth.read_text().splitlines()) == end >= 1


async def test_a_topic_that_is_not_there_is_named(kafka, kafka_prefix):
    code, said = await ended(await command(kafka, kafka_prefix, "--count", "1"))
    assert code == 1
    assert said.count("\n") == 1
    assert f"topic {kafka_prefix}measurements.v1 is not there" in said


async def test_a_fleet_whose_broker_goes_away_ends_with_one_line_that_says_so(kafka, topics):
    prefix = await topics("left")
    process = await command(
        kafka, prefix, "--speed-up", "1000", "--fault-share", "0", "--sensor-fault-share", "0", waited_s=1.0
    )
    async with reading(kafka, prefix) as consumer, asyncio.timeout(DEADLINE_S):
        await consumer.getone()
    await asyncio.to_thread(kafka.stop)
    try:
        code, said = await ended(process)
    finally:
        await asyncio.to_thread(kafka.start)
    assert code == 1, said
    assert said.startswith("babbitt: kafka")
    assert said.count("\n") == 1, said
