"""Answers of an ONNX file: what serves is what is evaluated."""

from pathlib import Path

import numpy as np
import onnxruntime

from babbitt.training.fitting.evaluating.answering import Inputs, WindowAnswers

ERRORS_ONLY = 3


class OnnxAnswering:
    """Answers windows by an ONNX file on the processor.

    Args:
        path: the file.
        threads: processor threads.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._read = tuple(one.name for one in self._session.get_inputs())
        told = {one.name for one in self._session.get_outputs()}
        self._wanted = [name for name in WindowAnswers._fields if name in told]

    def __call__(self, inputs: Inputs) -> WindowAnswers:
        """Of windows [window, ...]."""
        told = self._session.run(self._wanted, {name: inputs[name] for name in self._read})
        return WindowAnswers(**dict(zip(self._wanted, map(np.asarray, told), strict=True)))
