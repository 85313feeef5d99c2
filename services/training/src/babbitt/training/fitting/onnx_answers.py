"""Answers of an exported graph, by ONNX Runtime: what serves is what is evaluated."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from babbitt.training.fitting.windows import Inputs

BATCH = 32


class OnnxAnswers:
    """Runs an ONNX file on the processor.

    Args:
        file: where it is, or what is in it.
        threads: processor threads.
    """

    def __init__(self, file: Path | bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.outputs = tuple(one.name for one in self._session.get_outputs())

    def probabilities(self, inputs: Inputs) -> NDArray[np.float32]:
        """Of windows: [window, class]."""
        return self.output("probabilities", inputs)

    def output(self, name: str, inputs: Inputs) -> NDArray[np.float32]:
        """One output of the graph for windows [window, ...]."""
        windows = len(inputs["waveform"])
        chunks = (slice(start, start + BATCH) for start in range(0, windows, BATCH))
        answers = [
            np.asarray(self._session.run([name], {given: values[chunk].numpy() for given, values in inputs.items()})[0])
            for chunk in chunks
        ]
        return np.concatenate(answers)
