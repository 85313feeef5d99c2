"""The `extra_trees` module: scikit-learn's trees on the spectral front end, exported node by node through skl2onnx."""

import math
from typing import cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from skl2onnx import to_onnx
from sklearn.ensemble import ExtraTreesRegressor
from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.closed_form.config import ExtraTreesConfig
from babbitt.training.families.composing import FEATURES, OPSET, written
from babbitt.training.families.graph_head import GraphHead
from babbitt.training.families.spectral.front_end import SpectralFrontEnd

TREES, TREES_OPSET = "ai.onnx.ml", 3
VOTES = "votes"
FLIPPED_TREES = 4
SMALLEST_SPREAD = 1e-3

ANSWER_OF_VOTES = """
answer (float[batch, feature] features)
    => (float[batch, class] logits, float[batch, class] probabilities, float[batch, feature] embedding)
{{
    least = Constant<value_float=1e-6>()
    most = Constant<value_float=0.999999>()
    likely = Clip(votes, least, most)
    {logits}
    probabilities = {activation}(logits)
    centred = Sub(features, mean)
    standard = Div(centred, spread)
    lowest = Constant<value_float=-8.0>()
    highest = Constant<value_float=8.0>()
    embedding = Clip(standard, lowest, highest)
}}
"""
OF_ONE_CLASS = "logits = Log(likely)"
OF_EACH_FAULT = """one = Constant<value_float=1.0>()
    unlikely = Sub(one, likely)
    odds = Div(likely, unlikely)
    logits = Log(odds)"""


class ExtraTrees(GraphHead):
    """See the family's configuration.

    The trees regress on the targets [example, class], 0 or 1: the squared error summed over the classes is the Gini
    impurity, so these are the trees that a classifier would grow, and several faults at once are nothing else.

    A feature that stands on a threshold but for its last bit sends a tree the other way, so the graph may differ from
    the module by a few trees' votes.
    """

    def __init__(self, config: ExtraTreesConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.config = config
        self.classes = len(spec.class_names)
        self.spectra = SpectralFrontEnd(config.spectral, data, spec.window_samples)
        self.parity_bound = FLIPPED_TREES / config.trees

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample] to [batch, feature]."""
        return self.spectra(*inputs)

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """As `LearnsAtOnce` says."""
        single = self.task == "multiclass"
        truth = torch.nn.functional.one_hot(labels, self.classes) if single else labels
        examples = features.cpu().numpy()
        trees = ExtraTreesRegressor(
            self.config.trees,
            max_features=1.0 / math.sqrt(examples.shape[1]),
            max_leaf_nodes=self.config.leaves,
            random_state=seed,
        )
        trees.fit(examples, truth.cpu().double().numpy())
        self.take_head(self._graph(trees, examples))

    def _graph(self, trees: ExtraTreesRegressor, examples: NDArray[np.float32]) -> onnx.ModelProto:
        """From `features` to the outputs of `Answer`."""
        converted = cast("onnx.ModelProto", to_onnx(trees, examples[:1], target_opset={"": OPSET, TREES: TREES_OPSET}))
        (ensemble,) = converted.graph.node
        ensemble.input[:], ensemble.output[:] = [FEATURES], [VOTES]
        single = self.task == "multiclass"
        answer = ANSWER_OF_VOTES.format(
            logits=OF_ONE_CLASS if single else OF_EACH_FAULT, activation="Softmax" if single else "Sigmoid"
        )
        spread = np.maximum(examples.std(axis=0), SMALLEST_SPREAD)
        graph = written(answer, mean=examples.mean(axis=0), spread=spread)
        graph.graph.node.insert(0, ensemble)
        graph.opset_import.append(onnx.helper.make_opsetid(TREES, TREES_OPSET))
        return graph
