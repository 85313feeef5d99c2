"""Answers of an exported graph, by ONNX Runtime: what serves is what is evaluated."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from torch import Tensor

BATCH = 32


class OnnxAnswers:
    """Runs an ONNX file on the processor.

    Args:
        path: the file.
        threads: processor threads.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probabilities(self, waveforms: Tensor) -> NDArray[np.float32]:
        """[window, channel, sample] to [window, class]."""
        answers = [
            np.asarray(self._session.run(["probabilities"], {"waveform": batch.numpy()})[0])
            for batch in waveforms.split(BATCH)
        ]
        return np.concatenate(answers)
