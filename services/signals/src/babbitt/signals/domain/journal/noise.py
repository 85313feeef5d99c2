"""What a sensor sees of a machine that has no fault: a floor, and layers of noise over it.

Each layer can be left out, which ablations need; the streams of the others stay what they are.
"""

from collections.abc import Collection
from math import hypot, pi

import numpy as np
from numpy.random import Generator

from babbitt.contracts.simulations import NoiseLayerName
from babbitt.signals.domain.journal.impacts import Impacts, contacts
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.random_walk import RandomWalk
from babbitt.signals.domain.streams import Layer, Streams
from babbitt.signals.domain.time_base import FloatSamples, TimeBase
from babbitt.signals.domain.tones import Tone, ToneBank
from babbitt.signals.domain.white_noise import WhiteNoise

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
IMPULSE_SAMPLES = 5
IMPULSE_DECAY = 0.3

_QUANTA = np.float32(1 / QUANTUM)
_QUANTUM = np.float32(QUANTUM)


def floor_sigma(rng: Generator, conditions: OperatingConditions) -> float:
    """Standard deviation of the floor."""
    return FLOOR_SHARE * (0.2 + 0.1 * rng.random()) * conditions.operating_factor


class Background:
    """Floor and noise of one record after another, in memory of its own.

    Args:
        time: the instants.
        layers: what there is over the floor.
        tones: on the same instants.
    """

    def __init__(self, time: TimeBase, layers: Collection[NoiseLayerName], tones: ToneBank) -> None:
        self._time = time
        self._layers = frozenset(layers)
        self._tones = tones
        self._white = WhiteNoise(time.samples)
        self._walk = RandomWalk(time.samples)
        self._sensor_drift = (SENSOR_DRIFT * time.progress()).astype(np.float32)

    def draw(self, streams: Streams, conditions: OperatingConditions) -> FloatSamples:
        """Floor and noise: [samples]; overwritten by the next draw. Quantization acts on what stands before it:
        not on sensor drift, aliases and impulses.

        Floor and measurement noise are white and Gaussian both, so they are drawn at once.
        """
        layers = self._layers
        rng = streams(Layer.BROADBAND)
        measured = MEASUREMENT_SIGMA if "measurement" in layers else 0.0
        record = self._white.draw(rng, hypot(floor_sigma(rng, conditions), measured))
        if "walk" in layers:  # called pink by the reference; a random walk, so its power falls as 1/f^2
            record += self._walk.draw(streams(Layer.WALK), WALK_SIGMA)
        if lines := self._lines(streams):
            record += self._tones.sum(lines)
        if "quantization" in layers:
            record *= _QUANTA
            np.rint(record, out=record)
            record *= _QUANTUM
        if "sensor_drift" in layers:
            record += self._sensor_drift
        if "aliasing" in layers and (alias := self._alias(streams(Layer.ALIASING))):
            record += self._tones.sum((alias,))
        if "impulses" in layers:
            self._impulses(streams(Layer.IMPULSES)).add_to(record)
        return record

    def _lines(self, streams: Streams) -> list[Tone]:
        lines: list[Tone] = []
        if "mains" in self._layers:
            rng = streams(Layer.MAINS)
            frequency_hz, amplitude = 50 + 10 * rng.random(), MAINS_AMPLITUDE * (1 + 0.5 * rng.random())
            lines.append(Tone(amplitude, frequency_hz, 2 * pi * rng.random()))
        if "thermal_drift" in self._layers:
            lines.append(Tone(THERMAL_DRIFT_AMPLITUDE, 1 / THERMAL_DRIFT_PERIOD_S))
        return lines

    def _alias(self, rng: Generator) -> Tone | None:
        """A tone above half the sampling rate, which folds; most records have none."""
        if rng.random() >= ALIASING_PROBABILITY:
            return None
        over_hz = self._time.sampling_rate_hz / 2 + 100 + 200 * rng.random()
        return Tone(ALIASING_AMPLITUDE, over_hz, 2 * pi * rng.random())

    def _impulses(self, rng: Generator) -> Impacts:
        count = int(IMPULSES_A_SECOND * self._time.duration_s)
        unit = contacts(rng, self._time, count=count, amplitude=1.0, samples=IMPULSE_SAMPLES, decay=IMPULSE_DECAY)
        return Impacts(unit.starts, (0.02 + 0.03 * rng.random((count, 1))) * unit.shapes)
