"""What a preset holds: the family's configuration and how it is trained by default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.recipes import Augmentation, CosineSchedule, CrossEntropy, Loss, NoiseAugmentation, Schedule

if TYPE_CHECKING:
    from babbitt.training.families.classifier import WaveformClassifier


@dataclass(frozen=True, slots=True)
class BaseModel:
    """Another version, which a module is built from.

    Attributes:
        version: its number.
        onnx: its file.
        data_spec, model_spec: what it reads and answers.
        weights: its module's tensors; None: it has none, as an imported one.
    """

    version: int
    onnx: Path
    data_spec: DataSpec
    model_spec: ModelSpec
    weights: Path | None = None


STEPS = frozenset(
    {
        "epochs",
        "batch_size",
        "learning_rate",
        "patience",
        "weight_decay",
        "max_gradient_norm",
        "average_decay",
        "loss",
        "schedule",
        "class_weights",
    }
)
"""Fields of TrainOverrides that mean something only where a module learns in steps."""

type MadeOf = Literal["nothing", "version", "members"]


class FamilyConfig(Protocol):
    """A frozen dataclass of a family: all that makes its module what it is, given the data.

    Values that no module can be made of are a ValueError that begins with the field's name (see `check_bounds`).

    `data.class_names` and `data.targets` are what is to be told, after the request's class map; `bases` are the
    versions that the request names, for families that are made of others.

    Raises:
        UnsuitableData: the family cannot read such data, or cannot do such a task.
        UnsuitableBase: it needs other versions than were given.
    """

    @property
    def ignores(self) -> frozenset[str]:
        """Fields of TrainOverrides that it has no use for: a request that sets one is refused."""
        return frozenset()

    @property
    def made_of(self) -> MadeOf:
        """Which other versions it is built from. One that is made of nothing may go on from a version's weights."""
        return "nothing"

    def model_spec(self, preset: str, data: DataSpec, bases: Sequence[BaseModel] = ()) -> ModelSpec:
        """What the module will read of such data."""
        ...

    def build(self, data: DataSpec, spec: ModelSpec, bases: Sequence[BaseModel] = ()) -> "WaveformClassifier":
        """The untrained module."""
        ...


def check_bounds(config: FamilyConfig, **bounds: tuple[float, float]) -> None:
    """Whether fields lie between these, both included.

    Raises:
        ValueError: one does not.
    """
    for name, (low, high) in bounds.items():
        if not low <= getattr(config, name) <= high:
            raise ValueError(f"{name}: {low:g} to {high:g} is accepted")


WINDOW_S = (1e-3, 3600.0)
DROPOUT = (0.0, 0.95)
WIDTH = (1, 65_536)
"""Bounds that several families share."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a preset is trained unless the request overrides it: the fields of TrainOverrides, which says what they mean.

    Shifts gain spectra nothing: the seam smears their tones (measured: 95.5 % instead of 99.2 % at 0 dB).
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    weight_decay: float = 0.05
    max_gradient_norm: float = 1.0
    average_decay: float = 0.98
    views: int = 6
    loss: Loss = field(default_factory=CrossEntropy)
    schedule: Schedule = field(default_factory=CosineSchedule)
    augmentations: tuple[Augmentation, ...] = (NoiseAugmentation(),)
    class_weights: Literal["none", "balanced"] = "none"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool | None = None
    physics_penalty: float = 0.0
    severity_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a family: how it is trained, and what of the configuration's defaults it changes."""

    recipe: Recipe
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Preset:
    """A family in one size."""

    name: str
    family: str
    config: FamilyConfig
    recipe: Recipe
