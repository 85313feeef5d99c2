"""A record cut into what a model reads."""

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.waveform import Samples


def cut(waveform: Samples, spec: ModelSpec) -> list[Samples]:
    """The windows [channels, window] of a waveform [channels, samples]: views, not copies."""
    window = spec.window_samples
    return [waveform[:, start : start + window] for start in spec.window_starts(waveform.shape[1])]
