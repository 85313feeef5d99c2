"""What the README says of sensors is the contract, and its example is read by it."""

import asyncio
import re
import shlex
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from babbitt.contracts.measurements import MeasurementTaken
from babbitt.contracts.topics import MEASUREMENTS
from babbitt.contracts.waveform import PREFIX, Encoding, decode_samples, read_waveform

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text().partition("## Connect sensors")[2].partition("\n## ")[0]
NEEDED = {"ce_specversion", "ce_type", "ce_id", "ce_source"}


def test_the_table_names_each_header_and_which_are_needed():
    rows = [line.split(" | ") for line in SECTION.splitlines() if line.startswith("| `")]
    named = {name: row[1] == "yes" for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    fields = {
        PREFIX + name: field for part in (MeasurementTaken, Encoding) for name, field in part.model_fields.items()
    }
    assert named.keys() == fields.keys() | NEEDED
    assert {name for name, needed in named.items() if needed} == NEEDED | {
        name for name, field in fields.items() if field.is_required()
    }


def test_the_line_for_a_shell_says_all_that_is_needed():
    (line,) = re.findall(r"^kcat (?:.*\\\n)*.*$", SECTION, re.MULTILINE)
    words = shlex.split(line.replace("\\\n", "").replace("$(date -u +%FT%TZ)", "2026-01-01T00:00:00Z"))
    headers = dict(word.split("=", 1) for option, word in pairwise(words) if option == "-H")
    taken, encoding = read_waveform(MeasurementTaken, [(name, value.encode()) for name, value in headers.items()])
    assert headers.keys() >= NEEDED
    assert (taken.machine, encoding.size_bytes) == (words[words.index("-k") + 1], 4 * 102_400)
    assert MEASUREMENTS.full_name("babbitt.") in words


@pytest.mark.integration
async def test_the_example_publishes_what_the_contract_reads(kafka, kafka_prefix):
    topic = MEASUREMENTS.full_name(kafka_prefix)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    example = (ROOT / "examples" / "publish_measurement.py").read_text()
    here = example.replace("127.0.0.1:9092", kafka.bootstrap_servers).replace("babbitt.measurements.v1", topic)
    async with asyncio.timeout(30):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", here)
        assert await process.wait() == 0
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    async with asyncio.timeout(30):
        record = await consumer.getone()
    await consumer.stop()
    taken, encoding = read_waveform(MeasurementTaken, record.headers)
    assert record.value is not None
    assert record.key is not None
    assert decode_samples(record.value, encoding).shape == (1, 20_480)
    assert record.key.decode() == taken.machine == "pump-7"
    assert dict(record.headers).keys() >= NEEDED
