"""What the physics needs of a request; what is refused names the field and what is accepted."""

from math import ceil

from babbitt.contracts.datasets import MAX_RECORDS, MAX_SHARD_SAMPLES
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.journal.faults import FAULTS
from babbitt.signals.domain.journal.operating_conditions import SLOWEST_SHAFT_SPEED_HZ
from babbitt.signals.domain.simulated_records import refuse_other_splits
from babbitt.signals.domain.time_base import TimeBase
from babbitt.signals.errors import DatasetImpossible

FEWEST_REVOLUTIONS = 10
"""Fewer would not tell oil whirl (0.42-0.48 of shaft speed) from half of it, nor one order from the next."""

SHORTEST_RECORD_S = FEWEST_REVOLUTIONS / SLOWEST_SHAFT_SPEED_HZ
RATE_OVER_HIGHEST = 2.56
"""Samples a period of the highest frequency, as analysers of vibration take them: half a filter's width over two."""

_SOURCE = "/configuration/source"


def check_source(source: JournalSource, split: SplitSpec) -> None:
    """Say no to what cannot be simulated.

    Raises:
        DatasetImpossible: naming the field and what is accepted.
    """
    if source.duration_s < SHORTEST_RECORD_S:
        raise DatasetImpossible(
            f"{_SOURCE}/duration_s",
            f"{source.duration_s:g} s hold fewer than {FEWEST_REVOLUTIONS} revolutions of the slowest shaft",
            f"at least {SHORTEST_RECORD_S:.3f} s",
        )
    rates_hz = {label: ceil(RATE_OVER_HIGHEST * FAULTS[label].highest_hz) for label in source.classes}
    if too_high := [label for label, rate_hz in rates_hz.items() if rate_hz > source.sampling_rate_hz]:
        names, highest_hz = ", ".join(too_high), max(FAULTS[label].highest_hz for label in too_high)
        raise DatasetImpossible(
            f"{_SOURCE}/sampling_rate_hz",
            f"{names}: up to {highest_hz:g} Hz, too high for {source.sampling_rate_hz:g} Hz",
            f"at least {max(rates_hz.values())} Hz, or without {names}",
        )
    samples = TimeBase.of(source.duration_s, source.sampling_rate_hz).samples * channels_of(source)
    if (1 + len(source.noise_copies_db)) * samples > MAX_SHARD_SAMPLES:
        raise DatasetImpossible(
            f"{_SOURCE}/duration_s",
            f"a record would have {samples} samples, and {len(source.noise_copies_db)} copies as many each",
            f"at most {MAX_SHARD_SAMPLES} samples in all: shorter records, a lower rate or fewer copies",
        )
    records = len(source.classes) * source.records_per_class
    if records > MAX_RECORDS:
        raise DatasetImpossible(f"{_SOURCE}/records_per_class", f"{records} records", f"at most {MAX_RECORDS} in all")
    refuse_other_splits(split, "record, group")
    if split.held_out:
        raise DatasetImpossible(
            "/configuration/split/held_out",
            "every record is drawn by itself: there are no groups to hold out",
            "none, or profile rolling",
        )


def channels_of(source: JournalSource) -> int:
    """How many channels a record has."""
    return 2 if "axial" in source.effects else 1
