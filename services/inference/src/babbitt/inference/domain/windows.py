"""A record cut into what a model reads."""

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.waveform import Samples


def window_starts(samples: int, window: int, hop: int) -> list[int]:
    """First samples of the windows of a record; the last window is aligned to the end, so nothing is dropped.

    Args:
        samples: samples a channel of the record, at least `window`.
        window: samples of a window.
        hop: samples between the starts of two windows.
    """
    last = samples - window
    starts = list(range(0, last + 1, hop))
    return starts if starts[-1] == last else [*starts, last]


def cut(waveform: Samples, spec: ModelSpec) -> list[Samples]:
    """The windows [channels, window] of a waveform [channels, samples]: views, not copies."""
    window = spec.window_samples
    return [waveform[:, start : start + window] for start in window_starts(waveform.shape[1], window, spec.hop_samples)]
