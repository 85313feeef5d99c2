"""Machines of the fleet with journal bearings, as the benchmark has them."""

from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.fleet.operation import Operation
from babbitt.signals.domain.fleet.sounds import Sound
from babbitt.signals.domain.journal.checks import check_source
from babbitt.signals.domain.journal.faults import HEALTHY
from babbitt.signals.domain.journal.operating_conditions import (
    CLEARANCE_RATIO_RANGE,
    REYNOLDS_RANGE,
    OperatingConditions,
)
from babbitt.signals.domain.journal.severity import Severity
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.streams import Streams
from babbitt.signals.domain.time_base import TimeBase


class JournalSounds:
    """Journal bearings: the machine's speed, load, temperature and severity are those of the benchmark's laws."""

    healthy = HEALTHY
    unit = "1"

    def __init__(self, source: JournalSource) -> None:
        check_source(source, SplitSpec())
        self.faults: tuple[str, ...] = tuple(fault for fault in source.classes if fault != HEALTHY)
        self.time = TimeBase.of(source.duration_s, source.sampling_rate_hz)
        self._simulator = Simulator(source.seed, self.time, source.noise_layers)

    def sound(self, machine: int, operation: Operation, fault: str, severity: float, streams: Streams) -> Sound:  # noqa: ARG002 - all machines are of one make
        """As `Sounds`."""
        conditions = OperatingConditions(
            speed_ratio=operation.speed_ratio,
            load_percent=operation.load_percent,
            temperature_c=operation.temperature_c,
            reynolds=sum(REYNOLDS_RANGE) / 2,
            clearance_ratio=sum(CLEARANCE_RATIO_RANGE) / 2,
        )
        samples = self._simulator.under(fault, conditions, Severity(severity, severity), None, streams)
        return Sound(samples.copy(), conditions.shaft_speed_hz)
