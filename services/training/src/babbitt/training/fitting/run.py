"""One run of a job: a module, what it learns from, and the plug-ins that the recipe asks for, in their order."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from babbitt.contracts.recipes import MixupAugmentation
from babbitt.training.families.classifier import LearnsAtOnce, WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.examples import CHUNK, Examples, LiveExamples, RenderedExamples
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.losses import balanced_weights
from babbitt.training.fitting.plan import Run
from babbitt.training.fitting.plugins.averaging import WeightAveraging
from babbitt.training.fitting.plugins.budget import Budget
from babbitt.training.fitting.plugins.clipping import GradientClipping
from babbitt.training.fitting.plugins.early_stopping import EarlyStopping
from babbitt.training.fitting.plugins.keep_last import KeepLast
from babbitt.training.fitting.plugins.mixup import Mixup
from babbitt.training.fitting.plugins.physics_penalty import PhysicsPenalty
from babbitt.training.fitting.plugins.plugin import Plugin
from babbitt.training.fitting.plugins.precision import MixedPrecision
from babbitt.training.fitting.trainer import Trainer
from babbitt.training.fitting.validation import Validation, unjudged
from babbitt.training.fitting.windows import Windows


def trainer_of(
    model: WaveformClassifier,
    run: Run,
    pool: Windows,
    recipe: Recipe,
    hardware: Hardware,
    told: Sequence[Plugin],
    budget_left_s: Callable[[], float],
    *,
    begins_anew: bool,
) -> Trainer:
    """The trainer of a run.

    Args:
        model: with its initial weights.
        run: which records it learns from.
        pool: windows of all records that runs may learn from.
        recipe: see there.
        hardware: where it runs.
        told: plug-ins that tell and save; they come last.
        budget_left_s: seconds that are left for learning.
        begins_anew: whether the module has its first weights, not those of a version that it goes on from.
    """
    if run.stop_after:
        recipe = replace(recipe, epochs=min(recipe.epochs, run.stop_after))
    windows = pool.chosen(run.train)
    if min(recipe.batch_size, len(windows)) < hardware.ranks:
        raise BadRequest(f"overrides/batch_size: of a step each of {hardware.ranks} processes needs an example")
    model.to(hardware.device)
    examples = examples_of(model, windows, recipe, run.seed, hardware)
    judge = unjudged
    if run.stopping and hardware.leads:
        judge = Validation(model, pool.chosen(run.stopping), recipe, run.seed, hardware.device)
    keeps = EarlyStopping(recipe.patience) if run.stopping else KeepLast()
    mixup = next((one for one in recipe.augmentations if isinstance(one, MixupAugmentation)), None)
    plugins: list[Plugin] = []
    if hardware.mixed_precision(recipe):
        plugins.append(MixedPrecision())
    if mixup:
        plugins.append(Mixup(mixup.alpha))
    if recipe.physics_penalty:
        plugins.append(PhysicsPenalty(recipe.physics_penalty))
    plugins.append(GradientClipping(recipe.max_gradient_norm))
    if recipe.average_decay and not isinstance(model, LearnsAtOnce):
        plugins.append(WeightAveraging(recipe.average_decay))
    plugins += [keeps, Budget(budget_left_s, hardware.agreed), *told]
    weights = balanced_weights(windows.targets).to(hardware.device) if recipe.class_weights == "balanced" else None
    learner = hardware.spread(Learner(model), recipe)
    return Trainer(
        model,
        learner,
        examples,
        judge,
        recipe,
        run.seed,
        hardware,
        plugins,
        class_weights=weights,
        begins_anew=begins_anew,
    )


class Learner(nn.Module):
    """From what a step reads to what its loss is of: the part of a module that learns."""

    def __init__(self, model: WaveformClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, *read: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits [example, class] of features, or of inputs where the front end learns; those of severity, too."""
        features = self.model.front_end(*read) if self.model.front_end_learns else read[0]
        logits, embedding = self.model.head(features)
        return logits, None if self.model.severity is None else self.model.severity(embedding)


def examples_of(model: WaveformClassifier, windows: Windows, recipe: Recipe, seed: int, hardware: Hardware) -> Examples:
    share = {"rank": hardware.rank, "ranks": hardware.ranks}
    if model.front_end_learns:
        return LiveExamples(windows, recipe, seed, hardware.device, **share)
    return RenderedExamples(model, windows, recipe, seed, hardware.device, **share)


def answered(model: WaveformClassifier, windows: Windows, device: torch.device) -> tuple[Tensor, Tensor | None]:
    """Probabilities [window, class] and novelty [window] by the module itself: a fold's weights are never exported."""
    chunks = [windows.rows(slice(start, start + CHUNK)) for start in range(0, len(windows), CHUNK)]
    with torch.no_grad():
        answers = [model(*(one.to(device) for one in chunk.values())) for chunk in chunks]
    novelty = [one.novelty.cpu() for one in answers if one.novelty is not None]
    return torch.cat([one.probabilities.cpu() for one in answers]), torch.cat(novelty) if novelty else None
