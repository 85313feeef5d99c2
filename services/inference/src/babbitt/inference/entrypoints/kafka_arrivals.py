"""Prediction requests as they come from Kafka."""

from dataclasses import dataclass
from uuid import UUID

from babbitt.chassis.errors import Malformed
from babbitt.chassis.kafka import origin_of
from babbitt.chassis.unreadable import Record, UnreadableRecord
from babbitt.contracts.cloudevents import Origin
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.topics import PREDICTIONS_REQUESTS
from babbitt.contracts.waveform import PREFIX, Claim, Encoding, claim_of, read_waveform

_LONGEST_HEADER_BYTES = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A record of the request topic, whatever it holds.

    Attributes:
        record: as it lay there; its value and key may be absent.
    """

    record: Record

    @property
    def origin(self) -> Origin:
        """Where it lay."""
        return origin_of(PREDICTIONS_REQUESTS, self.record)

    def read(self) -> "Asked":
        """What it asks.

        Raises:
            Malformed: it could not be read, or a header is missing or not its contract.
        """
        if isinstance(self.record, UnreadableRecord):
            raise Malformed(self.record.reason)
        request, encoding = read_waveform(PredictionRequested, self.record.headers)
        return Asked(self, request, encoding, claim_of(encoding))

    def raw_header(self, name: str) -> bytes | None:
        """A header's bytes, if it is there, not empty, and not longer than what an answer repeats."""
        value = next((value for given, value in self.record.headers if given == name), b"")
        return value if 0 < len(value) <= _LONGEST_HEADER_BYTES else None

    def header(self, name: str) -> str | None:
        """As `raw_header`, as text."""
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
