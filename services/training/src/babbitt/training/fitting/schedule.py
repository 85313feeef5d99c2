"""The learning rate over a training: a function of how far it has come, so a resumed job needs no scheduler state."""

import math

from babbitt.training.families.preset import Recipe

LAST_SHARE = 0.01


def learning_rate(recipe: Recipe, done: float) -> float:
    """The rate when `done` (0 to 1) of all epochs are over: linear to its peak, then a cosine to a hundredth of it."""
    if done < recipe.warmup_share:
        return recipe.learning_rate * max(LAST_SHARE, done / recipe.warmup_share)
    over = (done - recipe.warmup_share) / (1.0 - recipe.warmup_share)
    return recipe.learning_rate * (LAST_SHARE + (1.0 - LAST_SHARE) * 0.5 * (1.0 + math.cos(math.pi * over)))
