"""What `inference` measures besides what all services do."""

from prometheus_client import Counter, Histogram

_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

BATCH_REQUESTS = Histogram(
    "babbitt_inference_batch_requests", "Requests in a micro-batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
QUEUE_SECONDS = Histogram(
    "babbitt_inference_queue_seconds", "Seconds from a request's writing to the start of its micro-batch.",
    buckets=_SECONDS,
)  # fmt: skip
MODEL_SECONDS = Histogram(
    "babbitt_inference_model_seconds", "Seconds of one micro-batch in its thread.", buckets=_SECONDS
)
LOAD_SECONDS = Histogram("babbitt_inference_load_seconds", "Seconds to fetch, verify, load and warm up a model.")
PREDICTIONS = Counter("babbitt_inference_predictions_total", "Requests answered, by status.", ["status"])
REFUSED = Counter("babbitt_inference_refused_total", "Messages that the broker does not take.", ["topic"])
UNHEALTHY = Counter("babbitt_inference_unhealthy_total", "Artifacts that could not be served.")
