"""Waveforms as bytes: little-endian, C order, channels one after another."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from babbitt.client.errors import InvalidRequest
from babbitt.contracts.problems import FieldProblem, Problem

type DType = Literal["<f4", "<f8", "<i2"]


def encode(waveform: npt.ArrayLike, scale: float | None) -> tuple[bytes, DType, int]:
    """Bytes, type and number of channels of a waveform.

    Args:
        waveform: [samples] or [channels, samples]; real numbers, finite.
        scale: factor from 16-bit integers to physical units; None: the values are physical already.

    Raises:
        InvalidRequest: not such an array, or a scale without 16-bit integers.
    """
    samples = np.asarray(waveform)
    if samples.dtype.kind not in "iuf" or samples.ndim not in {1, 2} or samples.size == 0:
        raise _wrong(
            f"{samples.dtype} of shape {samples.shape}", "real numbers, [samples] or [channels, samples], not empty"
        )
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise _wrong("it holds NaN or infinity", "finite numbers")
    dtype = _dtype(samples.dtype, scaled=scale is not None)
    channels = 1 if samples.ndim == 1 else samples.shape[0]
    return np.ascontiguousarray(samples, dtype=dtype).tobytes(), dtype, channels


def _dtype(given: np.dtype[np.generic], *, scaled: bool) -> DType:
    """What is sent: nothing loses a digit that it has."""
    if scaled:
        if not np.can_cast(given, np.int16):
            raise _wrong(f"scale with {given}", "scale goes with 16-bit integers only")
        return "<i2"
    return "<f4" if np.can_cast(given, np.float32) else "<f8"


def _wrong(detail: str, accepted: str) -> InvalidRequest:
    error = FieldProblem(pointer="waveform", detail=detail, accepted=accepted)
    return InvalidRequest(Problem.of("invalid-waveform", 422, "Invalid waveform", "no waveform", errors=(error,)))
