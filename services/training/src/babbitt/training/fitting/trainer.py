"""The one training loop. What varies is given to it: module, views of the data, recipe, who listens."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.early_stopping import EarlyStopping
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.schedule import learning_rate
from babbitt.training.fitting.seeding import generator, seed_torch
from babbitt.training.fitting.views import Views
from babbitt.training.fitting.windows import Windows


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """How an epoch went; the fields of EpochCompleted. Losses are mean cross-entropies in nats."""

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


class Trainer:
    """Trains a module by AdamW until its epochs or its patience are over; then it has its best weights.

    The same module, views, recipe and seed give the same weights, bit for bit, on one kind of processor with one
    number of threads: epochs draw from generators that follow from the seed and their number.

    Args:
        model: on its device; its initial weights are the caller's.
        views: what it learns from.
        validation: windows that decide when to stop, as they are and in noise: few records alone would stop too soon.
        recipe: see there.
        seed: the job's.
        device: the module's.
    """

    def __init__(
        self,
        model: WaveformClassifier,
        views: Views,
        validation: Windows,
        recipe: Recipe,
        seed: int,
        device: torch.device,
    ) -> None:
        self._model, self._views, self._validation = model, views, validation
        self._recipe, self._seed, self._device = recipe, seed, device
        self._loss = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        matrices = [weight for weight in model.parameters() if weight.ndim > 1]
        others = [weight for weight in model.parameters() if weight.ndim <= 1]
        self._optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
        )
        self._stopping = EarlyStopping(recipe.patience)
        self._validation_features = views.clean(validation), views.noisy(validation, "validation", 1)
        self.history: list[EpochFigures] = []

    def fit(self, after_epoch: Callable[[EpochFigures], None]) -> None:
        """Train; `after_epoch` hears of every epoch when its state can be saved.

        Raises:
            Diverged: a loss is no longer a number.
        """
        if not self.history:
            self._model.standardise(self._views.until(1)[0])
        while len(self.history) < self._recipe.epochs and not self._stopping.over:
            figures = self._epoch(len(self.history) + 1)
            self._stopping.saw(figures.epoch, figures.validation_loss, self._model.state_dict())
            self.history.append(figures)
            after_epoch(figures)
        self._model.load_state_dict(self._stopping.best_weights)
        self._model.eval()

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights the module has at the end."""
        return self._stopping.best_epoch

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "stopping": self._stopping.state(),
            "history": [asdict(figures) for figures in self.history],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._stopping.restore(state["stopping"])
        self.history = [EpochFigures(**figures) for figures in state["history"]]

    def _epoch(self, epoch: int) -> EpochFigures:
        started = time.perf_counter()
        seed_torch(self._seed, "epoch", epoch)
        features, labels = self._views.until(epoch)
        order = torch.randperm(len(labels), generator=generator(torch.device("cpu"), self._seed, "order", epoch))
        batches = order.to(self._device).split(self._recipe.batch_size)
        self._model.train()
        total, rate = 0.0, 0.0
        for step, batch in enumerate(batches):
            rate = learning_rate(self._recipe, (epoch - 1 + step / len(batches)) / self._recipe.epochs)
            total += self._step(features[batch], labels[batch], rate) * len(batch)
        loss, accuracy = self._validate()
        return EpochFigures(
            epoch=epoch,
            epochs=self._recipe.epochs,
            train_loss=total / len(labels),
            validation_loss=loss,
            validation_accuracy=accuracy,
            learning_rate=rate,
            seconds=time.perf_counter() - started,
        )

    def _step(self, features: Tensor, labels: Tensor, rate: float) -> float:
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        loss = self._loss(self._model.head(features)[0], labels)
        if not torch.isfinite(loss):
            raise Diverged("the loss is no longer a number: try a lower learning rate")
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), self._recipe.max_gradient_norm)
        self._optimiser.step()
        return float(loss.detach())

    def _validate(self) -> tuple[float, float]:
        """Mean cross-entropy of the windows, clean and in noise, and share of the clean records answered right."""
        self._model.eval()
        with torch.no_grad():
            clean, noisy = (self._model.head(features)[0].cpu() for features in self._validation_features)
        labels = self._validation.labels
        loss = nn.functional.cross_entropy(torch.cat([clean, noisy]), labels.repeat(2))
        answers = self._validation.vote(torch.softmax(clean, dim=-1)).argmax(dim=-1)
        right = (answers == self._validation.record_labels()).double().mean()
        return float(loss), float(right)
