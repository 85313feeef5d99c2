"""Families whose head is learnt by other means than gradients, and is an ONNX graph from the start."""

import onnx
import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.families.classifier import Answer, WaveformClassifier
from babbitt.training.families.composing import FEATURES, OnnxFunction, joined
from babbitt.training.families.onnx_graph import traced


class GraphHead(WaveformClassifier):
    """Its head is a graph with the input `features` and the outputs of `Answer`, the same one that is exported.

    So nothing of it is written twice, and a checkpoint holds it as bytes. `learn` makes it.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.task = spec.task
        self._head: OnnxFunction | None = None

    def take_head(self, model: onnx.ModelProto) -> None:
        """Answer by this graph from now on."""
        self._head = OnnxFunction(model)

    def standardise(self, features: Tensor) -> None:
        """Nothing: what is learnt at once standardises by itself."""
        del features

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, e] of features [batch, feature]."""
        logits, _, embedding = self._answer(features)
        return logits, embedding

    def forward(self, *inputs: Tensor) -> Answer:
        """As the base class says."""
        return self._answer(self.front_end(*inputs))

    def front_graph(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """The graph from inputs like these to `features`."""
        return traced(_FrontEnd(self), inputs, (FEATURES,))

    def to_onnx(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """As the base class says; joined of front and head."""
        assert self._head is not None, "learn first"
        return joined(self.front_graph(inputs), self._head.model, [(FEATURES, FEATURES)], Answer._fields)

    def _answer(self, features: Tensor) -> Answer:
        assert self._head is not None, "learn first"
        return Answer(*self._head({FEATURES: features}))

    def get_extra_state(self) -> Tensor:
        """The graph for `state_dict`; empty before `learn`."""
        return self._head.state() if self._head else torch.empty(0, dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """From `state_dict`."""
        self._head = OnnxFunction.of(state) if len(state) else None


class _FrontEnd(nn.Module):
    def __init__(self, classifier: WaveformClassifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.classifier.front_end(*inputs)
