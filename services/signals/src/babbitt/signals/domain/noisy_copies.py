"""Copies of a simulated test record with white noise: how a model fares where the sensor is worse."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from babbitt.contracts.splits import noisy_test
from babbitt.signals.domain.records import Waveform
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.white_noise import WhiteNoise, rms

_LOWEST_DB = -128
"""Parts of a stream are counted from 0."""


class NoisyCopies:
    """Makes copies one after another in the same memory.

    Args:
        seed: of the dataset.
        ratios_db: one copy at each of these signal-to-noise ratios.
        channels, samples: of one record.
    """

    def __init__(self, seed: int, ratios_db: Sequence[int], channels: int, samples: int) -> None:
        self._seed = seed
        self._ratios_db = ratios_db
        self._white = WhiteNoise(samples)
        self._noisy = np.empty((channels, samples), np.float32)

    def of(self, waveform: Waveform, record: int) -> Iterator[Waveform]:
        """The copies of a record, by its number. Each channel's noise is sigma = rms 10^(-SNR / 20) of that channel."""
        for ratio_db in self._ratios_db:
            rng = stream(self._seed, record, Layer.NOISY_COPY, ratio_db - _LOWEST_DB)
            for clean, noisy in zip(waveform.samples, self._noisy, strict=True):
                np.add(clean, self._white.draw(rng, rms(clean) * 10 ** (-ratio_db / 20)), out=noisy)
            name = f"{waveform.record}@snr{ratio_db}"
            yield replace(waveform, record=name, samples=self._noisy, place=noisy_test(ratio_db))
