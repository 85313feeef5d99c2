"""Answers of an exported graph, by ONNX Runtime: what serves is what is evaluated."""

from collections.abc import Sequence
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
        return self._told((name,), inputs)[name]

    def all_outputs(self, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
        """All of them, by name."""
        return self._told(self.outputs, inputs)

    def _told(self, names: Sequence[str], inputs: Inputs) -> dict[str, NDArray[np.float32]]:
        windows = len(inputs["waveform"])
        chunks = (slice(start, start + BATCH) for start in range(0, windows, BATCH))
        answers = [
            self._session.run(names, {given: values[chunk].numpy() for given, values in inputs.items()})
            for chunk in chunks
        ]
        return {name: np.concatenate([np.asarray(one[at]) for one in answers]) for at, name in enumerate(names)}
