"""Spectrum and envelope spectrum of a record, for people to look at: few points, no line lost between them."""

import numpy as np
from numpy.typing import NDArray

POINTS = 240
MOST_SAMPLES = 2**15
"""Of a longer record this much is looked at: a line every half hertz at 16 kHz, in 3 ms."""

ENVELOPE_TO_HZ = 500.0
"""What modulates a bearing's vibration is slower: the envelope spectrum ends here, or at a tenth of the rate."""

_CARRIER = (0.1, 0.8)  # of half the rate: resonances, without the shaft's lines and the edge of the filter
_FLOOR_DB = -120.0


def portrait(samples: NDArray[np.float32], sampling_rate_hz: float) -> NDArray[np.float32]:
    """The two spectra of a channel.

    Each point is the highest line of its stretch, in decibels of the amplitude of 1, over -120: a spectrum reduced by
    averaging would lose its lines. The envelope is the magnitude of the analytic signal between a tenth and four fifths
    of half the sampling rate.

    Args:
        samples: [samples], finite.
        sampling_rate_hz: of them.

    Returns:
        [2, POINTS]: the spectrum on `spectrum_axis`, the envelope spectrum on `envelope_axis`.
    """
    signal = samples[:MOST_SAMPLES].astype(np.float64)
    window = np.hanning(signal.size + 2)[1:-1]
    spectrum = np.fft.rfft((signal - signal.mean()) * window)
    frequencies = np.fft.rfftfreq(signal.size, 1 / sampling_rate_hz)
    analytic = np.zeros(signal.size, np.complex128)
    carrier = (frequencies >= _CARRIER[0] * sampling_rate_hz / 2) & (frequencies <= _CARRIER[1] * sampling_rate_hz / 2)
    analytic[: frequencies.size][carrier] = 2 * np.fft.rfft(signal)[carrier]
    envelope = np.abs(np.fft.ifft(analytic))
    modulation = np.fft.rfft((envelope - envelope.mean()) * window)
    axes = spectrum_axis(sampling_rate_hz), envelope_axis(sampling_rate_hz)
    amplitude = 2 / window.sum()
    lines = (np.abs(spectrum) * amplitude, np.abs(modulation) * amplitude)
    return np.stack([_highest(frequencies, line, axis) for line, axis in zip(lines, axes, strict=True)])


def spectrum_axis(sampling_rate_hz: float) -> NDArray[np.float64]:
    """Where the points of a spectrum lie, in hertz, in equal ratios up to half the rate: [POINTS]."""
    return np.geomspace(sampling_rate_hz / 10_000, sampling_rate_hz / 2, POINTS + 1)[:-1].astype(np.float64)


def envelope_axis(sampling_rate_hz: float) -> NDArray[np.float64]:
    """Where the points of an envelope spectrum lie, in hertz, in equal steps: [POINTS]."""
    highest = min(ENVELOPE_TO_HZ, sampling_rate_hz / 10)
    return np.linspace(highest / POINTS, highest, POINTS)


def _highest(
    frequencies: NDArray[np.float64], lines: NDArray[np.float64], axis: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The highest line from each point to the next; where lines lie further apart than points, the next line."""
    within = lines[: np.searchsorted(frequencies, 2 * axis[-1] - axis[-2])]
    first = np.minimum(np.searchsorted(frequencies, axis), within.size - 1)
    highest = np.maximum.reduceat(within, first)
    return np.maximum(20 * np.log10(np.maximum(highest, 1e-12)), _FLOOR_DB).astype(np.float32)
