"""A graph cut in two where learning begins: the front end, which stays float32, and the head, which may shrink."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import onnx
from onnx import GraphProto, ModelProto, NodeProto, compose
from onnx.utils import Extractor

from babbitt.training.fitting.variants.errors import NotMade
from babbitt.training.fitting.variants.optimised import optimised

SHARED_PREFIX = "head."
NOVELTY = "novelty"


@dataclass(frozen=True, slots=True)
class Parts:
    """Both parts of a graph.

    Attributes:
        front: from the inputs to the tensors at the cut, and to outputs that nothing learnt has a part in.
        head: from the tensors at the cut to the other outputs. What it holds has names that `front` has not.
        cut: names of these tensors.
        whole: what both are of: its inputs, outputs and metadata are those of every variant.
    """

    front: ModelProto
    head: ModelProto
    cut: tuple[str, ...]
    whole: ModelProto

    @classmethod
    def of(cls, whole: ModelProto, learnt: Collection[str]) -> Self:
        """Cut before the first nodes that read a learnt parameter; both parts optimised.

        Args:
            whole: a graph whose nodes are sorted, as an exporter leaves it.
            learnt: names of the module's parameters, which are names of initializers.

        Raises:
            NotMade: no node reads any of them.
        """
        graph = whole.graph
        head = _downstream(graph, frozenset(learnt))
        if not head:
            raise NotMade("its head is no net with weights: there is nothing to make smaller")
        made = {name for node in head for name in node.output}
        before = {name for node in graph.node for name in node.output} - made | {value.name for value in graph.input}
        cut = tuple(dict.fromkeys(name for node in head for name in node.input if name in before))
        outputs = [value.name for value in graph.output]
        extractor = Extractor(whole)
        front_outputs = dict.fromkeys([*cut, *(name for name in outputs if name not in made)])
        front = extractor.extract_model([value.name for value in graph.input], list(front_outputs))
        rest = extractor.extract_model(list(cut), [name for name in outputs if name in made])
        return cls(optimised(front), _with_own_names(optimised(rest)), cut, whole)

    def joined(self, head: ModelProto) -> ModelProto:
        """The whole graph with another head.

        Raises:
            onnx.checker.ValidationError: the two do not fit.
        """
        model = compose.merge_models(self.front, _with_own_names(head), io_map=[(name, name) for name in self.cut])
        del model.graph.output[:]  # what lies at the cut may be one of them, which merging forgets
        model.graph.output.extend(self.whole.graph.output)
        del model.metadata_props[:]
        model.metadata_props.extend(self.whole.metadata_props)
        model.graph.name, model.graph.doc_string = self.whole.graph.name, ""
        model.producer_name, model.producer_version = self.whole.producer_name, self.whole.producer_version
        onnx.checker.check_model(model)
        return model


def needed_for_novelty_alone(head: ModelProto) -> list[str]:
    """Names of the nodes that no output but `novelty` needs.

    Rounded, a distance would be of the rounding; in half precision its square is soon infinite.
    """
    outputs = [value.name for value in head.graph.output]
    others = _upstream(head.graph, frozenset(outputs) - {NOVELTY})
    return [name for name in _upstream(head.graph, frozenset({NOVELTY})) if name not in others]


def _upstream(graph: GraphProto, names: frozenset[str]) -> list[str]:
    """Names of the nodes that make any of these, or what such nodes read."""
    wanted = set(names)
    found: list[str] = []
    for node in reversed(graph.node):
        if not wanted.isdisjoint(node.output):
            wanted.update(node.input)
            found.append(node.name)
    return found


def _downstream(graph: GraphProto, names: frozenset[str]) -> list[NodeProto]:
    """The nodes that read any of these names, or what such nodes make."""
    reached = set(names)
    found: list[NodeProto] = []
    for node in graph.node:
        if not reached.isdisjoint(node.input):
            reached.update(node.output)
            found.append(node)
    return found


def _with_own_names(head: ModelProto) -> ModelProto:
    """The same graph with a prefix before its constants, some of which the front end holds under the same names."""
    renamed = {one.name: one.name for one in head.graph.initializer}
    renamed = {name: name if name.startswith(SHARED_PREFIX) else SHARED_PREFIX + name for name in renamed}
    model = ModelProto()
    model.CopyFrom(head)
    for one in model.graph.initializer:
        one.name = renamed[one.name]
    del model.graph.value_info[:]  # it names the cut too, which the front end does already
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    return model
