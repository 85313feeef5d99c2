"""What presets there are and what each would be for a reference record: what the documents' table says of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec, ModelSpec, Targets
from babbitt.training.families.errors import UnsuitableBase, UnsuitableData
from babbitt.training.families.preset import BaseModel, Preset
from babbitt.training.families.registry import Presets

REFERENCE = DataSpec(
    channels=(Channel(),),
    sampling_rate_hz=20_480.0,
    record_samples=102_400,
    shaft_speed="constant",
    shaft_speed_hz=60.0,
    bearing=BearingGeometry(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04),
    class_names=("healthy", *(f"fault_{number}" for number in range(1, 11))),
)
"""Five seconds of one sensor on a known bearing, eleven classes."""
MEMBER = "spectral_base"
MEMBERS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A preset, for the reference record.

    Attributes:
        preset: with the data and the specification that follow from it.
        summary: what the family is, in a line.
        windows: how many the record has.
        parameters: numbers that are learnt or taken from the training split; None: it depends on what is learnt from.
        members: how many other versions it is made of.
    """

    preset: Preset
    data: DataSpec
    spec: ModelSpec
    summary: str
    windows: int
    parameters: int | None
    members: int


def entries(presets: Presets) -> Iterator[Entry]:
    """All presets, by name."""
    for name in presets.names():
        yield described(presets, name)


def described(presets: Presets, name: str) -> Entry:
    """One preset."""
    preset = presets.named(name)
    data, members = _suited(preset)
    spec = preset.config.model_spec(name, data, reference_members(presets, Path())[:members])
    summary = (preset.config.__doc__ or "").partition("\n")[0]
    windows = len(spec.window_starts(data.record_samples))
    parameters = None if members else _numbers(preset, data, spec)
    return Entry(preset, data, spec, summary, windows, parameters, members)


def reference_members(presets: Presets, file: Path) -> list[BaseModel]:
    """Other versions for families that are made of such; all are one file."""
    spec = presets.named(MEMBER).config.model_spec(MEMBER, REFERENCE)
    return [BaseModel(number, file, REFERENCE, spec) for number in range(1, MEMBERS + 1)]


def _suited(preset: Preset) -> tuple[DataSpec, int]:
    """The reference for the task that the family does, and how many other versions it needs."""
    try:
        preset.config.model_spec(preset.name, REFERENCE)
    except UnsuitableData:
        health = {"targets": Targets(fault="one_class"), "class_names": REFERENCE.class_names[:1]}
        return REFERENCE.model_copy(update=health), 0
    except UnsuitableBase:
        return REFERENCE, 1 if preset.family == "prototype" else MEMBERS
    return REFERENCE, 0


def _numbers(preset: Preset, data: DataSpec, spec: ModelSpec) -> int | None:
    state = preset.config.build(data, spec).state_dict()
    numbers = sum(tensor.numel() for tensor in state.values() if tensor.is_floating_point())
    return numbers or None
