"""How a module does on the validation split, from features that are computed once."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.views import Views
from babbitt.training.fitting.windows import Windows


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a module does.

    Attributes:
        loss, standard_error: mean cross-entropy of the windows in nats, clean and in noise, and how sure that mean is.
        accuracy: share of the clean records answered right.
    """

    loss: float
    standard_error: float
    accuracy: float


class Validation:
    """Judges modules by the validation split, as it is and in noise: few clean records alone would say too little.

    The loss is the one that is trained for, smoothed labels included: measured otherwise, modules that are surer than
    they were taught to be, which are the young ones, look better than they are.
    """

    def __init__(self, views: Views, windows: Windows, label_smoothing: float) -> None:
        self._windows, self._label_smoothing = windows, label_smoothing
        self._features = views.clean(windows), views.noisy(windows, "validation", 1)

    def judge(self, model: WaveformClassifier) -> Judgement:
        """Answer all windows; the module is in evaluation mode.

        Raises:
            Diverged: the loss is no longer a number.
        """
        with torch.no_grad():
            clean, noisy = (model.head(features)[0].cpu() for features in self._features)
        losses = self._losses(clean, noisy)
        if not torch.isfinite(losses).all():
            raise Diverged("the validation loss is no longer a number: try a lower learning rate")
        answers = self._windows.vote(torch.softmax(clean, dim=-1)).argmax(dim=-1)
        right = (answers == self._windows.record_labels()).double().mean()
        error = losses.std(unbiased=False) / max(1, len(losses)) ** 0.5
        return Judgement(float(losses.mean()), float(error), float(right))

    def _losses(self, *logits: Tensor) -> Tensor:
        labels = self._windows.labels.repeat(len(logits))
        smoothing = self._label_smoothing
        return nn.functional.cross_entropy(torch.cat(logits), labels, reduction="none", label_smoothing=smoothing)
