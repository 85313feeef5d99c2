"""Simulated records: floor, noise, fault, in that order. Profile `jbfd11`, generator version 2."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from babbitt.contracts.simulations import NOISE_LAYERS, EffectName, NoiseLayerName
from babbitt.signals.domain.journal.effects import AXIAL_SHARE, affected
from babbitt.signals.domain.journal.envelope import Envelopes, Factor
from babbitt.signals.domain.journal.faults import FAULTS, HEALTHY, Scene, Signature
from babbitt.signals.domain.journal.noise import Background, floor_sigma
from babbitt.signals.domain.journal.operating_conditions import OperatingConditions
from babbitt.signals.domain.journal.rotation import Rotation, rotation
from babbitt.signals.domain.journal.severity import Severity, SeverityLevel
from babbitt.signals.domain.journal.transients import TRANSIENTS, Transient, draw_transient
from babbitt.signals.domain.streams import Layer, StreamBank, Streams
from babbitt.signals.domain.time_base import FloatSamples, TimeBase
from babbitt.signals.domain.tones import ToneBank
from babbitt.signals.domain.white_noise import WhiteNoise, rms


@dataclass(frozen=True, slots=True)
class SimulatedRecord:
    """A record and how it came about.

    Attributes:
        samples: [channels, samples]: radial, and axial where that is asked for. Overwritten by the next record.
        severity, transient: drawn for healthy records too, but without effect.
    """

    samples: NDArray[np.float32]
    conditions: OperatingConditions
    level: SeverityLevel
    severity: Severity
    transient: Transient | None

    def told(self) -> Mapping[str, float]:
        """What a shard tells of the record, by name and unit; `transient` counts from 1 in their order, 0 is none."""
        return {
            "load_percent": self.conditions.load_percent,
            "temperature_c": self.conditions.temperature_c,
            "sommerfeld": self.conditions.sommerfeld,
            "reynolds": self.conditions.reynolds,
            "clearance_ratio": self.conditions.clearance_ratio,
            "severity_start": self.severity.start,
            "severity_end": self.severity.end,
            "transient": TRANSIENTS.index(self.transient) + 1 if self.transient else 0,
        }


class Simulator:
    """Makes records one after another in the same memory, which then stays in the processor's cache.

    Args:
        seed: of the dataset.
        time: the instants.
        layers: noise that is added to the floor.
        effects: what the benchmark does not have.
    """

    def __init__(
        self,
        seed: int,
        time: TimeBase,
        layers: Collection[NoiseLayerName] = NOISE_LAYERS,
        effects: Collection[EffectName] = (),
    ) -> None:
        self._streams = StreamBank(seed)
        self._time = time
        self._effects = frozenset(effects)
        self._tones = ToneBank(time)
        self._background = Background(time, layers, self._tones)
        self._white = WhiteNoise(time.samples)
        self._envelopes = Envelopes(time)
        self._swelling = ToneBank(time)

    def make(self, label: str, *, record: int, level: SeverityLevel) -> SimulatedRecord:
        """Make a record. The same arguments give the same bytes (on one build of NumPy and one CPU family).

        Args:
            label: identifier of a fault in `FAULTS`.
            record: number of the record within the dataset; no two share a draw.
            level: of severity; healthy records only bear it.
        """
        streams = self._streams.of(record)
        conditions = OperatingConditions.draw(streams(Layer.CONDITIONS))
        severity = Severity.draw(streams(Layer.SEVERITY), level)
        transient = draw_transient(streams(Layer.TRANSIENT))
        samples = self.under(label, conditions, severity, transient, streams)
        return SimulatedRecord(samples, conditions, level, severity, transient)

    def under(
        self,
        label: str,
        conditions: OperatingConditions,
        severity: Severity,
        transient: Transient | None,
        streams: Streams,
    ) -> NDArray[np.float32]:
        """The samples of a record under given conditions: [channels, samples]. Overwritten by the next record."""
        radial, added = self._background.draw(streams, conditions), None
        if label != HEALTHY:
            rng = streams(Layer.FAULT)
            signature = FAULTS[label].signature(Scene(conditions, severity, self._time), rng)
            turning = rotation(self._effects, streams, self._time)
            added = self._rendered(signature, self._envelopes.of(severity, transient), turning, rng)
            if self._effects:
                added = affected(added, self._effects, conditions, turning, self._time)
            radial += added
        samples = radial[np.newaxis]
        if "axial" in self._effects:
            samples = np.stack([radial, self._axial(radial, added, streams(Layer.AXIAL), conditions)])
        return samples

    def _rendered(self, signature: Signature, factor: Factor, turning: Rotation | None, rng: Generator) -> FloatSamples:
        impacts = signature.impacts
        if turning is None:
            added = self._tones.sum(signature.tones)
        else:
            added = self._tones.sum([tone for tone in signature.tones if not tone.follows_shaft])
            added += turning.sum([tone for tone in signature.tones if tone.follows_shaft])
        if signature.noise_sigma:
            added += self._white.draw(rng, signature.noise_sigma)
        if signature.swelling:
            swelling = self._swelling.sum((signature.swelling,))
            swelling += np.float32(1)
            added *= swelling
        if impacts and impacts.enveloped:
            impacts.add_to(added)
        added *= factor
        if impacts and not impacts.enveloped:
            impacts.add_to(added)
        return added

    def _axial(
        self, radial: FloatSamples, added: FloatSamples | None, rng: Generator, conditions: OperatingConditions
    ) -> FloatSamples:
        """The same signature over a floor of its own, at a share of the radial channel's level."""
        axial = self._white.draw(rng, floor_sigma(rng, conditions))
        if added is not None:
            axial += added
        axial *= np.float32(AXIAL_SHARE * rms(radial) / rms(axial))
        return axial
