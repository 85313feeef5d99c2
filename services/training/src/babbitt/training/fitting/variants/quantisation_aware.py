"""Fine-tuning with the rounding of eight bits in the loop, so that the weights learn to live with it.

The rounding passes gradients straight through (Jacob et al., 2018). It is the one that the static quantizer does
afterwards: weights symmetric a channel, layers' inputs in one range each.
"""

import copy
from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.parametrize import register_parametrization, remove_parametrizations

from babbitt.training.families.classifier import LearnsAtOnce, WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.examples import Examples
from babbitt.training.fitting.losses import losses, severity_loss
from babbitt.training.fitting.run import Learner
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.variants.errors import NotMade

EPOCHS = 3
RATE_SHARE = 0.05
"""Of the recipe's peak learning rate: the weights are trained, they are to move a little."""
LARGEST_WEIGHT, LARGEST_INPUT = 64, 255
LEAST_RANGE = 1e-8
LAYERS = (nn.Linear, nn.Conv1d)


def fine_tuned[M: WaveformClassifier](
    model: M, examples: Examples, recipe: Recipe, seed: int, left_s: Callable[[], float]
) -> M:
    """A copy of a trained module whose layers' weights lie on the grid of int8, a channel each.

    Args:
        model: trained; it stays as it is.
        examples: what it learnt from: features that are there already, where its front end does not learn.
        recipe: its loss, learning rate and the norm that gradients are clipped to.
        seed: same seed, same weights.
        left_s: seconds that it may still take.

    Raises:
        NotMade: it has no layers that learn by gradients, the loss is no longer a number, or time is up.
    """
    tuned = copy.deepcopy(model).eval()  # running statistics and dropout are over
    layers = [layer for layer in tuned.modules() if isinstance(layer, LAYERS) and layer.weight.requires_grad]
    if isinstance(model, LearnsAtOnce) or not layers:
        raise NotMade("nothing in it learns by gradients")
    learner, rate = Learner(tuned), RATE_SHARE * recipe.learning_rate
    with torch.enable_grad(), _rounded(layers):
        optimiser = torch.optim.AdamW(tuned.parameters(), lr=rate, weight_decay=0.0)
        first = 1 + recipe.views  # by then an epoch has all views
        for epoch in range(first, first + EPOCHS):
            for step in range(examples.steps(epoch)):
                if left_s() <= 0:
                    raise NotMade("there is no time to learn anew")
                seed_torch(seed, "quantization", epoch, step)
                batch = examples.batch(epoch, step)
                logits, levels = learner(*batch.read)
                loss = losses(logits.float(), batch.targets, recipe.loss, tuned.task).mean()
                if levels is not None and batch.levels is not None:
                    loss = loss + recipe.severity_weight * severity_loss(levels.float(), batch.levels)
                if not torch.isfinite(loss):
                    raise NotMade("the loss is no longer a number")
                optimiser.zero_grad()
                loss.backward()
                clip_grad_norm_(tuned.parameters(), recipe.max_gradient_norm)
                optimiser.step()
    return tuned.requires_grad_(requires_grad=False)


class RoundedWeight(nn.Module):
    """Weights [channel, ...] on the grid of int8 that the static quantizer has, symmetric a channel."""

    def forward(self, weight: Tensor) -> Tensor:
        """Of the same shape."""
        with torch.no_grad():
            scale = (weight.flatten(start_dim=1).abs().amax(dim=1) / LARGEST_WEIGHT).clamp_min(LEAST_RANGE)
            zero = torch.zeros_like(scale, dtype=torch.int32)
        return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -LARGEST_WEIGHT, LARGEST_WEIGHT)


class _RoundedInput:
    """A layer's input on the grid of uint8, in the widest range that was seen."""

    def __init__(self) -> None:
        self._low, self._high = 0.0, LEAST_RANGE

    def __call__(self, _layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        (x,) = given
        self._low, self._high = min(self._low, float(x.detach().min())), max(self._high, float(x.detach().max()))
        scale = (self._high - self._low) / LARGEST_INPUT
        zero = round(-self._low / scale)
        return (torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, LARGEST_INPUT),)


@contextmanager
def _rounded(layers: list[nn.Linear | nn.Conv1d]) -> Generator[None]:
    """Layers that round; afterwards their weights stay rounded and their inputs do not."""
    hooks = [layer.register_forward_pre_hook(_RoundedInput()) for layer in layers]
    for layer in layers:
        register_parametrization(layer, "weight", RoundedWeight())
    try:
        yield
    finally:
        for layer, hook in zip(layers, hooks, strict=True):
            hook.remove()
            remove_parametrizations(layer, "weight", leave_parametrized=True)
