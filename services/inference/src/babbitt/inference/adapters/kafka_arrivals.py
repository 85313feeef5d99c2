"""Prediction requests as they come from Kafka."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from babbitt.chassis.errors import Malformed
from babbitt.chassis.kafka import origin_of
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import PREFIX, Claim, Encoding, claim_of, read_request

type Record = ConsumerRecord[bytes, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A record of the request topic, whatever it holds.

    Attributes:
        record: as it lay there; its value and key may be absent.
        headers: its headers; one without a value has an empty one.
        unreadable: why the client could not read the record; its content is not here then.
    """

    record: Record
    headers: Sequence[tuple[str, bytes]]
    unreadable: str | None = None

    @classmethod
    def of(cls, record: ConsumerRecord[Any, Any]) -> "Arrival":
        headers: Sequence[tuple[str, bytes | None]] = record.headers
        return cls(record, [(name, value or b"") for name, value in headers])

    @classmethod
    def unread(cls, topic: str, partition: int, offset: int, reason: str) -> "Arrival":
        """A record of which no more is known than where it lies."""
        nothing = ConsumerRecord[bytes, bytes](
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=int(time.time() * 1000),
            timestamp_type=0,
            key=None,
            value=None,
            checksum=None,
            serialized_key_size=-1,
            serialized_value_size=-1,
            headers=(),
        )
        return cls(nothing, (), reason)

    @property
    def origin(self) -> Origin:
        """Where it lay."""
        return origin_of(PREDICTIONS_REQUESTS, self.record)

    def read(self) -> "Asked":
        """What it asks.

        Raises:
            Malformed: it could not be read, or a header is missing or not its contract.
        """
        if self.unreadable is not None:
            raise Malformed(self.unreadable)
        request, encoding = read_request(self.headers)
        return Asked(self, request, encoding, claim_of(encoding))

    def raw_header(self, name: str) -> bytes | None:
        """A header's bytes, if it is there and not empty."""
        return next((value for given, value in self.headers if given == name), None) or None

    def header(self, name: str) -> str | None:
        """A header's text, if it is there and not empty."""
        raw = self.raw_header(name)
        return raw.decode("utf-8", "replace") if raw else None

    def prediction_id(self) -> UUID | None:
        """Which prediction it is, so far as that can be read even though the rest cannot."""
        try:
            return UUID(self.header(f"{PREFIX}prediction_id") or "")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A request that could be read."""

    arrival: Arrival
    request: PredictionRequested
    encoding: Encoding
    claim: Claim | None
