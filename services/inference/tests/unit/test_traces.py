import pytest
from aiokafka import ConsumerRecord
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from babbitt.inference.entrypoints.kafka_arrivals import Arrival
from babbitt.inference.entrypoints.traces import passed_on, with_span

GIVEN = b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01"


@pytest.fixture
def exported(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter.get_finished_spans


def arrival(*headers, timestamp_ms=1_700_000_000_000):
    record = ConsumerRecord("t", 0, 0, timestamp_ms, 0, b"", b"", None, 0, 0, headers)
    return Arrival(record)


def test_where_spans_go_nowhere_the_requests_own_trace_is_passed_on(exported):
    assert passed_on(arrival(("traceparent", GIVEN))) == GIVEN
    assert passed_on(arrival()) is None
    assert exported() == ()


def test_a_span_reaches_from_the_requests_writing_to_its_answer_within_the_clients_trace(exported):
    told = with_span(arrival(("traceparent", GIVEN)))
    (span,) = exported()
    version, trace_id, span_id, flags = told.split(b"-")
    assert (version, trace_id, flags) == (b"00", b"1" * 32, b"01")
    assert span_id == f"{span.context.span_id:016x}".encode() != b"2" * 16
    assert span.parent.span_id == int("2" * 16, 16)
    assert span.start_time == 1_700_000_000_000 * 1_000_000 < span.end_time


def test_a_request_without_a_trace_or_with_nonsense_for_one_begins_a_trace(exported):
    for headers in ([], [("traceparent", b"nonsense")]):
        assert with_span(arrival(*headers)).startswith(b"00-")
    assert all(span.parent is None for span in exported())


@pytest.mark.parametrize("timestamp_ms", [-1, 2**62])
def test_a_clock_that_tells_nonsense_makes_no_span_that_ends_before_it_begins_or_began_before_time(
    exported, timestamp_ms
):
    with_span(arrival(timestamp_ms=timestamp_ms))
    (span,) = exported()
    assert 0 <= span.start_time <= span.end_time
