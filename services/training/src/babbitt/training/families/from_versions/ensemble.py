"""The `ensemble` module: several versions' graphs in one, and the mean of their probabilities."""

from collections.abc import Sequence

import onnx
from torch import Tensor

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.families.composing import FEATURES, OnnxFunction, beside, joined, opened, written
from babbitt.training.families.graph_head import GraphHead
from babbitt.training.families.preset import BaseModel

TOLD = ("probabilities", "embedding")

SIDE_BY_SIDE = """
side_by_side ({inputs}) => (float[batch, told] features)
{{
    features = Concat<axis=1>({names})
}}
"""
SOFT_VOTE = """
soft_vote (float[batch, told] features)
    => (float[batch, class] logits, float[batch, class] probabilities, float[batch, place] embedding)
{{
    first = Constant<value_ints=[0]>()
    votes = Constant<value_ints=[{votes}]>()
    end = Constant<value_ints=[9223372036854775807]>()
    axis = Constant<value_ints=[1]>()
    shape = Constant<value_ints=[0, {members}, {classes}]>()
    of_members = Slice(features, first, votes, axis)
    by_member = Reshape(of_members, shape)
    probabilities = ReduceMean<keepdims=0>(by_member, axis)
    least = Constant<value_float=1e-6>()
    most = Constant<value_float=0.999999>()
    likely = Clip(probabilities, least, most)
    {logits}
    embedding = Slice(features, votes, end, axis)
}}
"""
OF_ONE_CLASS = "logits = Log(likely)"
OF_EACH_FAULT = """one = Constant<value_float=1.0>()
    unlikely = Sub(one, likely)
    odds = Div(likely, unlikely)
    logits = Log(odds)"""


class Ensemble(GraphHead):
    """See the family's configuration. Its embedding is the members' embeddings side by side."""

    def __init__(self, spec: ModelSpec, bases: Sequence[BaseModel]) -> None:
        super().__init__(spec)
        self.inputs = spec.inputs
        members = len(bases)
        taken = [f"{told}{member}" for told in TOLD for member in range(members)]
        gathered = SIDE_BY_SIDE.format(
            inputs=", ".join(f"float[batch, {name}_places] {name}" for name in taken), names=", ".join(taken)
        )
        asked, told = beside([opened(base.onnx, TOLD) for base in bases])
        joints = [(told[member][number], f"{TOLD[number]}{member}") for number in range(2) for member in range(members)]
        self.members = OnnxFunction(joined(asked, written(gathered), joints, [FEATURES], "members_"))
        classes = len(spec.class_names)
        logits = OF_EACH_FAULT if self.task == "multilabel" else OF_ONE_CLASS
        self.take_head(
            written(SOFT_VOTE.format(votes=members * classes, members=members, classes=classes, logits=logits))
        )

    def front_end(self, *inputs: Tensor) -> Tensor:
        """What the members say of inputs: probabilities, then embeddings [batch, told]."""
        return self.members(dict(zip(self.inputs, inputs, strict=True)))[0]

    def front_graph(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """The members' graphs beside one another."""
        del inputs
        return self.members.model

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """Nothing: the members have learnt."""
        del features, labels, seed
