"""Constants folded and needless nodes removed, once, instead of at every load."""

import tempfile
from pathlib import Path

import onnx
import onnxruntime
from onnx import ModelProto


def optimised(model: ModelProto) -> ModelProto:
    """The same graph after ONNX Runtime's basic optimisations, which every runtime and processor can read.

    Higher levels write nodes that only this processor's ONNX Runtime knows; it makes those itself at each load.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory(prefix="babbitt-") as folder:
        path = Path(folder) / "optimised.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return with_used_domains(onnx.load(path))


def with_used_domains(model: ModelProto) -> ModelProto:
    """The same graph without imports of operator sets that no node is of."""
    used = {node.domain for node in model.graph.node} | {""}
    kept = [one for one in model.opset_import if one.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    return model
