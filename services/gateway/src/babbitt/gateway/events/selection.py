"""What a reader of the stream asks for: topics, a subject, types."""

import hashlib
from dataclasses import dataclass

from babbitt.contracts.topics import (
    DATASETS_EVENTS,
    DIAGNOSTICS_EVENTS,
    MODELS_ALIASES,
    MODELS_EVENTS,
    PREDICTIONS_RESULTS,
    SYSTEM_HEARTBEATS,
    TRAINING_EVENTS,
    Topic,
)
from babbitt.gateway.errors import InvalidInput

STREAMED: tuple[Topic, ...] = (
    DATASETS_EVENTS,
    TRAINING_EVENTS,
    MODELS_EVENTS,
    PREDICTIONS_RESULTS,
    DIAGNOSTICS_EVENTS,
    MODELS_ALIASES,
    SYSTEM_HEARTBEATS,
)
"""The topics that may be streamed."""
UNASKED = (MODELS_ALIASES, SYSTEM_HEARTBEATS)
"""Streamed only when they are named: state that the models' events tell too, and a beat every two seconds."""

type Place = tuple[str, int]
"""A topic, without prefix, and a partition."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A reader's choice. Empty `types`: all; no `subject`: all."""

    topics: tuple[Topic, ...]
    types: frozenset[str] = frozenset()
    subject: str | None = None

    def takes(self, type_: str, subject: str | None) -> bool:
        """Whether an event is chosen; its topic is known to be."""
        return (not self.types or type_ in self.types) and (self.subject is None or self.subject == subject)

    def places(self) -> tuple[Place, ...]:
        """The partitions that are read, in the order in which a position lists them."""
        return tuple((topic.name, number) for topic in self.topics for number in range(topic.partitions))

    def fingerprint(self) -> bytes:
        """Tells one choice from another: a position belongs to the choice that it was given for."""
        said = "\n".join((*(topic.name for topic in self.topics), "", *sorted(self.types), "", self.subject or ""))
        return hashlib.sha256(said.encode()).digest()[:6]


def select(topics: str | None, types: str | None, subject: str | None) -> Selection:
    """Read the query's parameters; lists are separated by commas, topics may go without their version.

    Raises:
        InvalidInput: a topic is none that is streamed.
    """
    return Selection(_topics(topics), frozenset(_listed(types)), subject or None)


def _topics(text: str | None) -> tuple[Topic, ...]:
    names = _listed(text)
    if not names:
        return tuple(topic for topic in STREAMED if topic not in UNASKED)
    known = {alias: topic for topic in STREAMED for alias in (topic.name, short_name(topic))}
    unknown = [name for name in names if name not in known]
    if unknown:
        accepted = ", ".join(short_name(topic) for topic in STREAMED)
        raise InvalidInput.at("topics", f"{unknown[0]!r} is not streamed", accepted)
    chosen = {known[name].name for name in names}
    return tuple(topic for topic in STREAMED if topic.name in chosen)


def short_name(topic: Topic) -> str:
    """A topic's name without its version."""
    return topic.name.removesuffix(".v1")


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
