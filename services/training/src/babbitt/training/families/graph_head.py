"""Families whose head is learnt by other means than gradients, and is an ONNX graph from the start."""

import onnx
import torch
from torch import Tensor, nn

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.families.classifier import Answer, WaveformClassifier
from babbitt.training.families.composing import FEATURES, OnnxFunction, joined, with_reader
from babbitt.training.families.onnx_graph import traced

OUTPUTS = ("logits", "probabilities", "embedding")
EMBEDDING, NOVELTY = "embedding", "novelty"


class GraphHead(WaveformClassifier):
    """Its head is a graph with the input `features` and the `OUTPUTS`, the same one that is exported.

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
        logits, _, embedding = self._told(features)
        return logits, embedding

    def answer(self, features: Tensor) -> Answer:
        """As the base class says."""
        return self.with_readers(Answer(*self._told(features)))

    def front_graph(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """The graph from inputs like these to `features`."""
        return traced(_FrontEnd(self), inputs, (FEATURES,))

    def to_onnx(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """As the base class says; joined of front, head, and what reads the embedding."""
        assert self._head is not None, "learn first"
        head = self._head.model
        with torch.no_grad():
            outputs = self(*inputs.values()).outputs()
        if self.novelty is not None and NOVELTY in outputs:
            reader = traced(self.novelty, {EMBEDDING: outputs[EMBEDDING]}, (NOVELTY,))
            head = with_reader(head, reader, EMBEDDING, NOVELTY)
        return joined(self.front_graph(inputs), head, [(FEATURES, FEATURES)], list(outputs))

    def _told(self, features: Tensor) -> list[Tensor]:
        """What the graph says: `OUTPUTS`."""
        assert self._head is not None, "learn first"
        return self._head({FEATURES: features})

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
