"""WAV files: PCM and floating point. http://soundfile.sapp.org/doc/WaveFormat/ has the chunks, and
https://learn.microsoft.com/windows-hardware/drivers/audio/extensible-wave-format-descriptors what is extensible.

Our own: SciPy's reader takes the memory that a chunk announces, libsndfile is C, and Python's module knows no floats.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable
from babbitt.recordings.readers.leaves import Index, Leaf

_RIFF_BYTES, _CHUNK_BYTES, _FORMAT_BYTES, _EXTENSIBLE_BYTES = 12, 8, 16, 40
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_TYPES = {
    (_PCM, 8): "u1", (_PCM, 16): "<i2", (_PCM, 24): "u1", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4", (_FLOAT, 64): "<f8",
}  # fmt: skip
MAX_CHANNELS = 64
MAX_CHUNKS = 1000
"""Before the end of which the samples begin."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How samples lie in the data."""

    code: int
    channels: int
    sampling_rate_hz: float
    bits: int


def wav_leaves(path: Path, name: str) -> tuple[float, list[Leaf]]:
    """The sampling rate in hertz, and the channels, by number; integers as a share of full scale, from -1 to 1.

    Raises:
        RecordingUnreadable: damaged, truncated, or of another encoding.
    """
    with path.open("rb") as file:
        chunks = _chunks(file, name)
    if b"fmt " not in chunks or b"data" not in chunks:
        raise RecordingUnreadable(f"{name}: a WAV file without its format, or without data")
    layout = _layout(path, *chunks[b"fmt "], name)
    start, size = chunks[b"data"]
    frames = size // (layout.channels * layout.bits // 8)
    if frames == 0:
        raise RecordingUnreadable(f"{name}: holds no samples")
    values = _values(path, layout, start, frames)
    holds = f"{layout.bits}-bit {'float' if layout.code == _FLOAT else 'PCM'}"

    def leaf(channel: int) -> Leaf:
        def read(index: Index) -> NDArray[Any]:
            return _scaled(values[:, channel][index], layout)

        return Leaf((f"#{channel + 1}",), (frames,), holds, "numbers", read)

    return layout.sampling_rate_hz, [leaf(channel) for channel in range(layout.channels)]


def _chunks(file: IO[bytes], name: str) -> dict[bytes, tuple[int, int]]:
    """Where each kind of chunk first begins, and how long it is."""
    end = file.seek(0, 2)
    found: dict[bytes, tuple[int, int]] = {}
    position, seen = _RIFF_BYTES, 0
    while position + _CHUNK_BYTES <= end and b"data" not in found:
        if (seen := seen + 1) > MAX_CHUNKS:
            raise RecordingUnreadable(f"{name}: no data among its first {MAX_CHUNKS} chunks")
        file.seek(position)
        kind, size = struct.unpack("<4sI", file.read(_CHUNK_BYTES))
        start = position + _CHUNK_BYTES
        if start + size > end:
            raise RecordingUnreadable(f"{name}: truncated: {size} bytes announced, {end - start} there")
        found.setdefault(kind, (start, size))
        position = start + size + size % 2
    return found


def _layout(path: Path, start: int, size: int, name: str) -> _Layout:
    with path.open("rb") as file:
        file.seek(start)
        content = file.read(min(size, _EXTENSIBLE_BYTES))
    if len(content) < _FORMAT_BYTES:
        raise RecordingUnreadable(f"{name}: a WAV file without its format")
    code, channels, rate, _, frame_bytes, bits = struct.unpack("<HHIIHH", content[:_FORMAT_BYTES])
    if code == _EXTENSIBLE and len(content) == _EXTENSIBLE_BYTES:
        code = int.from_bytes(content[24:26], "little")
    if (code, bits) not in _TYPES or not 1 <= channels <= MAX_CHANNELS or not rate:
        raise RecordingUnreadable(
            f"{name}: {channels} channels at {rate} Hz of {bits} bits, encoding {code}; up to {MAX_CHANNELS} channels "
            "of 8, 16, 24 or 32 bits PCM (1), or of 32 or 64 bits floating point (3), are read"
        )
    if frame_bytes != channels * bits // 8:
        raise RecordingUnreadable(f"{name}: damaged: {frame_bytes} bytes for {channels} samples of {bits} bits")
    return _Layout(code, channels, float(rate), bits)


def _values(path: Path, layout: _Layout, start: int, frames: int) -> NDArray[Any]:
    """[frames, channels], of three bytes [frames, channels, 3]; read where they are asked for."""
    shape = (frames, layout.channels) + ((3,) if layout.bits == 24 else ())  # noqa: PLR2004 - no type has them
    return np.memmap(path, _TYPES[layout.code, layout.bits], "r", start, shape)


def _scaled(values: NDArray[Any], layout: _Layout) -> NDArray[np.float64]:
    if layout.code == _FLOAT:
        return values.astype(np.float64)
    if layout.bits == 8:  # noqa: PLR2004 - these alone have no sign
        return (values.astype(np.float64) - 128) / 128
    if layout.bits == 24:  # noqa: PLR2004 - as the upper bytes of four
        padded = np.zeros((len(values), 4), np.uint8)
        padded[:, 1:] = values
        return padded.view("<i4")[:, 0] / 2.0**31
    return values / 2.0 ** (layout.bits - 1)
