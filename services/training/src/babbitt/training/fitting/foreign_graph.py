"""The graph of an ONNX file that was trained elsewhere: what is refused before anything loads it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx

from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.variants.errors import TOOL_ERRORS

LARGEST_BYTES = 512 * 1024 * 1024
MOST_NODES = 100_000
ONNX_DOMAINS = ("", "ai.onnx")

type Message = onnx.ModelProto | onnx.GraphProto | onnx.FunctionProto | onnx.NodeProto | onnx.AttributeProto


def check_graph(path: Path) -> None:
    """Hold a file against what may be loaded at all.

    Raises:
        BadRequest: it is too large, no ONNX, of operators to come, or its weights lie elsewhere.
    """
    if (size := path.stat().st_size) > LARGEST_BYTES:
        raise BadRequest(f"artifact: {size} bytes; at most {LARGEST_BYTES} are accepted")
    try:
        onnx.checker.check_model(str(path))  # of a path it tells by its own error what is no ONNX at all
        model = onnx.load(path, load_external_data=False)
    except TOOL_ERRORS as error:
        raise BadRequest(f"artifact: it is no ONNX file: {said(error, path)}") from error
    newest = onnx.defs.onnx_opset_version()
    if beyond := [one.version for one in model.opset_import if one.domain in ONNX_DOMAINS and one.version > newest]:
        raise BadRequest(f"artifact: its operators are those of opset {beyond[0]}; up to {newest} is accepted")
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(model)):
        raise BadRequest("artifact: its weights lie in other files; a file that holds them itself is accepted")
    if (nodes := _Expanded(model).nodes(model.graph.node)) > MOST_NODES:
        raise BadRequest(
            f"artifact: {nodes:.7g} nodes, functions and branches expanded; at most {MOST_NODES} are accepted"
        )


def said(error: Exception, path: Path) -> str:
    """In a line, without the place where the file happens to lie here."""
    return (str(error) or type(error).__name__).splitlines()[0].replace(str(path), "the file")[:300]


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    """All that a message holds at any depth: in functions, branches and sparse tensors too."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for one in value if field.is_repeated else (value,):
            if isinstance(one, onnx.TensorProto):
                yield one
            else:
                yield from _tensors(one)


class _Expanded:
    """Counts nodes as they run: a function's wherever it is called, for ONNX Runtime puts them there."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._functions = {_name(one.domain, one.name, one.overload): one for one in model.functions}
        self._counted: dict[tuple[str, str, str], int] = {}

    def nodes(self, some: Iterable[onnx.NodeProto]) -> int:
        """How many these come to; the checker has refused functions that call themselves, or a hundred deep."""
        return sum(1 + self._called(node) + self._branches(node) for node in some)

    def _called(self, node: onnx.NodeProto) -> int:
        name = _name(node.domain, node.op_type, node.overload)
        if name not in self._functions:
            return 0
        if name not in self._counted:
            self._counted[name] = self.nodes(self._functions[name].node)
        return self._counted[name]

    def _branches(self, node: onnx.NodeProto) -> int:
        graphs = (graph for one in node.attribute for graph in (one.g, *one.graphs))
        return sum(self.nodes(graph.node) for graph in graphs)


def _name(domain: str, name: str, overload: str) -> tuple[str, str, str]:
    return "" if domain in ONNX_DOMAINS else domain, name, overload
