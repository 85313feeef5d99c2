"""What the physics needs of a request; what is refused names the field and what is accepted."""

from math import ceil, pi, sin

from babbitt.contracts.datasets import MAX_RECORDS, MAX_SHARD_SAMPLES
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.simulations import RollingSource
from babbitt.signals.domain.rolling.machine import lowest_rate_hz
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.errors import DatasetImpossible

FEWEST_REVOLUTIONS = 15
"""Fewer would not tell one line of the envelope spectrum from the next."""
MAX_RECORD_SAMPLES = 2**22
"""What fits into memory several times over: a record is put together from its spectrum."""

_SOURCE = "/configuration/source"


def check_source(source: RollingSource) -> None:
    """Say no to what cannot be simulated.

    Raises:
        DatasetImpossible: naming the field and what is accepted.
    """
    for position, bearing in enumerate(source.bearings):
        _check_bearing(bearing, f"{_SOURCE}/bearings/{position}")
    slowest_hz, fastest_hz = source.shaft_speed_hz
    if (rate_hz := max(lowest_rate_hz(bearing, fastest_hz) for bearing in source.bearings)) > source.sampling_rate_hz:
        raise DatasetImpossible(
            f"{_SOURCE}/sampling_rate_hz",
            f"at {fastest_hz:g} revolutions a second the structure rings too high for {source.sampling_rate_hz:g} Hz",
            f"at least {ceil(rate_hz)} Hz, or slower shafts",
        )
    if source.duration_s * slowest_hz < FEWEST_REVOLUTIONS:
        raise DatasetImpossible(
            f"{_SOURCE}/duration_s",
            f"{source.duration_s:g} s hold fewer than {FEWEST_REVOLUTIONS} revolutions at {slowest_hz:g} a second",
            f"at least {FEWEST_REVOLUTIONS / slowest_hz:.3f} s",
        )
    samples = TimeBase.of(source.duration_s, source.sampling_rate_hz).samples
    if samples > MAX_RECORD_SAMPLES or (1 + len(source.noise_copies_db)) * samples > MAX_SHARD_SAMPLES:
        raise DatasetImpossible(
            f"{_SOURCE}/duration_s",
            f"a record would have {samples} samples, and {len(source.noise_copies_db)} copies as many each",
            f"at most {MAX_RECORD_SAMPLES} samples, {MAX_SHARD_SAMPLES} in all: shorter records or a lower rate",
        )
    records = len(source.classes) * source.machines_per_class * source.records_per_machine
    if records > MAX_RECORDS:
        raise DatasetImpossible(f"{_SOURCE}/records_per_machine", f"{records} records", f"at most {MAX_RECORDS} in all")


def _check_bearing(bearing: BearingGeometry, pointer: str) -> None:
    largest_mm = bearing.pitch_diameter_mm * sin(pi / bearing.balls)
    if bearing.ball_diameter_mm > largest_mm:
        raise DatasetImpossible(
            f"{pointer}/ball_diameter_mm",
            f"{bearing.balls} balls of {bearing.ball_diameter_mm:g} mm do not fit on {bearing.pitch_diameter_mm:g} mm",
            f"at most {largest_mm:.2f} mm",
        )
