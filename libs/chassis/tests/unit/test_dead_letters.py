"""What a dead letter can hold."""

import hashlib
from datetime import UTC, datetime

from aiokafka import ConsumerRecord

from babbitt.chassis.dead_letters import LARGEST_VALUE_BYTES, dead_letter_headers, fitting
from babbitt.chassis.outbox import read_headers, stored_headers
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.settlement import Attempts, Settlement
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS


def test_what_fits_is_kept_as_it_is():
    assert fitting(b"{", [("x", b"\x00\xff")]) == (b"{", [("x", b"\x00\xff")])
    assert fitting(None, []) == (None, [])


def test_a_message_that_was_small_only_compressed_is_cut_and_says_what_was_whole():
    whole = b"a" * 3_000_000
    value, headers = fitting(whole, [("x", b"1")])
    assert value == whole[:LARGEST_VALUE_BYTES]
    told = dict(headers)
    assert told["dlq_truncated_from"] == b"3000000"
    assert told["dlq_sha256"].decode() == hashlib.sha256(whole).hexdigest()
    assert told["x"] == b"1"


def test_headers_that_are_too_many_are_dropped_and_counted():
    value, headers = fitting(b"{", [("x", b"y" * 1000)] * 300)
    assert value == b"{"
    assert dict(headers)["dlq_headers_dropped"] == b"300"


def test_headers_of_any_bytes_are_kept():
    headers = [("x", bytes(range(256))), ("", b"")]
    assert read_headers(stored_headers(headers)) == headers


def test_a_reason_of_any_text_is_told():
    origin = Origin("models.requests.v1", 0, 7, datetime(2026, 1, 1, tzinfo=UTC))
    headers = dict(dead_letter_headers([], origin, kind="bug", reason="half a pair: \ud800", consumer="registry"))
    assert headers["dlq_reason"] == b"half a pair: \\ud800"


async def test_while_one_partition_waits_another_that_goes_on_makes_nothing_ready():
    readiness = Readiness()
    settlement = Settlement("gateway", MODELS_EVENTS, {}, None, readiness, lambda: None)
    settlement._attempts[0] = Attempts(offset=1, away=1)
    readiness.unready(MODELS_EVENTS.name, "the database is away")
    envelope = {"specversion": "1.0", "id": "1", "source": "/test", "type": "ModelPondered"}
    headers = tuple((f"ce_{name}", value.encode()) for name, value in envelope.items())
    await settlement.settle(ConsumerRecord(MODELS_EVENTS.name, 1, 0, 0, 0, None, b"{}", None, 0, 2, headers))
    assert not readiness
    settlement.forget([0])
    assert readiness


def test_the_back_off_stays_within_bounds_however_long_an_outage_lasts():
    settlement = Settlement("registry", MODELS_REQUESTS, {}, None, None, lambda: None)
    settlement._attempts[0] = Attempts(offset=1, away=5000)
    assert settlement.back_off_s(0) == 30.0
    settlement._attempts[0] = Attempts(offset=1, away=1)
    assert settlement.back_off_s(0) == 0.2
