"""What is trained: a request as it was understood."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.errors import UnsuitableData
from babbitt.training.families.from_versions.config import check_reads
from babbitt.training.families.preset import BaseModel, FamilyConfig, Recipe
from babbitt.training.fitting.bases import go_on_from
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.seeding import seed_torch

NO_PENALTY = (
    "overrides/physics_penalty: {preset} knows no physics of these classes; order_envelope_net does, of classes that "
    "name parts of a bearing: outer_race, inner_race, ball, cage"
)

NO_SEVERITY = (
    "overrides/severity_weight: {preset} cannot tell how far a fault has gone; spectral, resnet1d, cnn_lstm and tcn "
    "can; 0 trains without"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A family's configuration and recipe, for data and task as they were asked for.

    Attributes:
        data: the dataset's specification with the classes that are told.
        spec: what the module reads.
        labelling: from the dataset's labels to those classes.
        bases: versions that it is built from, or goes on from.
    """

    request: TrainRequested
    family: str
    config: FamilyConfig
    recipe: Recipe
    data: DataSpec
    spec: ModelSpec
    labelling: Labelling
    bases: Sequence[BaseModel]

    @property
    def goes_on(self) -> bool:
        """Whether a module begins with another version's weights: a family that is built of versions does not."""
        return bool(self.bases) and self.config.made_of == "nothing"

    def module(self, seed: int) -> WaveformClassifier:
        """A module with its first weights, which follow from the seed, or with those that it goes on from.

        Raises:
            BadRequest: those do not fit, or the request asks for what the family cannot do.
        """
        seed_torch(seed, "weights")
        model = self.config.build(self.data, self.spec, () if self.goes_on else self.bases)
        model.task = self.labelling.task
        if self.recipe.physics_penalty and not model.has_penalty:
            raise BadRequest(NO_PENALTY.format(preset=self.spec.family))
        if self.data.targets.severity and model.severity is None:
            raise BadRequest(NO_SEVERITY.format(preset=self.spec.family))
        if self.goes_on:
            self._take_over(model, self.bases[0])
        return model

    def _take_over(self, model: WaveformClassifier, base: BaseModel) -> None:
        family = base.model_spec.family.rpartition("_")[0]
        if family != self.family:
            raise BadRequest(f"base_version: version {base.version} is of family {family}; {self.family} is accepted")
        if base.weights is None:
            raise BadRequest(f"base_version: version {base.version} was imported and has no weights to go on from")
        try:
            check_reads(base, self.data)
        except UnsuitableData as error:
            raise BadRequest(f"base_version: {error}") from error
        weights = torch.load(base.weights, map_location="cpu", weights_only=True)
        go_on_from(model, weights, base.model_spec.class_names, self.spec.class_names)
