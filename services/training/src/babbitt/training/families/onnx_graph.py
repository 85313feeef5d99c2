"""From a module to its ONNX graph."""

import logging
import warnings
from collections.abc import Sequence

import onnx
import torch
from torch import Tensor, nn


def traced(module: nn.Module, inputs: dict[str, Tensor], outputs: Sequence[str]) -> onnx.ModelProto:
    """The graph of `module` called with the values of `inputs`, whose names it takes; the batch of any size.

    What the exporter notes of source files is left out, so that equal weights give equal bytes.
    """
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    batch = torch.export.Dim("batch", min=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations are not the caller's
        program = torch.onnx.export(
            module,
            tuple(one if len(one) > 1 else one.repeat(2, *[1] * (one.ndim - 1)) for one in inputs.values()),
            dynamo=True,
            verbose=False,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes={"inputs": tuple({0: batch} for _ in inputs)},
        )
    assert program is not None
    return without_sources(program.model_proto)


def without_sources(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, silent about the code that it came from."""
    proto.doc_string = ""
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del proto.graph.metadata_props[:]
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del value.metadata_props[:]
    return proto
