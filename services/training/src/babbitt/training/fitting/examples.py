"""What a step learns from: batches that follow from seed, epoch and step alone, so that a resumed job sees the same."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.augmentation import augmented
from babbitt.training.fitting.seeding import generator
from babbitt.training.fitting.windows import Inputs, Windows

CHUNK = 16
"""Windows that are rendered at once: few enough that a chunk stays in the processor's cache."""
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples of one step.

    Attributes:
        read: features [example, ...] where the front end does not learn, else the module's inputs.
        targets: shares of each class [example, class].
        levels: how far each one's fault has gone [example], from 0; -1: not known. Of mixed examples the first's.
        weight: how much the mean over these examples counts in the mean of all processes' means, 1 on average: of
            several processes one may have an example more.
    """

    read: tuple[Tensor, ...]
    targets: Tensor
    weight: float = 1.0
    levels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.targets)


class Examples(ABC):
    """The examples of each epoch, dealt into steps; of several processes each gets its share of every step.

    Args:
        recipe: batch size, augmentations, views.
        seed: the run's.
        device: where batches are wanted.
        rank, ranks: which process this is, of how many.

    Attributes:
        windows: that they are of.
    """

    windows: Windows

    def __init__(self, recipe: Recipe, seed: int, device: torch.device, rank: int = 0, ranks: int = 1) -> None:
        self._recipe, self._seed, self._device, self._rank, self._ranks = recipe, seed, device, rank, ranks
        self._order: tuple[int, Tensor] = (0, torch.empty(0, dtype=torch.int64))

    @abstractmethod
    def size(self, epoch: int) -> int:
        """How many examples an epoch has (from 1)."""

    @abstractmethod
    def clean_features(self, model: WaveformClassifier, rows: Tensor) -> Tensor:
        """What the module's front end makes of some windows as they are: [row, ...], on the device."""

    @abstractmethod
    def batch(self, epoch: int, step: int) -> Batch:
        """The examples of a step (from 0), on the device."""

    def steps(self, epoch: int) -> int:
        """How many steps an epoch has; what is left at the end and too little for all processes joins the last one."""
        return max(1, -(-(self.size(epoch) - self._ranks + 1) // self._recipe.batch_size))

    def rows(self, epoch: int, step: int) -> tuple[Tensor, float]:
        """Which examples a step of this process learns from, and their weight."""
        if self._order[0] != epoch:
            self._order = epoch, torch.randperm(self.size(epoch), generator=generator(CPU, self._seed, "order", epoch))
        size = self._recipe.batch_size
        end = (step + 1) * size if step + 1 < self.steps(epoch) else None
        rows = self._order[1][step * size : end]
        own = rows[self._rank :: self._ranks]
        return own, len(own) * self._ranks / len(rows)


class LiveExamples(Examples):
    """Windows that are augmented as they are read, for modules whose front end learns."""

    def __init__(
        self, windows: Windows, recipe: Recipe, seed: int, device: torch.device, rank: int = 0, ranks: int = 1
    ) -> None:
        super().__init__(recipe, seed, device, rank, ranks)
        self.windows = windows
        self._levels = windows.severity_levels()

    def size(self, epoch: int) -> int:
        """As the base class says."""
        del epoch
        return len(self.windows)

    def clean_features(self, model: WaveformClassifier, rows: Tensor) -> Tensor:
        """As the base class says."""
        return rendered(model, self.windows.rows(rows), self._device)

    def batch(self, epoch: int, step: int) -> Batch:
        """As the base class says."""
        rows, weight = self.rows(epoch, step)
        inputs = self.windows.rows(rows)
        draw = generator(CPU, self._seed, "augmentation", epoch, step, self._rank)
        inputs["waveform"] = augmented(inputs["waveform"], self._recipe.augmentations, draw)
        read = tuple(one.to(self._device) for one in inputs.values())
        targets = self.windows.targets[rows].to(self._device)
        return Batch(read, targets, weight, self._levels[rows].to(self._device))


class RenderedExamples(Examples):
    """Features of the clean windows and of augmented views of them, for modules whose front end does not learn.

    A view is rendered once: one more at each epoch, until there are as many as the recipe says. It follows from the
    seed and its number alone.
    """

    def __init__(
        self,
        model: WaveformClassifier,
        windows: Windows,
        recipe: Recipe,
        seed: int,
        device: torch.device,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        super().__init__(recipe, seed, device, rank, ranks)
        self._model, self.windows = model, windows
        self._levels = windows.severity_levels()
        self._views = [rendered(model, windows.inputs, device)]

    def size(self, epoch: int) -> int:
        """As the base class says."""
        return len(self.windows) * self._views_of(epoch)

    def clean_features(self, model: WaveformClassifier, rows: Tensor) -> Tensor:
        """As the base class says."""
        del model
        return self._views[0][rows.to(self._device)]

    def batch(self, epoch: int, step: int) -> Batch:
        """As the base class says."""
        self._render(self._views_of(epoch))
        rows, weight = self.rows(epoch, step)
        view, window = rows // len(self.windows), rows % len(self.windows)
        features = torch.empty(len(rows), *self._views[0].shape[1:], device=self._device)
        for number in view.unique().tolist():
            of_view = torch.nonzero(view == number).flatten().to(self._device)
            features[of_view] = self._views[number][window[view == number].to(self._device)]
        targets, levels = (one[window].to(self._device) for one in (self.windows.targets, self._levels))
        return Batch((features,), targets, weight, levels)

    def all(self) -> Batch:
        """Every view of every window, for modules that learn at once."""
        views = 1 + self._recipe.views
        self._render(views)
        return Batch((torch.cat(self._views[:views]),), self.windows.targets.repeat(views, 1).to(self._device))

    def clean(self) -> Tensor:
        """Features [window, ...] of the windows as they are."""
        return self._views[0]

    def _views_of(self, epoch: int) -> int:
        return 1 + min(epoch, self._recipe.views)

    def _render(self, views: int) -> None:
        while len(self._views) < views:
            self._views.append(
                view(self._model, self.windows, self._recipe, self._device, self._seed, len(self._views))
            )


def rendered(model: WaveformClassifier, inputs: Inputs, device: torch.device) -> Tensor:
    """Features [window, ...] of windows, by the front end in evaluation mode, without gradients."""
    windows = len(inputs["waveform"])
    chunks = (slice(start, start + CHUNK) for start in range(0, windows, CHUNK))
    with torch.no_grad():
        return torch.cat([model.front_end(*(one[chunk].to(device) for one in inputs.values())) for chunk in chunks])


def view(
    model: WaveformClassifier, windows: Windows, recipe: Recipe, device: torch.device, *draw_of: int | str
) -> Tensor:
    """Features [window, ...] of windows after the recipe's augmentations, drawn as follows from `draw_of`."""
    draw = generator(CPU, *draw_of)
    features: list[Tensor] = []
    for start in range(0, len(windows), CHUNK):
        inputs = windows.rows(slice(start, start + CHUNK))
        inputs["waveform"] = augmented(inputs["waveform"], recipe.augmentations, draw)
        features.append(rendered(model, inputs, device))
    return torch.cat(features)
