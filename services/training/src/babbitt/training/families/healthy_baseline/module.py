"""The `healthy_baseline` module: features, whitened by healthy windows, and the distance from these."""

import numpy as np
import torch
from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import Answer, WaveformClassifier
from babbitt.training.families.errors import UnsuitableExamples
from babbitt.training.families.healthy_baseline.config import HealthyBaselineConfig
from babbitt.training.families.healthy_baseline.shaft_lines import ShaftLines
from babbitt.training.families.novelty import shrunk_whitening
from babbitt.training.families.spectral.frames import Frames

FLOOR = 1e-7
AMPLITUDE_FEATURES = 3
FOLDS = 5
FEWEST_WINDOWS = 2 * FOLDS
FAR = 1e6
"""Where a memory has fewer windows than places, the empty ones lie this far away."""
LIMIT_SPREADS = 3.0


class HealthyBaseline(WaveformClassifier):
    """See the family's configuration.

    `novelty` is a root-mean-square distance in whitened features, about 1 for a healthy window. The probability of
    health is for people, on a rough scale: one half lies three times as far above the median of healthy windows that
    were left out as their 95th percentile does. Whoever alarms takes a threshold from other machines.
    """

    task = "one_class"

    def __init__(self, config: HealthyBaselineConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        self.config = config
        self.novelty = None  # a distance is all that it answers by
        window, rate_hz = spec.window_samples, data.sampling_rate_hz
        self.frames = Frames(window, config.frame_samples, config.frame_bands, FLOOR)
        self.lines = None
        if "shaft_speed_hz" in spec.inputs:
            self.lines = ShaftLines(window, rate_hz, config.speed_tolerance, FLOOR)
        a_channel = self.frames.features + AMPLITUDE_FEATURES + (self.lines.features if self.lines else 0)
        features = len(data.channels) * a_channel
        by_neighbours = config.distance == "neighbours"
        self.neighbours = config.neighbours if by_neighbours else 1
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("whitening", torch.eye(features))
        self.register_buffer("memory", torch.zeros(config.remembered if by_neighbours else 1, features))
        self.register_buffer("limit", torch.ones(()))
        self.register_buffer("spread", torch.ones(()))

    mean: Tensor
    whitening: Tensor
    memory: Tensor
    limit: Tensor
    spread: Tensor

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] and, where it is known, shaft speed [batch] to [batch, feature]."""
        waveform, *speed = inputs
        centred = waveform - waveform.mean(dim=-1, keepdim=True)
        rms = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-30)
        x = centred / rms
        squared = x.square()
        features = [
            self.frames(x),
            torch.log(rms),
            torch.log(squared.square().mean(dim=-1, keepdim=True)),
            torch.log(squared.amax(dim=-1, keepdim=True) + FLOOR),
        ]
        if self.lines is not None:
            features.append(self.lines(x, *speed))
        return torch.cat(features, dim=-1).flatten(start_dim=1)

    def standardise(self, features: Tensor) -> None:
        """Nothing: `learn` whitens."""
        del features

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logit of health [batch, 1] and whitened features [batch, feature] of features [batch, feature]."""
        embedding = self._whitened(features)
        return self._logits(self._novelty(embedding)), embedding

    def answer(self, features: Tensor) -> Answer:
        """As the base class says."""
        embedding = self._whitened(features)
        novelty = self._novelty(embedding)
        logits = self._logits(novelty)
        return Answer(logits, self.probabilities(logits), embedding, novelty)

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """Learn from the healthy ones of features [window, feature]; labels [window, 1] are 1 for these.

        Raises:
            UnsuitableExamples: fewer than ten windows are healthy.
        """
        healthy = features[labels[:, 0] > 0.5]  # noqa: PLR2004 - yes or no
        if len(healthy) < FEWEST_WINDOWS:
            raise UnsuitableExamples(f"{len(healthy)} windows are healthy; at least {FEWEST_WINDOWS} are needed")
        draw = np.random.default_rng(seed)
        fold = np.arange(len(healthy)) * FOLDS // len(healthy)
        left_out: list[Tensor] = []
        for number in range(FOLDS):
            self._take(healthy[torch.from_numpy(fold != number)], draw)
            left_out.append(self._novelty(self._whitened(healthy[torch.from_numpy(fold == number)])))
        middle, high = torch.quantile(torch.cat(left_out), torch.tensor([0.5, 0.95], device=healthy.device))
        self.spread.copy_((high - middle).clamp_min(1e-3))
        self.limit.copy_(middle + LIMIT_SPREADS * self.spread)
        self._take(healthy, draw)

    def _take(self, healthy: Tensor, draw: np.random.Generator) -> None:
        """Whiten by these windows [window, feature], and remember them."""
        examples = healthy.cpu().double().numpy()
        mean = examples.mean(axis=0)
        self.mean.copy_(torch.from_numpy(mean))
        self.whitening.copy_(torch.from_numpy(shrunk_whitening(examples - mean)))
        if self.config.distance == "neighbours":
            kept = np.sort(draw.permutation(len(examples))[: len(self.memory)])
            self.memory.fill_(FAR)
            self.memory[: len(kept)] = self._whitened(healthy[torch.from_numpy(kept)])

    def _logits(self, novelty: Tensor) -> Tensor:
        return ((self.limit - novelty) / self.spread)[:, None]

    def _whitened(self, features: Tensor) -> Tensor:
        return (features - self.mean) @ self.whitening

    def _novelty(self, whitened: Tensor) -> Tensor:
        """Root-mean-square distance [batch] of whitened features [batch, feature] from the nearest in memory."""
        crossed = whitened @ self.memory.mT
        squared = whitened.square().sum(dim=1, keepdim=True) - 2.0 * crossed + self.memory.square().sum(dim=1)
        nearest = -torch.topk(-squared, self.neighbours, dim=1).values[:, -1]
        return torch.sqrt(nearest.clamp_min(0.0) / whitened.shape[1] + 1e-12)
