"""Configurations and presets of families made of other versions. Free of torch: the service names them cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babbitt.contracts.dataspec import DataSpec, ModelSpec, same_rate
from babbitt.training.families.errors import UnsuitableBase, UnsuitableData
from babbitt.training.families.preset import STEPS, BaseModel, FamilyConfig, MadeOf, Recipe, Size
from babbitt.training.families.registry import PRESETS
from babbitt.training.families.windowing import CLASSIFICATION, task_among

if TYPE_CHECKING:
    from babbitt.training.families.from_versions.ensemble import Ensemble
    from babbitt.training.families.from_versions.prototype import Prototype

AS_IT_IS = Recipe(epochs=1, batch_size=1024, learning_rate=1.0, patience=1, average_decay=0.0, views=0)
FEWEST_MEMBERS = 2


@PRESETS.family("prototype", base=Size(AS_IT_IS))
@dataclass(frozen=True, slots=True)
class PrototypeConfig(FamilyConfig):
    """The nearest class mean in another version's embedding (Snell et al., 2017): one to five records a class do."""

    @property
    def ignores(self) -> frozenset[str]:
        """It learns at once."""
        return STEPS

    @property
    def made_of(self) -> MadeOf:
        """The version whose embedding it reads."""
        return "version"

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """What the base reads; the classes are the data's."""
        task = task_among(("multiclass",), preset, data)
        if len(bases) != 1:
            raise UnsuitableBase(f"{preset} reads the embedding of one other version: base_version is to name it")
        (base,) = bases
        check_reads(base, data)
        told = {"family": preset, "class_names": data.class_names, "task": task, "calibration": None, "novelty": None}
        return base.model_spec.model_copy(update=told)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "Prototype":
        """The module without means."""
        del data
        from babbitt.training.families.from_versions.prototype import Prototype  # noqa: PLC0415 - loads torch

        return Prototype(spec, bases[0])


@PRESETS.family("ensemble", base=Size(AS_IT_IS))
@dataclass(frozen=True, slots=True)
class EnsembleConfig(FamilyConfig):
    """The mean of several versions' probabilities. Nothing learns."""

    @property
    def ignores(self) -> frozenset[str]:
        """All that is about learning."""
        return STEPS | {"views", "augmentations"}

    @property
    def made_of(self) -> MadeOf:
        """The versions that it asks."""
        return "members"

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """What the members read, which has to be the same of all."""
        task = task_among(CLASSIFICATION, preset, data)
        if len(bases) < FEWEST_MEMBERS:
            raise UnsuitableBase(f"{preset} asks at least {FEWEST_MEMBERS} other versions: members is to name them")
        first = bases[0]
        for member in bases:
            check_reads(member, data)
            _agree(first, member)
        if (first.model_spec.class_names, first.model_spec.task) != (data.class_names, task):
            names = ", ".join(first.model_spec.class_names)
            raise UnsuitableBase(f"its members tell {names} ({first.model_spec.task}), the data {data.class_names}")
        told = {"family": preset, "calibration": None, "novelty": None}
        return first.model_spec.model_copy(update=told)

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "Ensemble":
        """The module; it needs no training."""
        del data
        from babbitt.training.families.from_versions.ensemble import Ensemble  # noqa: PLC0415 - loads torch

        return Ensemble(spec, bases)


def check_reads(base: BaseModel, data: DataSpec) -> None:
    """Whether a version can read such records.

    Raises:
        UnsuitableData: they have other channels or another rate, or are shorter than its windows.
    """
    reads = base.data_spec
    if [(one.name, one.unit) for one in reads.channels] != [(one.name, one.unit) for one in data.channels]:
        names = ", ".join(f"{one.name} in {one.unit}" for one in reads.channels)
        raise UnsuitableData(data, f"version {base.version} reads other channels: {names}")
    if not same_rate(data.sampling_rate_hz, reads.sampling_rate_hz):
        raise UnsuitableData(data, f"version {base.version} reads {reads.sampling_rate_hz:g} Hz")
    if data.record_samples < base.model_spec.window_samples:
        raise UnsuitableData(data, f"version {base.version} reads windows of {base.model_spec.window_samples}")


ALIKE = ("inputs", "window_samples", "hop_samples", "vote", "class_names", "task", "speed_tolerance")


def _agree(first: BaseModel, other: BaseModel) -> None:
    for field in ALIKE:
        one, another = getattr(first.model_spec, field), getattr(other.model_spec, field)
        if one != another:
            raise UnsuitableBase(
                f"versions {first.version} and {other.version} differ in {field}: {one} and {another}; "
                "members of an ensemble read and tell the same"
            )
