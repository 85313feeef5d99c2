"""Records of a dataset as the API gives them."""

import json
from collections.abc import Iterator
from typing import Self
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.manifests import RecordEntry

VALUES_AT_ONCE = 8192
"""Numbers written as text in one go, which keeps the interpreter for some milliseconds."""


class Record(BaseModel):
    """A record.

    Attributes:
        record: its name within the dataset.
        label: its class.
        place: its split, or `test_snr20`: the copies of the test records with noise at 20 dB.
        group: what may not straddle a split.
        severity: how far its fault has gone, where that is known.
        recording: what it was cut from, where that was longer.
        shaft_speed_hz: where known.
        blake3: digest of its samples: float32, little-endian, C order.
    """

    record: str
    label: str
    place: str
    group: str
    severity: str | None
    recording: str | None
    duration_s: float
    sampling_rate_hz: float
    samples: int
    channels: tuple[str, ...]
    shaft_speed_hz: float | None
    blake3: str

    @classmethod
    def of(cls, entry: RecordEntry, spec: DataSpec) -> Self:
        """As the manifest has it, of a dataset with this DataSpec."""
        return cls(
            record=entry.record,
            label=entry.label,
            place=entry.split,
            group=entry.group,
            severity=entry.severity,
            recording=entry.recording,
            duration_s=entry.samples / spec.sampling_rate_hz,
            sampling_rate_hz=spec.sampling_rate_hz,
            samples=entry.samples,
            channels=tuple(channel.name for channel in spec.channels),
            shaft_speed_hz=entry.shaft_speed_hz,
            blake3=entry.blake3,
        )

    def headers(self) -> dict[str, str]:
        """All of it beside samples as bytes: numbers and text, quoted as in an address; what is unknown is left out."""
        told = {name: value for name, value in self if value is not None}
        told |= {"dtype": "<f4", "channels": ",".join(self.channels)}
        return {_header(name): quote(str(value), safe=",<") for name, value in told.items()}


class RecordSamples(Record):
    """A record with its samples: [channels][samples]."""

    waveform: list[list[float]]


def _header(name: str) -> str:
    return f"Babbitt-{name.replace('_', '-').title()}"


def as_json(record: Record, samples: NDArray[np.float32]) -> Iterator[str]:
    """`RecordSamples` as JSON, piece by piece."""
    yield record.model_dump_json()[:-1] + ',"waveform":['
    for number, channel in enumerate(samples):
        yield "],[" if number else "["
        for start in range(0, channel.size, VALUES_AT_ONCE):
            some = json.dumps(channel[start : start + VALUES_AT_ONCE].tolist())[1:-1]
            yield f",{some}" if start else some
    yield "]]}"
