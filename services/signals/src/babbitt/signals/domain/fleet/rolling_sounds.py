"""Machines of the fleet with rolling-element bearings."""

from dataclasses import replace

import numpy as np

from babbitt.contracts.simulations import ROLLING_FAULTS, RollingFault, RollingSource
from babbitt.signals.domain.fleet.fleet_streams import fleet_stream
from babbitt.signals.domain.fleet.operation import Operation
from babbitt.signals.domain.fleet.sounds import Sound
from babbitt.signals.domain.journal.operating_conditions import SPEED_RATIO_RANGE
from babbitt.signals.domain.rolling.checks import check_source
from babbitt.signals.domain.rolling.machine import Machine
from babbitt.signals.domain.rolling.simulation import RecordConditions, simulate
from babbitt.signals.domain.streams import Layer, Streams
from babbitt.signals.domain.time_base import TimeBase

HEALTHY: RollingFault = "healthy"


class RollingSounds:
    """Rolling-element bearings: the more severe a fault, the louder its impacts over the noise."""

    healthy = HEALTHY
    unit = "g"
    faults: tuple[str, ...] = tuple(fault for fault in ROLLING_FAULTS if fault != HEALTHY)

    def __init__(self, source: RollingSource) -> None:
        check_source(source)
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self._source = source

    def sound(self, machine: int, operation: Operation, fault: str, severity: float, streams: Streams) -> Sound:
        """As `Sounds`."""
        drawn = self.machine(machine)
        turning = replace(
            drawn,
            shaft_speed_hz=self._shaft_speed_hz(operation),
            noise=replace(drawn.noise, level_g=drawn.noise.level_g * (0.5 + operation.load_percent / 200)),
        )
        quiet_db, loud_db = self._source.signal_to_noise_db
        conditions = replace(
            RecordConditions.draw(streams(Layer.ROLLING_RECORD), self._source.signal_to_noise_db),
            signal_to_noise_db=quiet_db + (loud_db - quiet_db) * severity,
        )
        samples = simulate(_known(fault), turning, conditions, self.time, streams)
        return Sound(samples, turning.shaft_speed_hz)

    def _shaft_speed_hz(self, operation: Operation) -> float:
        """The range of a dataset's machines is that of the operation: what was trained on it knows no other speed."""
        slowest_hz, fastest_hz = self._source.shaft_speed_hz
        return float(np.interp(operation.speed_ratio, SPEED_RATIO_RANGE, (slowest_hz, fastest_hz)))

    def machine(self, number: int) -> Machine:
        """A machine; bearings in turn."""
        source = self._source
        bearing = source.bearings[number % len(source.bearings)]
        rng = fleet_stream(source.seed, number, Layer.ROLLING_MACHINE)
        return Machine.draw(rng, bearing, source.shaft_speed_hz, source.sampling_rate_hz)


def _known(fault: str) -> RollingFault:
    return next(known for known in ROLLING_FAULTS if known == fault)
