"""CloudEvents 1.0 over Kafka: binary mode is written, binary and structured mode are read.

On a request topic a message without an envelope is read as the topic's default type, so that a JSON line typed into any
console producer is a request.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import ValidationError

from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.envelope import SPEC_VERSION, Envelope, Message
from babbitt.contracts.errors import MalformedMessage, UnknownType, field_problems
from babbitt.contracts.names import derived_id
from babbitt.contracts.topics import Topic

type Headers = Sequence[tuple[str, bytes]]

JSON_TYPE = "application/json"
STRUCTURED_TYPE = "application/cloudevents+json"
_ATTRIBUTES = tuple(name for name in Envelope.model_fields if name != "traceparent")
_REQUIRED = ("id", "source", "type", "specversion")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message lay: the topic without prefix, the partition and offset, and when the broker took it."""

    topic: str
    partition: int
    offset: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Delivery[M: Message]:
    """A message as it was read.

    Attributes:
        message: what it says.
        envelope: who said it, when, and why.
        origin: where it lay.
    """

    message: M
    envelope: Envelope
    origin: Origin

    @property
    def digest(self) -> str:
        """SHA-256 of what the message says, however it was written."""
        return hashlib.sha256(self.message.model_dump_json().encode()).hexdigest()


def headers_of(envelope: Envelope, content_type: str = JSON_TYPE) -> list[tuple[str, bytes]]:
    """The Kafka headers of an envelope in binary mode."""
    headers = [("ce_specversion", SPEC_VERSION.encode()), ("content-type", content_type.encode())]
    for name in _ATTRIBUTES:
        value = getattr(envelope, name)
        if value is not None:
            text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
            headers.append((f"ce_{name}", text.encode()))
    if envelope.traceparent:
        headers.append(("traceparent", envelope.traceparent.encode()))
    return headers


def decode(topic: Topic, value: bytes | None, headers: Headers, origin: Origin) -> Delivery[Message]:
    """Read a message of `topic`.

    Raises:
        UnknownType: the envelope names a type that is not said on this topic.
        MalformedMessage: no envelope where one is needed, or not its contract; it carries the envelope if it was read.
    """
    envelope, data = read_envelope(topic, value, headers, origin)
    return read_message(contract_of(topic, envelope), envelope, data, origin)


def contract_of(topic: Topic, envelope: Envelope) -> type[Message]:
    """The contract that an envelope's type names.

    Raises:
        UnknownType: it is not said on this topic.
    """
    contract = messages_on(topic).get(envelope.type)
    if contract is None:
        known = ", ".join(sorted(messages_on(topic)))
        raise UnknownType(f"type {envelope.type!r} is not said on {topic.name}: {known} are", envelope=envelope)
    return contract


def read_message[M: Message](contract: type[M], envelope: Envelope, data: Any, origin: Origin) -> Delivery[M]:
    """Read parsed JSON as `contract`.

    Raises:
        MalformedMessage: naming the first wrong field and what is accepted; it carries all of them.
    """
    try:
        message = contract.model_validate(data)
    except ValidationError as error:
        problems = field_problems(error, data)
        first = problems[0]
        detail = f"{envelope.type} is not its contract: {first.pointer}: {first.detail}"
        raise MalformedMessage(detail, errors=problems, envelope=envelope) from error
    return Delivery(message, envelope, origin)


def read_envelope(topic: Topic, value: bytes | None, headers: Headers, origin: Origin) -> tuple[Envelope, Any]:
    """The envelope of a message, and its data as parsed JSON.

    Raises:
        MalformedMessage: as `decode`.
    """
    given = dict(headers)
    content_type = _text(given.get("content-type", b""))
    traceparent = _text(given["traceparent"]) if "traceparent" in given else None
    attributes = {name[3:]: _text(raw) for name, raw in given.items() if name.startswith("ce_")}
    if attributes and not content_type.startswith(STRUCTURED_TYPE):
        envelope = _envelope(attributes, origin, traceparent)
        return envelope, _json(value, envelope)
    parsed = _json(value, None)
    if content_type.startswith(STRUCTURED_TYPE) or (isinstance(parsed, dict) and "specversion" in parsed):
        return _structured(parsed, origin, traceparent)
    if topic.default_type is None:
        raise MalformedMessage("no CloudEvents envelope: ce_id, ce_source, ce_type and ce_specversion are needed")
    return (
        Envelope(
            id=str(derived_id(origin.topic, origin.partition, origin.offset)),
            source=f"/kafka/{origin.topic}",
            type=topic.default_type,
            time=origin.time,
            traceparent=traceparent,
        ),
        parsed,
    )


def _structured(parsed: Any, origin: Origin, traceparent: str | None) -> tuple[Envelope, Any]:
    if not isinstance(parsed, dict):
        raise MalformedMessage("a structured CloudEvent is a JSON object")
    event = cast("dict[str, Any]", parsed)
    attributes = {
        name: str(value) for name, value in event.items() if value is not None and name not in {"data", "data_base64"}
    }
    envelope = _envelope(attributes, origin, traceparent)
    if event.get("data_base64") is not None:
        try:
            raw = base64.b64decode(str(event["data_base64"]), validate=True)
        except ValueError as error:
            raise MalformedMessage("data_base64 is not base64", envelope=envelope) from error
        return envelope, _json(raw, envelope)
    return envelope, event.get("data")


def _envelope(attributes: dict[str, str], origin: Origin, traceparent: str | None) -> Envelope:
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise MalformedMessage(f"the CloudEvents envelope lacks {', '.join(missing)}")
    if attributes["specversion"] != SPEC_VERSION:
        raise MalformedMessage(f"specversion {attributes['specversion']!r}: {SPEC_VERSION} is read")
    attributes.setdefault("time", origin.time.isoformat())
    if traceparent:
        attributes["traceparent"] = traceparent
    try:
        return Envelope.model_validate(attributes)
    except ValidationError as error:
        problems = field_problems(error)
        detail = f"the CloudEvents envelope is wrong: {problems[0].pointer}: {problems[0].detail}"
        raise MalformedMessage(detail, errors=problems) from error


def _json(value: bytes | None, envelope: Envelope | None) -> Any:
    if not value:
        raise MalformedMessage("the message is empty", envelope=envelope)
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"the message is not JSON: {error}", envelope=envelope) from error


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
