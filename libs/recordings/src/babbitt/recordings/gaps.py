"""Missing samples of a recording: refused, filled where they are few, or left to be cut away."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.mappings import ImportMapping
from babbitt.recordings.errors import RecordingUnreadable

MAX_GAPS = 10_000
"""Of one channel; what has more is no recording."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that are missing in a channel: from `start` up to `stop`."""

    channel: int
    start: int
    stop: int

    @property
    def samples(self) -> int:
        """How many are missing."""
        return self.stop - self.start


def close_gaps(recorded: NDArray[np.float64], rate_hz: float, mapping: ImportMapping, name: str) -> tuple[Gap, ...]:
    """Put straight lines, in place, where samples are missing (NaN), if the mapping's policy lets that pass.

    Args:
        recorded: [channels, samples]; finite afterwards.
        rate_hz: samples a second.
        mapping: says `gap_policy` and `longest_gap_s`.
        name: of the recording, for messages.

    Returns:
        The gaps that there were. Where the policy is `cut`, no record may touch one of them.

    Raises:
        RecordingUnreadable: infinite samples, none at all in a channel, or gaps that the policy refuses, or too many.
    """
    if np.isinf(recorded).any():
        raise RecordingUnreadable(f"{name}: holds infinite samples; finite numbers are read")
    gaps = tuple(_gaps(recorded, name))
    if not gaps:
        return ()
    longest = max(gaps, key=lambda gap: gap.samples)
    found = f"{name}: {sum(gap.samples for gap in gaps)} samples are missing in {len(gaps)} gaps"
    if mapping.gap_policy == "refuse":
        first = gaps[0].start
        raise RecordingUnreadable(f"{found}, the first at sample {first}; gap_policy interpolate or cut would read it")
    if longest.samples == recorded.shape[1]:
        raise RecordingUnreadable(f"{name}: channel {longest.channel + 1} holds no samples at all")
    if mapping.gap_policy == "interpolate":
        if longest.samples > mapping.longest_gap_s * rate_hz:
            lasts = f"the longest lasts {longest.samples / rate_hz:.4g} s, longest_gap_s is {mapping.longest_gap_s:g} s"
            raise RecordingUnreadable(f"{found}; {lasts}; gap_policy cut would read it")
        if any(gap.start == 0 or gap.stop == recorded.shape[1] for gap in gaps):
            raise RecordingUnreadable(f"{found}, one at an end of the recording; gap_policy cut would read it")
    _fill(recorded, {gap.channel for gap in gaps})
    return gaps


def _gaps(recorded: NDArray[np.float64], name: str) -> Iterator[Gap]:
    for channel, samples in enumerate(recorded):
        missing = np.concatenate([[False], np.isnan(samples), [False]])
        edges = np.flatnonzero(missing[1:] != missing[:-1])
        if edges.size > 2 * MAX_GAPS:
            raise RecordingUnreadable(f"{name}: channel {channel + 1} has {edges.size // 2} gaps; {MAX_GAPS} at most")
        yield from (Gap(channel, int(start), int(stop)) for start, stop in edges.reshape(-1, 2))


def _fill(recorded: NDArray[np.float64], channels: set[int]) -> None:
    for channel in channels:
        samples = recorded[channel]
        missing = np.isnan(samples)
        samples[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), samples[~missing])
