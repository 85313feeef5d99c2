"""Half precision, for CUDA."""

import warnings

import onnx
from onnx import ModelProto
from onnxruntime.quantization.onnx_model import ONNXModel
from onnxruntime.transformers.float16 import convert_float_to_float16

from babbitt.training.fitting.variants.parts import needed_for_novelty_alone


def half_precision(head: ModelProto) -> ModelProto:
    """The head in float16; its inputs, its outputs and what computes `novelty` alone in float32."""
    model = ModelProto()
    model.CopyFrom(head)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weights below half precision's least become its least: no news
        halved = ONNXModel(
            convert_float_to_float16(
                onnx.shape_inference.infer_shapes(model),
                keep_io_types=True,
                node_block_list=needed_for_novelty_alone(model),
            )
        )
    halved.topological_sort()
    return halved.model
