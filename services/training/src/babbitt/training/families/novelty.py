"""How unlike a window is to all that was learnt from: a distance in the embedding, beside what it is taken for."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from torch import Tensor, nn

BUFFERS = ("centre", "whitening", "means")
WIDEST = 1024
"""Numbers of an embedding that are read; of a wider one, as ensembles of many nets have, every second or third, …"""
FARTHEST = 1e4
"""Told of whatever lies further: half precision has numbers for it."""
FEWEST_SPARE = 10
"""Windows beyond one a kind: of fewer no spread can be told."""
LEAST_SPREAD = 0.1
"""Of the mean spread: units are divided by at least so much, or one that was silent so far would rule the distance."""


class NoveltyScore(nn.Module):
    """Root-mean-square distance to the nearest class mean, in units in which known windows spread by 1.

    Mahalanobis distance with one covariance for all classes (Lee et al., "A simple unified framework for detecting
    out-of-distribution samples and adversarial attacks", 2018), shrunk (see `shrunk_whitening`), over the root of the
    embedding's width. Until it has learnt it has no means, and whoever holds it no such output.
    """

    def __init__(self) -> None:
        super().__init__()
        for name in BUFFERS:
            self.register_buffer(name, torch.empty(0))

    centre: Tensor
    whitening: Tensor
    means: Tensor

    @property
    def has_learnt(self) -> bool:
        """Whether it can tell a distance."""
        return len(self.means) > 0

    def forward(self, *inputs: Tensor) -> Tensor:
        """Embeddings [batch, e] to distances [batch], about 1 for a window that was learnt from."""
        (embedding,) = inputs
        apart = ((_read(embedding) - self.centre) @ self.whitening)[:, None] - self.means
        return torch.sqrt(apart.square().mean(dim=-1).amin(dim=-1) + 1e-12).clamp_max(FARTHEST)

    def learn(self, embeddings: Tensor, targets: Tensor) -> None:
        """Take means and covariance of windows that were learnt from; equal ones give equal numbers.

        Args:
            embeddings: [window, e].
            targets: what is true of each, [window, class], 0 or 1: each combination that occurs is a kind of its own.
        """
        examples = _read(embeddings).cpu().double()
        kinds, kind = torch.unique(targets.cpu(), dim=0, return_inverse=True)
        spare = len(examples) - len(kinds)
        if spare < FEWEST_SPARE:
            return
        means = torch.zeros(len(kinds), examples.shape[1], dtype=torch.float64).index_add_(0, kind, examples)
        means /= torch.bincount(kind)[:, None]
        within = examples - means[kind]
        variance = within.square().sum(dim=0) / spare
        least = LEAST_SPREAD * variance.mean().sqrt()
        if least == 0:
            return
        spread = variance.sqrt().clamp_min(least)
        unbiased = within / spread * (len(examples) / spare) ** 0.5
        whitening = torch.from_numpy(shrunk_whitening(unbiased.numpy())) / spread[:, None]
        centre = examples.mean(dim=0)
        learnt = {"centre": centre, "whitening": whitening, "means": (means - centre) @ whitening}
        for name, value in learnt.items():
            setattr(self, name, value.to(self.means.device, torch.float32))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any, **named: Any) -> None:
        """Buffers are as large as what was learnt; a state from before there were any is of one that has not."""
        for name in BUFFERS:
            given = cast("Tensor", state_dict.setdefault(prefix + name, torch.empty(0)))
            setattr(self, name, torch.empty_like(given, device=self.means.device))
        super()._load_from_state_dict(state_dict, prefix, *rest, **named)


def shrunk_whitening(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """The triangular W for which x W has the identity as covariance, of x [window, feature] whose mean is 0.

    The covariance is shrunk: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
    2004.
    """
    return np.linalg.cholesky(np.asarray(LedoitWolf(assume_centered=True).fit(centred).precision_))


def _read(embedding: Tensor) -> Tensor:
    return embedding[:, :: -(-embedding.shape[1] // WIDEST)]
