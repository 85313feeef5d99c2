"""The `prototype` module: another version's embedding, and the means of the classes in it."""

import numpy as np
import onnx
import torch
from torch import Tensor

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.families.composing import FEATURES, OnnxFunction, joined, opened, written
from babbitt.training.families.errors import UnsuitableExamples
from babbitt.training.families.graph_head import GraphHead
from babbitt.training.families.preset import BaseModel

EMBEDDING = "embedding"
SHARPEST = 1e-6

NEAREST_MEAN = """
nearest_mean (float[batch, place] features)
    => (float[batch, class] logits, float[batch, class] probabilities, float[batch, place] embedding)
{
    class_axis = Constant<value_ints=[1]>()
    place_axis = Constant<value_ints=[2]>()
    beside = Unsqueeze(features, class_axis)
    apart = Sub(beside, means)
    squared = ReduceSumSquare<keepdims=0>(apart, place_axis)
    scaled = Div(squared, width)
    logits = Neg(scaled)
    probabilities = Softmax<axis=-1>(logits)
    embedding = Identity(features)
}
"""
RENAMED = "named (float[batch, place] taken) => (float[batch, place] features) { features = Identity(taken) }"


class Prototype(GraphHead):
    """See the family's configuration.

    The logits are minus squared distances over twice the variance within the classes, summed over the embedding: what
    a Gaussian of that width around each mean says.
    """

    def __init__(self, spec: ModelSpec, base: BaseModel) -> None:
        super().__init__(spec)
        self.inputs, self.class_names = spec.inputs, spec.class_names
        self.base = OnnxFunction(opened(base.onnx, [EMBEDDING]))

    def front_end(self, *inputs: Tensor) -> Tensor:
        """The base's embedding [batch, e] of its inputs."""
        return self.base(dict(zip(self.inputs, inputs, strict=True)))[0]

    def front_graph(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """The base's graph up to its embedding."""
        del inputs
        return joined(self.base.model, written(RENAMED), [(EMBEDDING, "taken")], [FEATURES], "base_")

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """As `LearnsAtOnce` says; nothing is drawn.

        Raises:
            UnsuitableExamples: a class has no example.
        """
        del seed
        counts = torch.bincount(labels, minlength=len(self.class_names))
        if missing := [name for name, count in zip(self.class_names, counts.tolist(), strict=True) if not count]:
            raise UnsuitableExamples(f"there is no example of {', '.join(missing)}: one at least is needed")
        places = features.cpu().double().numpy()
        of_class = labels.cpu().numpy()
        means = np.stack([places[of_class == number].mean(axis=0) for number in range(len(self.class_names))])
        within = np.square(places - means[of_class]).sum() / max(1, len(places) - len(means))
        between = np.square(means[:, None] - means).sum(axis=-1)
        nearest = between[~np.eye(len(means), dtype=bool)].min(initial=np.inf)
        # with one example a class nothing is known of the width: a quarter of the way to the nearest other mean
        width = within if len(places) > len(means) else nearest / 4.0
        head = written(
            NEAREST_MEAN,
            means=means.astype(np.float32),
            width=np.array([max(2.0 * width, SHARPEST)], dtype=np.float32),
        )
        self.take_head(head)
