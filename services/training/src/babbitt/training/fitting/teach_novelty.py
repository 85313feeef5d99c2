"""What a module that has learnt is taught at last: which windows it knows."""

import torch
from torch import Tensor

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.examples import CHUNK, Examples

MOST_WINDOWS = 4096
"""More tell means and covariance no better, and a front end that learns has to compute each once more."""


def teach_novelty(model: WaveformClassifier, examples: Examples) -> None:
    """Fit the module's `NoveltyScore`, where it has one, to the windows that it learnt from, as they are.

    Args:
        model: in evaluation mode, on the examples' device.
        examples: what it learnt from; nothing is drawn, and every process has all of them.
    """
    if model.novelty is None:
        return
    rows = _spread(examples.windows.targets)
    with torch.no_grad():
        embeddings = [model.head(examples.clean_features(model, some))[1].cpu() for some in rows.split(CHUNK)]
    model.novelty.learn(torch.cat(embeddings), examples.windows.targets[rows])


def _spread(targets: Tensor) -> Tensor:
    """Rows of targets [window, class], of each kind of window as many at most, evenly over all of its kind."""
    kinds, kind = torch.unique(targets, dim=0, return_inverse=True)
    each = max(1, MOST_WINDOWS // len(kinds))
    of_kind = [torch.nonzero(kind == number).flatten() for number in range(len(kinds))]
    kept = [rows[torch.linspace(0, len(rows) - 1, min(each, len(rows))).round().long()] for rows in of_kind]
    return torch.cat(kept).sort().values
