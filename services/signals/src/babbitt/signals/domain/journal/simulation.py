"""One simulated record: floor, noise, fault, in that order. Profile `jbfd11`, generator version 1."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from babbitt.signals.domain.journal.faults import FAULTS, HEALTHY, Scene
from babbitt.signals.domain.journal.noise import ALL_LAYERS, NoiseLayer, background
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.severity import SeverityLevel, severity_curve
from babbitt.signals.domain.journal.transients import transient_envelope
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase


@dataclass(frozen=True, slots=True)
class SimulatedRecord:
    """A record and how it came about. `samples` is [1, samples]."""

    samples: NDArray[np.float32]
    conditions: OperatingConditions
    level: SeverityLevel


def simulate(
    label: str,
    *,
    seed: int,
    record: int,
    level: SeverityLevel,
    time: TimeBase,
    layers: frozenset[NoiseLayer] = ALL_LAYERS,
) -> SimulatedRecord:
    """Make a record. The same arguments give the same bytes (on one build of NumPy and one CPU family).

    Args:
        label: identifier of a fault in `FAULTS`.
        seed: of the dataset.
        record: number of the record within the dataset; no two share a draw.
        level: of severity; healthy records only bear it.
        time: the instants.
        layers: noise that is added to the floor.
    """
    streams = partial(stream, seed, record)
    conditions = OperatingConditions.draw(streams(Layer.CONDITIONS))
    samples = background(streams, conditions, time, layers)
    if label != HEALTHY:
        severity = severity_curve(streams(Layer.SEVERITY), level, time)
        envelope = transient_envelope(streams(Layer.TRANSIENT), time)
        scene = Scene(conditions, severity, envelope, time)
        samples = samples + FAULTS[label].signature(scene, streams(Layer.FAULT))
    return SimulatedRecord(samples.astype(np.float32)[np.newaxis], conditions, level)
