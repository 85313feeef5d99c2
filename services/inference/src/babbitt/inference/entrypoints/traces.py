"""The trace that an answer belongs to: one from the client's request to the result."""

import time
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.inference.entrypoints.kafka_arrivals import Arrival

type Traceparent = Callable[[Arrival], bytes | None]
"""What an answer carries as `traceparent`."""

_PROPAGATOR = TraceContextTextMapPropagator()
_NAME = f"process {PREDICTIONS_REQUESTS.name}"


def passed_on(arrival: Arrival) -> bytes | None:
    """The request's own, where spans go nowhere: making one takes as long as reading the request."""
    return arrival.raw_header("traceparent")


def with_span(arrival: Arrival) -> bytes | None:
    """That of a span from the request's writing until now, which is made here."""
    given = arrival.header("traceparent")
    context = _PROPAGATOR.extract({"traceparent": given}) if given else None
    written_ns = min(max(arrival.record.timestamp, 0) * 1_000_000, time.time_ns())  # the sender's clock, or nonsense
    span = trace.get_tracer("babbitt").start_span(_NAME, context=context, kind=SpanKind.CONSUMER, start_time=written_ns)
    span.end()
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span))
    return carrier["traceparent"].encode() if carrier else None
