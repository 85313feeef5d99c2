"""Waveform messages: samples as they are, all that describes them in headers.

Little-endian, C order, shape [channels, samples]. Over `CLAIM_OVER_BYTES` the samples lie in the object
store and the message carries a claim: their key and digest, never a URL.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from babbitt.contracts.cloudevents import Headers
from babbitt.contracts.errors import MalformedMessage, field_problems
from babbitt.contracts.measurements import MeasurementTaken
from babbitt.contracts.names import ObjectKey, Sha256
from babbitt.contracts.predictions import PredictionRequested

CLAIM_OVER_BYTES = 900_000
CONTENT_TYPE = "application/octet-stream"
PREFIX = "bbt_"
"""Of every header that describes a waveform."""
_JSON = ("shape", "warnings", "channels", "fault_orders")
"""Fields whose header is JSON; the others are text as it is."""

LARGEST_SAMPLE = 1e9
"""In a channel's unit, either way. Nothing measures more, and models square what they read in single precision."""

type DType = Literal["<f4", "<f8", "<i2"]
type Samples = npt.NDArray[np.float32]


class Encoding(BaseModel):
    """How samples became bytes.

    Attributes:
        dtype: NumPy's name of the sample type.
        shape: channels and samples a channel.
        scale: factor from stored integers to physical units; needed for `<i2`, refused otherwise.
        claim_key, claim_sha256: where the bytes lie when the message does not hold them.
    """

    model_config = ConfigDict(frozen=True)

    dtype: DType
    shape: tuple[int, int]
    scale: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    claim_key: ObjectKey | None = None
    claim_sha256: Sha256 | None = None

    @property
    def size_bytes(self) -> int:
        """Of the samples."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, slots=True)
class Claim:
    """Where samples lie: an object-store key and the digest to verify."""

    key: str
    sha256: str


type WaveformMessage = PredictionRequested | MeasurementTaken


def waveform_headers(message: WaveformMessage, encoding: Encoding) -> list[tuple[str, bytes]]:
    """The headers that carry what is said of a waveform, and its encoding."""
    fields: dict[str, Any] = message.model_dump(mode="json", exclude_none=True) | encoding.model_dump(
        mode="json", exclude_none=True
    )
    return [
        (PREFIX + name, (value if isinstance(value, str) else json.dumps(value)).encode())
        for name, value in fields.items()
    ]


def read_waveform[M: WaveformMessage](contract: type[M], headers: Headers) -> tuple[M, Encoding]:
    """What `waveform_headers` wrote.

    Raises:
        MalformedMessage: a header is missing or not its contract.
    """
    given = {name[len(PREFIX) :]: raw.decode("utf-8", "replace") for name, raw in headers if name.startswith(PREFIX)}
    try:
        for name in _JSON:
            if name in given:
                given[name] = json.loads(given[name])
        encoding = Encoding.model_validate(given)
        message = contract.model_validate(given)
    except ValidationError as error:
        problems = field_problems(error)
        detail = f"header {PREFIX}{problems[0].pointer[1:]}: {problems[0].detail}"
        raise MalformedMessage(detail, errors=problems) from error
    except ValueError as error:
        raise MalformedMessage(f"headers {', '.join(PREFIX + name for name in _JSON)} are JSON: {error}") from error
    return message, encoding


def encode_samples(waveform: Samples) -> tuple[bytes, Encoding]:
    """Bytes and encoding of a waveform, float32 [channels, samples]."""
    channels, samples = waveform.shape
    return waveform.astype("<f4", copy=False).tobytes(), Encoding(dtype="<f4", shape=(channels, samples))


def decode_samples(raw: bytes, encoding: Encoding) -> Samples:
    """The waveform, float32 [channels, samples]; not a copy where the bytes are float32 already.

    Raises:
        MalformedMessage: the length is not what the shape says, or a value is not finite.
    """
    channels, samples = encoding.shape
    if channels < 1 or samples < 1:
        raise MalformedMessage(f"shape {channels} x {samples}: at least one channel and one sample are needed")
    if len(raw) != encoding.size_bytes:
        raise MalformedMessage(
            f"{len(raw)} bytes of samples: shape {channels} x {samples} of {encoding.dtype} is {encoding.size_bytes}"
        )
    if (encoding.dtype == "<i2") != (encoding.scale is not None):
        raise MalformedMessage("scale: to be given exactly when dtype is '<i2'")
    stored = np.frombuffer(raw, dtype=encoding.dtype).reshape(channels, samples)
    with np.errstate(over="ignore", invalid="ignore"):
        waveform = stored.astype(np.float32, copy=False)
        if encoding.scale is not None:
            waveform = waveform * np.float32(encoding.scale)
    if not np.isfinite(waveform).all():  # a quarter of the time that a sum in float64 takes
        raise MalformedMessage("the waveform holds NaN or infinity: finite values are accepted")
    return waveform


def claim_of(encoding: Encoding) -> Claim | None:
    """The claim that stands for the samples, if one does.

    Raises:
        MalformedMessage: a claim without its digest, or the other way round.
    """
    if encoding.claim_key is None and encoding.claim_sha256 is None:
        return None
    if encoding.claim_key is None or encoding.claim_sha256 is None:
        raise MalformedMessage("a claim is a key and a digest")
    return Claim(encoding.claim_key, encoding.claim_sha256)
