"""Eight bits by ONNX Runtime's quantizers: with ranges from training windows, or taken anew at each run."""

import logging
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

from babbitt.training.fitting.variants.errors import NotMade
from babbitt.training.fitting.variants.optimised import with_used_domains
from babbitt.training.fitting.variants.parts import Parts, needed_for_novelty_alone
from babbitt.training.fitting.windows import Inputs

type Feed = dict[str, NDArray[np.float32]]

CALIBRATION_BATCH = 8
LAYERS = ("Conv", "Gemm", "MatMul", "Add", "Relu", "MaxPool")
"""What runs in eight bits: layers and what lies between them. A softmax in eight bits would round probabilities."""
DYNAMIC_LAYERS = ("Conv", "Gemm", "MatMul", "LSTM")
UNDECIDED = "logits"
"""The layer that makes these stays float32: its cost is nothing, its rounding would be the answer's."""


def static(parts: Parts, calibration: Inputs) -> ModelProto:
    """The head with QDQ nodes: weights int8 a channel, activations uint8 in the ranges that `calibration` gives them.

    Unsigned activations: processors with VNNI multiply them by signed weights in one instruction (measured: a quarter
    of the time of signed ones). Weights from -64 to 64: processors without VNNI saturate beyond, and would answer
    otherwise than the one that this is measured on.

    Raises:
        NotMade: no layer of it can be quantized.
    """
    last = [node.name for node in parts.head.graph.node if UNDECIDED in node.output]
    with _files(parts.head) as (given, made):
        quantize_static(
            given,
            made,
            _Reader(parts, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(LAYERS),
            nodes_to_exclude=[*last, *needed_for_novelty_alone(parts.head)],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return _quantized(onnx.load(made))


def dynamic(parts: Parts) -> ModelProto:
    """The head with int8 weights, its activations quantized at each run.

    Raises:
        NotMade: no layer of it can be quantized.
    """
    with _files(parts.head) as (given, made):
        quantize_dynamic(
            given,
            made,
            op_types_to_quantize=list(DYNAMIC_LAYERS),
            nodes_to_exclude=needed_for_novelty_alone(parts.head),
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        return _quantized(onnx.load(made))


class _Reader(CalibrationDataReader):
    """What the head reads for training windows, a few at a time."""

    def __init__(self, parts: Parts, inputs: Inputs) -> None:
        self._feeds = _feeds(parts, inputs)

    def get_next(self) -> Feed | None:  # pyright: ignore[reportIncompatibleMethodOverride] - None ends it
        """The next few windows."""
        return next(self._feeds, None)


def _feeds(parts: Parts, inputs: Inputs) -> Iterator[Feed]:
    front = onnxruntime.InferenceSession(parts.front.SerializeToString(), providers=["CPUExecutionProvider"])
    for start in range(0, len(inputs["waveform"]), CALIBRATION_BATCH):
        some = {name: values[start : start + CALIBRATION_BATCH].numpy() for name, values in inputs.items()}
        yield dict(zip(parts.cut, map(np.asarray, front.run(list(parts.cut), some)), strict=True))


def _quantized(head: ModelProto) -> ModelProto:
    if not any("QuantizeLinear" in node.op_type or "Integer" in node.op_type for node in head.graph.node):
        raise NotMade("no layer of its head but the last can be quantized")
    return with_used_domains(head)


@contextmanager
def _files(head: ModelProto) -> Generator[tuple[Path, Path]]:
    """The head as a file, and where a quantizer may write; it advises on standard error, which nobody asked for."""
    root = logging.getLogger()
    level = root.level
    with tempfile.TemporaryDirectory(prefix="babbitt-") as folder:
        given, made = Path(folder) / "head.onnx", Path(folder) / "quantized.onnx"
        onnx.save(head, given)
        root.setLevel(logging.ERROR)
        try:
            yield given, made
        finally:
            root.setLevel(level)
