"""The metrics that all services share. Labels come from an allow-list; a service adds its own in its own module."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram

LABELS = frozenset(
    {"topic", "type", "kind", "outcome", "service", "check", "route", "method", "status", "model", "stage", "reason"}
)
"""Every label name that any metric may use: few values each, none chosen by a client."""

MESSAGES = Counter("babbitt_messages_total", "Messages settled, by what became of them.", ["topic", "outcome"])
MESSAGE_SECONDS = Histogram("babbitt_message_seconds", "Seconds from reading a message to settling it.", ["topic"])
DEAD_LETTERS = Counter("babbitt_dead_letters_total", "Messages given up, by kind.", ["topic", "kind"])
SKIPPED = Counter("babbitt_skipped_events_total", "Events of a type unknown here, skipped.", ["topic"])
OUTBOX_DEPTH = Gauge("babbitt_outbox_depth", "Messages that wait in the outbox.")
OUTBOX_AGE_SECONDS = Gauge("babbitt_outbox_age_seconds", "Age of the oldest message in the outbox.")
RELAYED = Counter("babbitt_outbox_relayed_total", "Messages sent from the outbox.", ["topic"])
READY = Gauge("babbitt_ready", "1 where a check says ready, else 0.", ["check"])
SLOW_QUERIES = Counter("babbitt_slow_queries_total", "Statements that took longer than a second.")

__all__ = [
    "DEAD_LETTERS",
    "LABELS",
    "MESSAGES",
    "MESSAGE_SECONDS",
    "OUTBOX_AGE_SECONDS",
    "OUTBOX_DEPTH",
    "READY",
    "REGISTRY",
    "RELAYED",
    "SKIPPED",
    "SLOW_QUERIES",
]
