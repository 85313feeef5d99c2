"""Messages are read in binary mode, in structured mode, and typed by hand."""

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from babbitt.contracts.cloudevents import Origin, decode, headers_of
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.errors import MalformedMessage, UnknownType
from babbitt.contracts.names import derived_id, new_id
from babbitt.contracts.topics import TRAINING_EVENTS, TRAINING_REQUESTS
from babbitt.contracts.training_requests import TrainRequested

DATA = {"model": "pump", "dataset": "ab" * 32}
ORIGIN = Origin(TRAINING_REQUESTS.name, 1, 17, datetime(2026, 1, 1, tzinfo=UTC))
BINARY = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/me"), ("ce_type", b"TrainRequested")]


def read(value, headers=(), topic=TRAINING_REQUESTS):
    return decode(topic, value if isinstance(value, bytes) else json.dumps(value).encode(), headers, ORIGIN)


def test_binary_mode_is_read_and_a_missing_time_is_the_brokers():
    delivery = read(DATA, BINARY)
    assert delivery.message == TrainRequested(**DATA)
    assert (delivery.envelope.id, delivery.envelope.source) == ("1", "/me")
    assert delivery.envelope.time == ORIGIN.time


@pytest.mark.parametrize("headers", [[("content-type", b"application/cloudevents+json; charset=utf-8")], []])
@pytest.mark.parametrize(
    "payload", [{"data": DATA}, {"data_base64": base64.b64encode(json.dumps(DATA).encode()).decode()}]
)
def test_structured_mode_is_read(headers, payload):
    event = {"specversion": "1.0", "id": "1", "source": "/me", "type": "TrainRequested", **payload}
    assert read(event, headers).message == read(DATA, BINARY).message
    assert read(event, headers).digest == read(DATA, BINARY).digest


def test_an_attribute_that_is_null_is_absent():
    event = {"specversion": "1.0", "id": "1", "source": "/me", "type": "TrainRequested", "data": DATA}
    delivery = read({**event, "subject": None, "time": None, "traceparent": None, "data_base64": None})
    assert delivery == read(event)
    with pytest.raises(MalformedMessage, match="lacks id"):
        read({**event, "id": None})


@pytest.mark.parametrize(("given", "kept"), [(b"00-ab-cd-01", "00-ab-cd-01"), (b"a\x00b", None), (b"", None)])
def test_a_trace_context_that_is_none_is_passed_over(given, kept):
    assert read(DATA, [*BINARY, ("traceparent", given)]).envelope.traceparent == kept


@pytest.mark.parametrize(("text", "number"), [(None, 0), ("00012", 12), ("x", 0), ("9" * 20, 2**63 - 1), ("1" * 21, 0)])
def test_a_sequence_is_a_number_that_a_database_holds(text, number):
    assert Envelope(id="1", source="s", type="t", time=ORIGIN.time, sequence=text).revision == number


def test_bare_json_on_a_request_topic_is_its_default_type_with_an_id_from_its_place():
    delivery = read(DATA)
    assert delivery.message == TrainRequested(**DATA)
    assert delivery.envelope.id == str(derived_id(TRAINING_REQUESTS.name, 1, 17))


def test_what_is_written_is_read_back_the_same():
    message = TrainRequested(**DATA, job_id=new_id())
    envelope = Envelope.of(
        message, id=new_id(), source="/babbitt/gateway", time=datetime.now(UTC), sequence=3, traceparent="00-ab-cd-01"
    )
    delivery = decode(TRAINING_REQUESTS, message.model_dump_json().encode(), headers_of(envelope), ORIGIN)
    assert (delivery.message, delivery.envelope) == (message, envelope)
    assert envelope.sequence == "00000000000000000003"
    assert envelope.correlationid == envelope.id


def test_a_chain_keeps_its_first_message():
    first = Envelope.of(TrainRequested(**DATA), id="1", source="/a", time=ORIGIN.time)
    second = Envelope.of(TrainRequested(**DATA), id="2", source="/b", time=ORIGIN.time, cause=first)
    third = Envelope.of(TrainRequested(**DATA), id="3", source="/c", time=ORIGIN.time, cause=second)
    assert (third.causationid, third.correlationid) == ("2", "1")


@pytest.mark.parametrize(
    ("value", "headers", "said"),
    [
        (b"", [], "empty"),
        (b"{", [], "not JSON"),
        (b"[" * 100_000, [], "not JSON"),
        (DATA, BINARY[1:], "lacks specversion"),
        (DATA, [*BINARY[1:], ("ce_specversion", b"0.3")], "1.0 is read"),
        (DATA, [*BINARY, ("ce_time", b"yesterday")], "/time"),
        ({**DATA, "colour": "red"}, BINARY, "/colour"),
        ({"dataset": DATA["dataset"]}, BINARY, "/model"),
        ({**DATA, "model": "Pump 1"}, BINARY, "/model"),
        ({**DATA, "seed": -1}, BINARY, "/seed"),
        ({**DATA, "requested_by": "a\x00b"}, BINARY, "/requested_by"),
        ({**DATA, "requested_by": "a" * 201}, BINARY, "/requested_by"),
        (DATA, [*BINARY, ("ce_id", "\U0001f600".encode() * 257)], "/id"),
        ([1], BINARY, "TrainRequested"),
        ([1], [("content-type", b"application/cloudevents+json")], "JSON object"),
    ],
)
def test_what_is_not_its_contract_is_named(value, headers, said):
    with pytest.raises(MalformedMessage, match=said):
        read(value, headers)


def test_a_wrong_value_is_told_with_what_is_accepted_and_without_itself():
    with pytest.raises(MalformedMessage) as caught:
        read({**DATA, "seed": -12345}, BINARY)
    assert caught.value.errors[0].accepted == "at least 0"
    assert "12345" not in str(caught.value)
    assert caught.value.envelope.id == "1"


def test_an_unknown_type_is_told_apart():
    with pytest.raises(UnknownType, match="TrainCancelRequested, TrainRequested"):
        read(DATA, [*BINARY[:3], ("ce_type", b"PaintRequested")])


def test_an_event_topic_needs_an_envelope():
    with pytest.raises(MalformedMessage, match="envelope"):
        read(DATA, topic=TRAINING_EVENTS)


def test_an_events_unknown_field_is_skipped():
    data = {"job_id": str(new_id()), "model": "pump", "kind": "hiccup", "reason": "?", "colour": "red"}
    delivery = read(data, [*BINARY[:3], ("ce_type", b"TrainFailed")], topic=TRAINING_EVENTS)
    assert delivery.message.kind == "hiccup"


def test_ids_of_version_7_are_ordered_by_time():
    ids = [new_id() for _ in range(100)]
    assert ids == sorted(ids)
    assert all(isinstance(one, UUID) and one.version == 7 for one in ids)
