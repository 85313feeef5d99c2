"""What the gateway measures of its own; routes are templates, never a client's path."""

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "babbitt_http_seconds",
    "Seconds from a request's head to its answer's end, streams left out.",
    ["route", "method", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
AUTH_FAILURES = Counter(
    "babbitt_auth_failures_total", "Requests without a valid key, or without the scope.", ["reason"]
)
PREDICTIONS = Counter(
    "babbitt_gateway_predictions_total", "Predictions asked for, by what became of them.", ["outcome"]
)
WAITING = Gauge("babbitt_gateway_waiting_predictions", "Callers that wait for a result here.")
LOGGED = Counter("babbitt_prediction_log_total", "Results taken into the log, by what became of them.", ["outcome"])
STREAMS = Gauge("babbitt_event_streams", "Readers of the event stream here.")
STREAMS_ENDED = Counter("babbitt_event_streams_ended_total", "Streams that ended, by reason.", ["reason"])
