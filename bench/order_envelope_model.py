"""`order_envelope` without a service around it: built, asked for features, exported, timed."""

import time
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from bearing_windows import BearingWindows, data_spec
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.module import OrderEnvelope

PRESET, RATE_HZ = "order_envelope_base", 12_000.0
BATCH = 32

type Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """A taught module, and the file that serves."""

    session: onnxruntime.InferenceSession
    spec: ModelSpec

    def __call__(self, windows: BearingWindows) -> Probabilities:
        """Of each window [window, class]."""
        return self._told("probabilities", windows)

    def novelty(self, windows: BearingWindows) -> Probabilities:
        """Of each window [window]."""
        return self._told("novelty", windows)

    def _told(self, output: str, windows: BearingWindows) -> Probabilities:
        inputs = {name: values.numpy() for name, values in windows.inputs.items()}
        batches = (
            {name: all_[at : at + BATCH] for name, all_ in inputs.items()} for at in range(0, len(windows), BATCH)
        )
        return np.concatenate([np.asarray(self.session.run([output], batch)[0]) for batch in batches])

    def window_ms(self, windows: BearingWindows, rounds: int = 10, calls: int = 50) -> float:
        """Processor time of one thread for a window: the lowest of several medians, for others use the machine, too."""
        one = {name: values[:1].numpy() for name, values in windows.inputs.items()}
        medians: list[float] = []
        for _ in range(rounds):
            spent: list[float] = []
            for _ in range(calls):
                begun = time.thread_time()
                self.session.run(["probabilities"], one)
                spent.append(time.thread_time() - begun)
            medians.append(1000 * float(np.median(spent)))
        return min(medians)


def built(config: OrderEnvelopeConfig, classes: tuple[str, ...]) -> tuple[OrderEnvelope, ModelSpec]:
    """An untrained module, and what it reads."""
    data = data_spec(classes, RATE_HZ)
    spec = config.model_spec(PRESET, data)
    module = config.build(data, spec)
    assert isinstance(module, OrderEnvelope)
    return module.eval(), spec


def features_of(module: OrderEnvelope, windows: BearingWindows) -> torch.Tensor:
    """Of each window [window, feature]."""
    with torch.no_grad():
        parts = zip(*(values.split(BATCH) for values in windows.inputs.values()), strict=True)
        return torch.cat([module.front_end(*part) for part in parts])


def exported(module: OrderEnvelope, spec: ModelSpec, windows: BearingWindows) -> Model:
    """The file that a taught module becomes, on one thread."""
    graph = module.to_onnx({name: values[:2] for name, values in windows.inputs.items()})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return Model(
        onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"]), spec
    )
