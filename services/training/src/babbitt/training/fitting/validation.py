"""How a module does on the validation split."""

from collections.abc import Callable

import torch
from torch import Tensor

from babbitt.contracts.answers import DECIDED
from babbitt.training.families.classifier import Task, WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.augmentation import augmented
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.evaluating.ranking import auroc
from babbitt.training.fitting.evaluating.scores import Scores
from babbitt.training.fitting.examples import CPU, rendered
from babbitt.training.fitting.figures import Judgement
from babbitt.training.fitting.losses import losses
from babbitt.training.fitting.seeding import generator
from babbitt.training.fitting.windows import Inputs, Windows

type Judge = Callable[[WaveformClassifier], Judgement | None]


def unjudged(model: WaveformClassifier) -> None:
    """Of a run of which nothing is held out."""
    del model


class Validation:
    """Judges modules by the validation split, as it is and in noise: few clean records alone would say too little.

    The loss is the one that is trained for, smoothed targets included: measured otherwise, modules that are surer than
    they were taught to be, which are the young ones, look better than they are. Where the front end does not learn,
    features are computed once.
    """

    def __init__(
        self, model: WaveformClassifier, windows: Windows, recipe: Recipe, seed: int, device: torch.device
    ) -> None:
        self._windows, self._recipe, self._device = windows, recipe, device
        noisy = dict(windows.inputs)
        noisy["waveform"] = augmented(noisy["waveform"], recipe.augmentations, generator(CPU, seed, "validation", 1))
        self._inputs: tuple[Inputs, ...] = (windows.inputs, noisy)
        self._features: tuple[Tensor, ...] | None = None
        if not model.front_end_learns:
            self._features = tuple(rendered(model, inputs, device) for inputs in self._inputs)

    def __call__(self, model: WaveformClassifier) -> Judgement:
        """Answer all windows; the module is in evaluation mode.

        Raises:
            Diverged: the loss is no longer a number.
        """
        features = self._features or tuple(rendered(model, inputs, self._device) for inputs in self._inputs)
        with torch.no_grad():
            clean, noisy = (model.head(one)[0].float().cpu() for one in features)
            probabilities = self._windows.vote(model.probabilities(clean))
        by_window = losses(
            torch.cat([clean, noisy]), self._windows.targets.repeat(2, 1), self._recipe.loss, model.task
        ).double()
        if not torch.isfinite(by_window).all():
            raise Diverged("the validation loss is no longer a number: a lower learning_rate may help")
        error = by_window.std(unbiased=False) / len(by_window) ** 0.5
        targets = self._windows.record_targets()
        accuracy = right(probabilities, targets, model.task).double().mean()
        metrics = judged_metrics(probabilities, targets, model.task)
        return Judgement(float(by_window.mean()), float(error), float(accuracy), metrics)


def right(probabilities: Tensor, targets: Tensor, task: Task) -> Tensor:
    """Whether each record is answered right: its class; or each fault, and health, by itself."""
    if task != "multiclass":
        return ((probabilities >= DECIDED) == (targets >= DECIDED)).all(dim=-1)
    return probabilities.argmax(dim=-1) == targets.argmax(dim=-1)


def judged_metrics(probabilities: Tensor, targets: Tensor, task: Task) -> dict[str, float]:
    """`macro_f1`, and where a class has records and others have not `macro_auroc`: means over such classes.

    Probabilities and targets are [record, class]. Of a multiclass model the likeliest class is told, else each that is
    decided.
    """
    likeliest = torch.nn.functional.one_hot(probabilities.argmax(dim=-1), probabilities.shape[-1]) > 0
    told = likeliest if task == "multiclass" else probabilities >= DECIDED
    truth = (targets >= DECIDED).numpy()
    scores = Scores(names=(), truth=truth, answer=told.numpy())
    areas = [auroc(*pair) for pair in zip(truth.T, probabilities.double().numpy().T, strict=True)]
    known = [area for area in areas if area is not None]
    return {"macro_f1": scores.macro_f1} | ({"macro_auroc": sum(known) / len(known)} if known else {})
