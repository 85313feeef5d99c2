"""Graphs made of graphs: what other versions or other libraries compute becomes part of one ONNX file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self, override

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import compose, numpy_helper, parser, version_converter
from onnx.utils import Extractor
from torch import Tensor

from babbitt.training.families.errors import UnsuitableBase

FEATURES = "features"
"""Name of what a head reads."""
OPSET = 20
IR_VERSION = 10
STANDARD_DOMAINS = ("", "ai.onnx")


def written(text: str, **constants: NDArray[np.float32]) -> onnx.ModelProto:
    """The graph that `text` says in ONNX's own notation, from `<name> (<inputs>) => (<outputs>) { … }` on.

    Args:
        text: where it names tensors that no node makes, these are `constants`.
        constants: float32, by name.
    """
    model = parser.parse_model(f'<ir_version: {IR_VERSION}, opset_import: ["" : {OPSET}]>\n{text}')
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    return model


def opened(path: Path, outputs: Sequence[str]) -> onnx.ModelProto:
    """Another version's graph as far as `outputs` need it, without its metadata, in our operator set.

    Raises:
        UnsuitableBase: it has no such output, or cannot be brought to our operator set.
    """
    model = onnx.load(path)
    del model.metadata_props[:]
    if missing := set(outputs) - {output.name for output in model.graph.output}:
        raise UnsuitableBase(f"its file has no output {', '.join(sorted(missing))}")
    model = Extractor(model).extract_model([one.name for one in model.graph.input], list(outputs))
    del model.graph.value_info[:]  # the inputs are among them, which would be renamed with them
    return _in_our_operator_set(model)


def joined(
    first: onnx.ModelProto,
    second: onnx.ModelProto,
    joints: Sequence[tuple[str, str]],
    outputs: Sequence[str],
    prefix: str = "front_",
) -> onnx.ModelProto:
    """One graph of two: each of `joints` is an output of the first that is an input of the second.

    The first one's inputs keep their names, its other tensors get a prefix, so that no two have the same name.
    """
    first = compose.add_prefix(first, prefix, rename_inputs=False, inplace=False)
    for model in (first, second):
        model.ir_version = IR_VERSION
    return compose.merge_models(
        first,
        second,
        io_map=[(prefix + output, taken) for output, taken in joints],
        outputs=list(outputs),
        name="babbitt",
        producer_name="babbitt",
    )


def with_reader(model: onnx.ModelProto, reader: onnx.ModelProto, joint: str, output: str) -> onnx.ModelProto:
    """A graph with one output more, which `reader` makes of the output `joint`; that one stays, too."""
    reader = compose.add_prefix(reader, f"{output}_", rename_outputs=False, inplace=False)
    for one in (model, reader):
        one.ir_version = IR_VERSION
    outputs = [*(one.name for one in model.graph.output), output]
    return compose.merge_models(model, reader, io_map=[(joint, f"{output}_{joint}")], outputs=outputs)


def beside(models: Sequence[onnx.ModelProto]) -> tuple[onnx.ModelProto, list[list[str]]]:
    """One graph of several that read the same inputs, and what it calls the outputs of each."""
    parts = [
        compose.add_prefix(model, f"{number}_", rename_inputs=False, inplace=False)
        for number, model in enumerate(models)
    ]
    graph = onnx.helper.make_graph(
        [node for part in parts for node in part.graph.node],
        "beside",
        parts[0].graph.input,
        [output for part in parts for output in part.graph.output],
        [constant for part in parts for constant in part.graph.initializer],
    )
    versions = {entry.domain: entry.version for part in parts for entry in part.opset_import}
    model = onnx.helper.make_model(
        graph,
        opset_imports=[onnx.helper.make_opsetid(domain, version) for domain, version in versions.items()],
        functions=[function for part in parts for function in part.functions],
        ir_version=IR_VERSION,
    )
    return model, [[output.name for output in part.graph.output] for part in parts]


def _in_our_operator_set(model: onnx.ModelProto) -> onnx.ModelProto:
    versions = {entry.domain: entry.version for entry in model.opset_import}
    if any(versions.get(domain, OPSET) != OPSET for domain in STANDARD_DOMAINS):
        try:
            return version_converter.convert_version(model, OPSET)
        except RuntimeError as error:
            raise UnsuitableBase(f"its file cannot be brought to ONNX operator set {OPSET}") from error
    return model


class OnnxFunction:
    """Runs a graph on the processor, one thread: for modules that hold what no torch operator computes."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self._session: onnxruntime.InferenceSession | None = None

    def __call__(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """All outputs of the graph, on the device of the inputs."""
        if self._session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            content = self.model.SerializeToString(deterministic=True)
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        device = next(iter(inputs.values())).device
        fed = {name: value.detach().cpu().numpy() for name, value in inputs.items()}
        return [torch.from_numpy(np.asarray(one)).to(device) for one in self._session.run(None, fed)]

    @override
    def __reduce__(self) -> tuple[type[Self], tuple[onnx.ModelProto]]:
        return type(self), (self.model,)

    def state(self) -> Tensor:
        """Its graph as bytes [byte], uint8."""
        content = bytearray(self.model.SerializeToString(deterministic=True))
        return torch.frombuffer(content, dtype=torch.uint8)

    @classmethod
    def of(cls, state: Tensor) -> Self:
        """What `state` was taken of."""
        return cls(onnx.load_from_string(state.cpu().numpy().tobytes()))
