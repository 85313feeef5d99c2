"""The losses, each defined once: of logits and targets, for either task, an example each."""

import torch
from torch import Tensor

from babbitt.contracts.recipes import CrossEntropy, FocalLoss, Loss
from babbitt.training.families.classifier import Task


def losses(logits: Tensor, targets: Tensor, loss: Loss, task: Task, class_weights: Tensor | None = None) -> Tensor:
    """Losses [example] in nats of logits [example, class].

    Args:
        logits: of the module.
        targets: shares of each class [example, class], which of a multiclass model add up to 1.
        loss: which one.
        task: of the module.
        class_weights: how much each class counts [class]; None: all the same.
    """
    match loss:
        case CrossEntropy(label_smoothing=smoothing):
            return _cross_entropy(logits, targets, task, smoothing, class_weights)
        case FocalLoss(gamma=gamma):
            return _focal(logits, targets, task, gamma, class_weights)


def _cross_entropy(logits: Tensor, targets: Tensor, task: Task, smoothing: float, weights: Tensor | None) -> Tensor:
    if task != "multiclass":
        smooth = targets * (1.0 - smoothing) + 0.5 * smoothing
        by_class = torch.nn.functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none")
        return _weighted(by_class, weights).mean(dim=-1)
    smooth = targets * (1.0 - smoothing) + smoothing / targets.shape[-1]
    return _weighted(-smooth * torch.log_softmax(logits, dim=-1), weights).sum(dim=-1)


def _focal(logits: Tensor, targets: Tensor, task: Task, gamma: float, weights: Tensor | None) -> Tensor:
    if task != "multiclass":
        entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        right = torch.where(targets > 0.5, torch.sigmoid(logits), torch.sigmoid(-logits))  # noqa: PLR2004 - yes or no
        return _weighted((1.0 - right).pow(gamma) * entropy, weights).mean(dim=-1)
    log_probabilities = torch.log_softmax(logits, dim=-1)
    missed = (1.0 - log_probabilities.exp()).clamp_min(0.0).pow(gamma)
    return _weighted(-targets * missed * log_probabilities, weights).sum(dim=-1)


def _weighted(by_class: Tensor, weights: Tensor | None) -> Tensor:
    return by_class if weights is None else by_class * weights


def severity_loss(logits: Tensor, levels: Tensor) -> Tensor:
    """Mean binary cross-entropy in nats, of those whose level is known, a scalar; 0 where there is none.

    Args:
        logits: of "further than level k" [example, level - 1].
        levels: how far each has gone [example], from 0; -1: not known, as of healthy ones.
    """
    known = (levels >= 0).to(logits.dtype)
    further = (levels[:, None] > torch.arange(logits.shape[1], device=levels.device)).to(logits.dtype)
    by_example = torch.nn.functional.binary_cross_entropy_with_logits(logits, further, reduction="none").mean(dim=-1)
    return (by_example * known).sum() / known.sum().clamp_min(1.0)


def balanced_weights(targets: Tensor) -> Tensor:
    """How much each class counts [class] so that all count the same, one on average, from targets [example, class]."""
    counts = targets.sum(dim=0).clamp_min(1.0)
    return counts.reciprocal() * (len(counts) / counts.reciprocal().sum())
