"""The one training loop. What varies is given to it: module, examples, validation, recipe, plug-ins."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from babbitt.training.families.classifier import LearnsAtOnce, WaveformClassifier
from babbitt.training.families.errors import UnsuitableExamples
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.errors import DatasetUnusable, Diverged
from babbitt.training.fitting.examples import Batch, Examples, RenderedExamples
from babbitt.training.fitting.figures import EpochFigures, Judgement
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.losses import losses, severity_loss
from babbitt.training.fitting.plugins.plugin import Plugin
from babbitt.training.fitting.schedule import learning_rate
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.validation import Judge


class Trainer:
    """Trains a module by AdamW until its epochs are over or a plug-in stops it.

    The same module, examples, recipe and seed give the same weights, bit for bit, on one kind of processor with one
    number of threads: each step draws from generators that follow from the seed and its number, so that a training can
    be resumed after any step.

    Args:
        model: on its device; its initial weights are the caller's.
        learner: what turns a batch into logits: the module, compiled or spread over processes as it may be.
        examples: what it learns from.
        judge: how it does after each epoch.
        recipe: see there.
        seed: the run's.
        hardware: where it runs.
        plugins: called in this order; one of them says which weights are kept.
        class_weights: how much each class counts [class].
        begins_anew: whether the module has its first weights, and is yet to see the spread of its features.
    """

    def __init__(
        self,
        model: WaveformClassifier,
        learner: nn.Module,
        examples: Examples,
        judge: Judge,
        recipe: Recipe,
        seed: int,
        hardware: Hardware,
        plugins: Sequence[Plugin],
        *,
        class_weights: Tensor | None = None,
        begins_anew: bool = True,
    ) -> None:
        self.model = self.judged = model
        self.recipe, self.seed, self.device = recipe, seed, hardware.device
        self.epoch, self.step, self.steps = 1, 0, examples.steps(1)
        self.history: list[EpochFigures] = []
        self.stopped: str | None = None
        self.kept_epoch = 0
        self.kept_loss: float | None = None
        self.examples = examples
        self._learner, self._judge = learner, judge
        self._plugins, self._class_weights = tuple(plugins), class_weights
        matrices = [weight for weight in model.parameters() if weight.ndim > 1]
        others = [weight for weight in model.parameters() if weight.ndim <= 1]
        self._optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
        )
        self._hardware, self._standardises = hardware, begins_anew
        self._total = torch.zeros((), dtype=torch.float64, device=hardware.device)
        self._seconds = 0.0

    def fit(self) -> None:
        """Train; at the end the module has the weights that were kept, and is in evaluation mode.

        Raises:
            Diverged: a loss is no longer a number.
        """
        if self._standardises and isinstance(self.examples, RenderedExamples):
            self.model.standardise(self.examples.clean())
        for plugin in self._plugins:
            plugin.begin(self)
        while len(self.history) < self.recipe.epochs and self.stopped is None:
            self._epoch()
        for plugin in self._plugins:
            plugin.end(self)
        self.model.eval()

    def steps_from(self, epoch: int) -> int:
        """How many steps an epoch and those after it have, up to the last."""
        return sum(self.examples.steps(one) for one in range(epoch, self.recipe.epochs + 1))

    @property
    def train_loss(self) -> float:
        """Mean loss of the epoch's steps so far."""
        return float(self._total) / max(1, self.step)

    def stop(self, why: str) -> None:
        """End learning; the first reason is kept."""
        self.stopped = self.stopped or why

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "plugins": {plugin.name: plugin.state() for plugin in self._plugins},
            "history": [asdict(figures) for figures in self.history],
            "step": self.step,
            "total": self._total,
            "seconds": self._seconds,
            "stopped": self.stopped,
            "kept": (self.kept_epoch, self.kept_loss),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, in a trainer that was made alike."""
        self.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        for plugin in self._plugins:
            if plugin.name in state["plugins"]:  # who profiles may do so from a checkpoint on
                plugin.restore(state["plugins"][plugin.name])
        self.history = [EpochFigures(**figures) for figures in state["history"]]
        self.step, self._total = state["step"], state["total"].to(self.device)
        self._seconds, self.stopped = state["seconds"], state["stopped"]
        self.kept_epoch, self.kept_loss = state["kept"]
        self._standardises = False

    def _epoch(self) -> None:
        began = time.perf_counter() - self._seconds
        self.epoch = len(self.history) + 1
        self.steps = self.examples.steps(self.epoch)
        rate = self.recipe.learning_rate
        if isinstance(self.model, LearnsAtOnce):
            self._learn_at_once(self.model)
        while self.step < self.steps:
            done = (self.epoch - 1 + self.step / self.steps) / self.recipe.epochs
            rate = learning_rate(self.recipe.schedule, self.recipe.learning_rate, done)
            seed_torch(self.seed, "step", self.epoch, self.step, *self._hardware.apart)
            loss = self._step(self.examples.batch(self.epoch, self.step), rate)
            self._total += self._hardware.mean(loss)
            self.step += 1
            self._seconds = time.perf_counter() - began
            for plugin in self._plugins:
                plugin.step_over(self)
            if self.stopped is not None:
                return
        self._close(rate, began)

    def _step(self, batch: Batch, rate: float) -> Tensor:
        self.model.train()
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        for plugin in self._plugins:
            batch = plugin.batch(self, batch)
        with ExitStack() as around:
            for plugin in self._plugins:
                around.enter_context(plugin.forward(self))
            logits, further = self._learner(*batch.read)
            loss = losses(logits.float(), batch.targets, self.recipe.loss, self.model.task, self._class_weights).mean()
            if further is not None and batch.levels is not None:
                loss = loss + self.recipe.severity_weight * severity_loss(further.float(), batch.levels)
            for plugin in self._plugins:
                loss = plugin.loss(self, loss, batch, logits)
            loss = loss * batch.weight
        self._optimiser.zero_grad()
        loss.backward()
        for plugin in self._plugins:
            plugin.gradients(self)
        self._optimiser.step()
        return loss.detach()

    def _learn_at_once(self, model: LearnsAtOnce) -> None:
        assert isinstance(self.examples, RenderedExamples), "a front end that learns needs steps"
        batch = self.examples.all()
        single = self.model.task == "multiclass"
        try:
            model.learn(batch.read[0], batch.targets.argmax(dim=-1) if single else batch.targets, self.seed)
        except UnsuitableExamples as error:
            raise DatasetUnusable(str(error)) from error
        self.judged = self.model  # there are no steps to average over
        self.step = self.steps
        self.stop("learnt at once")

    def _close(self, rate: float, began: float) -> None:
        """Validate, take note, tell."""
        if not torch.isfinite(self._total):
            raise Diverged("the loss is no longer a number: a lower learning_rate or max_gradient_norm may help")
        self.judged.eval()
        judgement: Judgement | None = self._hardware.told(lambda: self._judge(self.judged))
        if judgement:
            for plugin in self._plugins:
                plugin.judged(self, judgement)
        seconds = time.perf_counter() - began
        metrics = {name: value for plugin in self._plugins for name, value in plugin.metrics().items()}
        a_second = self.examples.size(self.epoch) / max(seconds, 1e-9)
        figures = EpochFigures(
            epoch=self.epoch,
            epochs=self.recipe.epochs,
            train_loss=self.train_loss,
            validation_loss=judgement and judgement.loss,
            validation_accuracy=judgement and judgement.accuracy,
            learning_rate=rate,
            seconds=seconds,
            metrics={**(judgement.metrics if judgement else {}), **metrics, "samples_per_second": a_second},
        )
        self.history.append(figures)
        self.step, self._seconds = 0, 0.0
        self._total = torch.zeros_like(self._total)
        for plugin in self._plugins:
            plugin.epoch_over(self, figures)
