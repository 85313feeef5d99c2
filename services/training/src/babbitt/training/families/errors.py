"""What can be wrong with a preset or with the data it is to read."""

from babbitt.contracts.dataspec import DataSpec


class UnknownPreset(Exception):
    """No family has this preset.

    Attributes:
        preset: what was asked for.
        known: what there is, sorted.
    """

    def __init__(self, preset: str, known: tuple[str, ...]) -> None:
        super().__init__(f"unknown preset {preset!r}: known are {', '.join(known)}")
        self.preset = preset
        self.known = known


class UnsuitableBase(Exception):
    """A family cannot be built from these versions, and why."""


class UnsuitableData(Exception):
    """A family cannot read data of this kind, and why."""

    def __init__(self, spec: DataSpec, why: str) -> None:
        super().__init__(f"{spec.record_samples} samples at {spec.sampling_rate_hz:g} Hz: {why}")


class UnsuitableExamples(Exception):
    """A family cannot learn from these examples, and why."""
