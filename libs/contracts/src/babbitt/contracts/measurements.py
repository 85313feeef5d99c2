"""Measurements: waveforms from sensors. Its fields travel as headers, the samples are the message (see `waveform`)."""

from typing import Annotated

from pydantic import Field

from babbitt.contracts.dataspec import Unit
from babbitt.contracts.envelope import Event
from babbitt.contracts.names import MachineName, Text, UtcDatetime
from babbitt.contracts.topics import MEASUREMENTS


class MeasurementTaken(Event, topic=MEASUREMENTS):
    """A sensor measured a machine.

    Attributes:
        machine: which one; measurements of a machine come in the order in which they were taken.
        taken_at: when the first sample was taken.
        sampling_rate_hz: of the samples.
        shaft_speed_hz: revolutions a second, where known.
        channels: names of the rows of samples, where there are several.
        unit: of the samples.
        load_percent, temperature_c: how the machine ran, where known.
        sensor: which sensor or sensor gateway.
    """

    machine: MachineName
    taken_at: UtcDatetime
    sampling_rate_hz: Annotated[float, Field(gt=0)]
    shaft_speed_hz: Annotated[float, Field(gt=0)] | None = None
    channels: tuple[str, ...] | None = None
    unit: Unit | str | None = None
    load_percent: float | None = None
    temperature_c: float | None = None
    sensor: Text | None = None

    def key(self) -> str:
        return self.machine
