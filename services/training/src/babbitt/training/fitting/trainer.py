"""The one training loop. What varies is given to it: module, views of the data, recipe, who listens."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.averaging import WeightAverage
from babbitt.training.fitting.early_stopping import EarlyStopping
from babbitt.training.fitting.errors import Diverged
from babbitt.training.fitting.schedule import learning_rate
from babbitt.training.fitting.seeding import generator, seed_torch
from babbitt.training.fitting.validation import Validation
from babbitt.training.fitting.views import Views


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
    """Trains a module by AdamW until its epochs or its patience are over; then it has the weights that were kept.

    The same module, views, recipe and seed give the same weights, bit for bit, on one kind of processor with one
    number of threads: epochs draw from generators that follow from the seed and their number.

    Args:
        model: on its device; its initial weights are the caller's.
        views: what it learns from.
        validation: decides when to stop and which weights to keep.
        recipe: see there.
        seed: the job's.
        device: the module's.
    """

    def __init__(
        self,
        model: WaveformClassifier,
        views: Views,
        validation: Validation,
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
        self._average = WeightAverage(model, recipe.average_decay)
        self._stopping = EarlyStopping(recipe.patience)
        self.history: list[EpochFigures] = []

    def fit(self, after_epoch: Callable[[EpochFigures], None]) -> None:
        """Train; `after_epoch` hears of every epoch when its state can be saved.

        Raises:
            Diverged: a loss is no longer a number.
        """
        if not self.history:
            self._model.standardise(self._views.until(1)[0])
            self._average.begin(self._model)
        while len(self.history) < self._recipe.epochs and not self._stopping.over:
            figures = self._epoch(len(self.history) + 1)
            self.history.append(figures)
            after_epoch(figures)
        self._model.load_state_dict(self._stopping.kept_weights)
        self._model.eval()

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights the module has at the end."""
        return self._stopping.kept_epoch

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "model": self._model.state_dict(),
            "average": self._average.state(),
            "optimiser": self._optimiser.state_dict(),
            "stopping": self._stopping.state(),
            "history": [asdict(figures) for figures in self.history],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self._model.load_state_dict(state["model"])
        self._average.restore(state["average"])
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
        judgement = self._validation.judge(self._average.model)
        self._stopping.saw(epoch, judgement.loss, judgement.standard_error, self._average.model.state_dict())
        return EpochFigures(
            epoch=epoch,
            epochs=self._recipe.epochs,
            train_loss=total / len(labels),
            validation_loss=judgement.loss,
            validation_accuracy=judgement.accuracy,
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
        self._average.add(self._model)
        return float(loss.detach())
