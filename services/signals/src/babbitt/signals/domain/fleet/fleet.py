"""A fleet of machines, and what is measured of them one after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.measurements import MeasurementTaken
from babbitt.contracts.names import derived_id
from babbitt.signals.domain.fleet.courses import FaultCourse, SensorCourse, level_of
from babbitt.signals.domain.fleet.fleet_streams import fleet_stream
from babbitt.signals.domain.fleet.operation import DAY_S, OperationProfile
from babbitt.signals.domain.fleet.sensor_faults import SENSOR_FAULTS
from babbitt.signals.domain.fleet.sounds import Sounds
from babbitt.signals.domain.streams import Layer

SENSOR = "babbitt-fleet"


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What a fleet is: the same plan gives the same measurements, byte for byte.

    Attributes:
        machines: how many.
        rate_hz: measurements a second of the fleet's own time, of all machines together, which take turns.
        starts_at: when the fleet's time begins.
        seed: of all that is drawn.
        fault_share: share of the machines with a fault that begins.
        sensor_fault_share: share of the machines whose sensor fails for a while.
        faults_within_s: within so long faults begin, and so long each takes at most to be severe.
    """

    machines: int
    rate_hz: float
    starts_at: datetime
    seed: int = 0
    fault_share: float = 0.3
    sensor_fault_share: float = 0.1
    faults_within_s: float = 600.0


@dataclass(frozen=True, slots=True)
class FleetMachine:
    """One machine: its number, its name, how it runs, and what goes wrong with it."""

    number: int
    name: str
    profile: OperationProfile
    fault: FaultCourse | None
    sensor: SensorCourse | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What is the matter while a measurement is taken. Told to who watches the simulation, never in a message."""

    fault: str
    severity: float
    level: str | None
    sensor_fault: str | None


@dataclass(frozen=True, slots=True)
class FleetMeasurement:
    """A measurement: what is said of it, its samples [channels, samples], and the truth.

    Attributes:
        at_s: when its first sample was taken, of the fleet's time.
        said_at: when its last one was.
    """

    id: UUID
    machine: FleetMachine
    at_s: float
    taken: MeasurementTaken
    said_at: datetime
    samples: NDArray[np.float32]
    truth: Truth

    @property
    def said_at_s(self) -> float:
        """`said_at`, of the fleet's time."""
        return self.at_s + (self.said_at - self.taken.taken_at).total_seconds()


class Fleet:
    """Machines that take turns to be measured."""

    def __init__(self, plan: FleetPlan, sounds: Sounds) -> None:
        self.plan = plan
        self.machines = _machines(plan, sounds)
        self._sounds = sounds
        self._id = derived_id("fleet", plan, type(sounds).__name__, sounds.time)

    def measurements(self) -> Iterator[FleetMeasurement]:
        """All of them, without end; `at_s` of the number n is n / rate."""
        number = 0
        while True:
            yield self.measurement(number)
            number += 1

    def measurement(self, number: int) -> FleetMeasurement:
        """One of them, the same whenever it is made."""
        machine, at_s = self.machines[number % len(self.machines)], number / self.plan.rate_hz
        taken_at = self.plan.starts_at + timedelta(seconds=at_s)
        operation = machine.profile.at(_time_of_day_s(taken_at))
        truth = self._truth(machine, at_s)
        streams = partial(fleet_stream, self.plan.seed, number)
        sound = self._sounds.sound(machine.number, operation, truth.fault, truth.severity, streams)
        samples = sound.samples
        if truth.sensor_fault:
            samples = SENSOR_FAULTS[truth.sensor_fault](samples, streams(Layer.FLEET_SENSOR))
        taken = MeasurementTaken(
            machine=machine.name,
            taken_at=taken_at,
            sampling_rate_hz=self._sounds.time.sampling_rate_hz,
            shaft_speed_hz=round(sound.shaft_speed_hz, 4),
            unit=self._sounds.unit,
            load_percent=round(operation.load_percent, 1),
            temperature_c=round(operation.temperature_c, 1),
            sensor=SENSOR,
        )
        said_at = taken_at + timedelta(seconds=self._sounds.time.duration_s)
        return FleetMeasurement(derived_id(self._id, number), machine, at_s, taken, said_at, samples, truth)

    def _truth(self, machine: FleetMachine, at_s: float) -> Truth:
        severity = machine.fault.severity(at_s) if machine.fault else 0.0
        fault = machine.fault.fault if machine.fault and severity else self._sounds.healthy
        return Truth(fault, severity, level_of(severity), machine.sensor.fault(at_s) if machine.sensor else None)


def _machines(plan: FleetPlan, sounds: Sounds) -> tuple[FleetMachine, ...]:
    """The share that is asked for has a fault, all kinds of faults in turn."""
    rng = fleet_stream(plan.seed, plan.machines, Layer.FLEET)
    faulty = rng.permutation(plan.machines)[: round(plan.fault_share * plan.machines)]
    failing = rng.permutation(plan.machines)[: round(plan.sensor_fault_share * plan.machines)]
    faults = {int(number): sounds.faults[turn % len(sounds.faults)] for turn, number in enumerate(faulty)}
    kinds = tuple(SENSOR_FAULTS)
    sensors = {int(number): kinds[turn % len(kinds)] for turn, number in enumerate(failing)}
    return tuple(_machine(plan, number, faults.get(number), sensors.get(number)) for number in range(plan.machines))


def _machine(plan: FleetPlan, number: int, fault: str | None, sensor: str | None) -> FleetMachine:
    rng = fleet_stream(plan.seed, number, Layer.FLEET_MACHINE)
    profile, within_s = OperationProfile.draw(rng), plan.faults_within_s
    begins, grows, fails, lasts = rng.random(4)
    return FleetMachine(
        number=number,
        name=f"machine-{number + 1:03d}",
        profile=profile,
        fault=FaultCourse(fault, begins * within_s, (0.2 + 0.8 * grows) * within_s) if fault else None,
        sensor=SensorCourse(sensor, fails * within_s, (0.1 + 0.4 * lasts) * within_s) if sensor else None,
    )


def _time_of_day_s(moment: datetime) -> float:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return (moment - midnight).total_seconds() % DAY_S
