"""What a sensor sees of a machine that has no fault: a floor, and layers of noise over it.

Each layer can be left out, which ablations need; the streams of the others stay what they are.
"""

from collections.abc import Callable
from enum import Enum
from math import hypot

import numpy as np
from numpy.random import Generator

from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.streams import Layer
from babbitt.signals.domain.time_base import Samples, TimeBase


class NoiseLayer(Enum):
    """The layers over the floor."""

    MEASUREMENT = "measurement"
    MAINS = "mains"
    WALK = "walk"
    THERMAL_DRIFT = "thermal_drift"
    QUANTIZATION = "quantization"
    SENSOR_DRIFT = "sensor_drift"
    ALIASING = "aliasing"
    IMPULSES = "impulses"


ALL_LAYERS = frozenset(NoiseLayer)

FLOOR_SHARE = 0.05
MEASUREMENT_SIGMA = 0.03
MAINS_AMPLITUDE = 0.01
WALK_SIGMA = 0.02
THERMAL_DRIFT_AMPLITUDE = 0.015
THERMAL_DRIFT_PERIOD_S = 1.5
QUANTUM = 0.001
SENSOR_DRIFT = 0.001
ALIASING_PROBABILITY = 0.10
ALIASING_AMPLITUDE = 0.005
IMPULSES_A_SECOND = 2
IMPULSE = np.exp(-0.3 * np.arange(5))


def background(
    streams: Callable[[Layer], Generator],
    conditions: OperatingConditions,
    time: TimeBase,
    layers: frozenset[NoiseLayer] = ALL_LAYERS,
) -> Samples:
    """Floor and noise: [samples]. Quantization acts on what stands before it.

    The floor and the measurement noise are white and Gaussian both, so they are drawn at once.
    """
    rng = streams(Layer.BROADBAND)
    floor = FLOOR_SHARE * (0.2 + 0.1 * rng.random()) * conditions.load_factor * conditions.temperature_factor
    sigma = hypot(floor, MEASUREMENT_SIGMA if NoiseLayer.MEASUREMENT in layers else 0.0)
    record = sigma * rng.standard_normal(time.samples, dtype=np.float32).astype(np.float64)
    for layer, add in _LAYERS.items():
        if layer in layers:
            record = add(record, streams, time)
    return record


def _mains(record: Samples, streams: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    rng = streams(Layer.MAINS)
    frequency_hz = 50 + 10 * rng.random()
    amplitude = MAINS_AMPLITUDE * (1 + 0.5 * rng.random())
    return record + amplitude * time.tone(frequency_hz, 2 * np.pi * rng.random())


def _walk(record: Samples, streams: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    """Called pink by the reference; a random walk, so its power falls as 1/f^2."""
    walk = np.cumsum(streams(Layer.WALK).standard_normal(time.samples, dtype=np.float32), dtype=np.float64)
    return record + walk * (WALK_SIGMA / walk.std())


def _thermal_drift(record: Samples, _: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    return record + THERMAL_DRIFT_AMPLITUDE * time.tone(1 / THERMAL_DRIFT_PERIOD_S)


def _quantization(record: Samples, _: Callable[[Layer], Generator], __: TimeBase) -> Samples:
    return np.rint(record / QUANTUM) * QUANTUM


def _sensor_drift(record: Samples, _: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    return record + SENSOR_DRIFT * time.progress()


def _aliasing(record: Samples, streams: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    """A tone above half the sampling rate: it folds to below."""
    rng = streams(Layer.ALIASING)
    if rng.random() >= ALIASING_PROBABILITY:
        return record
    return record + ALIASING_AMPLITUDE * time.tone(time.sampling_rate_hz / 2 + 100 + 200 * rng.random())


def _impulses(record: Samples, streams: Callable[[Layer], Generator], time: TimeBase) -> Samples:
    rng = streams(Layer.IMPULSES)
    count = int(IMPULSES_A_SECOND * time.duration_s)
    starts = rng.integers(0, time.samples - IMPULSE.size, size=count)
    shapes = (0.02 + 0.03 * rng.random((count, 1))) * IMPULSE * rng.standard_normal((count, IMPULSE.size))
    np.add.at(record, starts[:, np.newaxis] + np.arange(IMPULSE.size), shapes)
    return record


_LAYERS: dict[NoiseLayer, Callable[[Samples, Callable[[Layer], Generator], TimeBase], Samples]] = {
    NoiseLayer.MAINS: _mains,
    NoiseLayer.WALK: _walk,
    NoiseLayer.THERMAL_DRIFT: _thermal_drift,
    NoiseLayer.QUANTIZATION: _quantization,
    NoiseLayer.SENSOR_DRIFT: _sensor_drift,
    NoiseLayer.ALIASING: _aliasing,
    NoiseLayer.IMPULSES: _impulses,
}
