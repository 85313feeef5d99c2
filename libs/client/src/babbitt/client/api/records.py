"""The records of a dataset, and their samples."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from babbitt.client.calls import Answer, Call, path_of
from babbitt.client.errors import unexpected
from babbitt.client.frames import axes_for
from babbitt.client.pages import Page, list_call

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BYTES = "application/octet-stream"
PREFIX = "babbitt-"
DTYPE = "<f4"


class Record(Answer):
    """A record.

    Attributes:
        record: its name within the dataset.
        label: its class.
        place: its split, or `test_snr20`: the copies of the test records with noise at 20 dB.
        group: what may not straddle a split.
        severity: how far its fault has gone, where that is known.
        samples: how many a channel.
        blake3: digest of its samples: float32, little-endian, C order.
    """

    record: str
    label: str
    place: str
    group: str
    severity: str | None = None
    recording: str | None = None
    duration_s: float
    sampling_rate_hz: float
    samples: int
    channels: tuple[str, ...]
    shaft_speed_hz: float | None = None
    blake3: str


@dataclass(frozen=True, slots=True)
class RecordWaveform:
    """A record with its samples: [channels, samples]."""

    record: Record
    samples: NDArray[np.float32]

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Its channels over time in seconds. Raises MissingExtra: matplotlib is not installed."""
        axes = axes_for(f"{self.record.record}: {self.record.label}", axes)
        time_s = np.arange(self.samples.shape[1]) / self.record.sampling_rate_hz
        for name, samples in zip(self.record.channels, self.samples, strict=True):
            axes.plot(time_s, samples, linewidth=0.5, label=name)
        axes.set(xlabel="s")
        axes.legend()
        return axes


def records(dataset_id: str) -> Call[Page[Record]]:
    """The records of a ready dataset, in its order. Raises Conflict when it is sent and the dataset is not ready."""
    return list_call(path_of("datasets", dataset_id, "records"), Record)


def record(dataset_id: str, name: str) -> Call[RecordWaveform]:
    """One record of a ready dataset, with its samples."""
    path = path_of("datasets", dataset_id, "records", name)
    return Call("GET", path, _read, headers={"Accept": BYTES}, repeatable=True)


def _read(response: httpx.Response) -> RecordWaveform:
    """Samples in the body, all else in headers, quoted as in an address."""
    told = {name[len(PREFIX) :].replace("-", "_"): unquote(value)
            for name, value in response.headers.items() if name.startswith(PREFIX)}  # fmt: skip
    dtype = told.pop("dtype", DTYPE)
    try:
        record = TypeAdapter(Record).validate_python(told | {"channels": told.get("channels", "").split(",")})
        samples = np.frombuffer(response.content, DTYPE).reshape(len(record.channels), record.samples)
    except (ValidationError, ValueError) as error:
        raise unexpected(response, str(error).partition("\n")[0]) from error
    if dtype != DTYPE:
        raise unexpected(response, f"samples of {dtype}; {DTYPE} is read")
    return RecordWaveform(record, samples.astype(np.float32, copy=False))
