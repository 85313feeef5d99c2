"""Optional effects on the signature of a fault: none in `jbfd11`, each switched on by its name."""

from collections.abc import Collection

import numpy as np

from babbitt.contracts.simulations import EffectName
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.rotation import Rotation
from babbitt.signals.domain.time_base import FloatSamples, Samples, TimeBase

NATURAL_FREQUENCY_HZ = 45.0
DAMPING_RATIO = 0.05
LARGEST_AMPLIFICATION = 10.0
CROSS_COUPLING = 0.3
GROWTH_PER_C = 0.001
GROWTH_TIME_CONSTANT_S = 300.0
COLD_C = 20.0
AXIAL_SHARE = 0.15
"""Of the radial channel's RMS."""


def resonance(shaft_speed_hz: Samples) -> Samples:
    """Amplification of a rotor near its natural frequency, |H| = 1 / sqrt((1 - r^2)^2 + (2 zeta r)^2), at most 10.

    Args:
        shaft_speed_hz: any shape.
    """
    ratio = np.asarray(shaft_speed_hz) / NATURAL_FREQUENCY_HZ
    response = 1 / np.sqrt((1 - ratio**2) ** 2 + (2 * DAMPING_RATIO * ratio) ** 2)
    return np.minimum(response, LARGEST_AMPLIFICATION)


def thermal_growth(temperature_c: float, time: TimeBase) -> Samples:
    """A housing that grows by 0.001 a degree while it warms from 20 degrees Celsius, time constant 300 s: [samples]."""
    t = time.progress() * time.duration_s
    return 1 + GROWTH_PER_C * (temperature_c - COLD_C) * (1 - np.exp(-t / GROWTH_TIME_CONSTANT_S))


def cross_coupled(signature: FloatSamples) -> FloatSamples:
    """With 0.3 of itself a quarter of a turn later added, as a cross-coupled stiffness does (Hilbert): [samples]."""
    quadrature = np.fft.irfft(-1j * np.fft.rfft(signature), signature.size)
    return (signature + CROSS_COUPLING * quadrature).astype(np.float32)


def affected(
    signature: FloatSamples,
    effects: Collection[EffectName],
    conditions: OperatingConditions,
    rotation: Rotation | None,
    time: TimeBase,
) -> FloatSamples:
    """The signature as resonance, thermal growth and cross-coupling leave it: [samples]."""
    if "resonance" in effects:
        speed_ratio = rotation.speed_ratio if rotation else np.ones(1)
        signature = signature * resonance(conditions.shaft_speed_hz * speed_ratio).astype(np.float32)
    if "thermal_growth" in effects:
        signature = signature * thermal_growth(conditions.temperature_c, time).astype(np.float32)
    return cross_coupled(signature) if "cross_coupling" in effects else signature
