"""Gradients are clipped to a norm, so that one odd batch does no harm."""

from typing import ClassVar

from torch import Tensor, nn

from babbitt.training.fitting.plugins.plugin import Plugin, Training


class GradientClipping(Plugin):
    """Clips by the norm of all gradients together; tells the mean norm of an epoch, before clipping."""

    name: ClassVar[str] = "clipping"

    def __init__(self, max_norm: float) -> None:
        self._max_norm = max_norm
        self._norms: list[Tensor] = []

    def gradients(self, training: Training) -> None:
        self._norms.append(nn.utils.clip_grad_norm_(training.model.parameters(), self._max_norm).detach())

    def metrics(self) -> dict[str, float]:
        norms, self._norms = self._norms, []
        return {"gradient_norm": sum(map(float, norms)) / len(norms)} if norms else {}
