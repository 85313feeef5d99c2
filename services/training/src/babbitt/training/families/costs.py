"""What a preset costs, measured: a reference record through its exported graph on one thread."""

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor

from babbitt.contracts.bearings import FaultOrders
from babbitt.training.families.catalogue import MEMBER, Entry, described, reference_members
from babbitt.training.families.classifier import LearnsAtOnce, WaveformClassifier
from babbitt.training.families.preset import BaseModel
from babbitt.training.families.registry import Presets

EXAMPLES_PER_CLASS = 12
REPEATS, CHUNK = 15, 16


@dataclass(frozen=True, slots=True)
class Cost:
    """What one record takes.

    Attributes:
        embedding: how many numbers a window's has.
        file_bytes: size of the ONNX file, weights of noise.
        record_ms: processor time of all its windows in one batch, the least of several.
    """

    embedding: int
    file_bytes: int
    record_ms: float


def cost(presets: Presets, entry: Entry) -> Cost:
    """Build, teach noise where it learns at once, export, run."""
    with TemporaryDirectory() as folder:
        bases: list[BaseModel] = []
        if entry.members:
            file = Path(folder) / "member.onnx"
            onnx.save(_exported(described(presets, MEMBER), []), file)
            bases = reference_members(presets, file)[: entry.members]
        return measured(entry, _exported(entry, bases).SerializeToString())


def measured(entry: Entry, content: bytes) -> Cost:
    """Run a preset's ONNX file on one record of noise."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    fed = {name: values.numpy() for name, values in _inputs(entry, entry.windows).items()}
    (embedding,) = session.run(["embedding"], fed)
    took_s = [_took_s(session, fed) for _ in range(REPEATS)]
    return Cost(np.asarray(embedding).shape[1], len(content), 1e3 * min(took_s))


def _took_s(session: onnxruntime.InferenceSession, fed: dict[str, NDArray[np.float32]]) -> float:
    began = time.thread_time()
    session.run(None, fed)
    return time.thread_time() - began


def _exported(entry: Entry, bases: list[BaseModel]) -> onnx.ModelProto:
    model = entry.preset.config.build(entry.data, entry.spec, bases).eval()
    with torch.no_grad():
        _teach(model, entry)
    return model.to_onnx(_inputs(entry, 2))


def _teach(model: WaveformClassifier, entry: Entry) -> None:
    """What is learnt at once, and what is novel."""
    classes = len(entry.spec.class_names)
    windows = EXAMPLES_PER_CLASS * classes
    parts = zip(*(values.split(CHUNK) for values in _inputs(entry, windows).values()), strict=True)
    features = torch.cat([model.front_end(*part) for part in parts])
    labels = torch.arange(windows) % classes
    if isinstance(model, LearnsAtOnce):
        model.learn(features, torch.ones(windows, 1) if entry.spec.task == "one_class" else labels, 0)
    if model.novelty is not None:
        model.novelty.learn(model.head(features)[1], torch.nn.functional.one_hot(labels, classes))


def _inputs(entry: Entry, windows: int) -> dict[str, Tensor]:
    """Noise, and what is known of shaft and bearing, by name in the order of the specification."""
    data, spec = entry.data, entry.spec
    assert data.bearing is not None
    orders = FaultOrders.of(data.bearing)
    noise = torch.randn(windows, len(data.channels), spec.window_samples, generator=torch.Generator().manual_seed(0))
    known = {
        "waveform": noise,
        "shaft_speed_hz": torch.full((windows,), data.shaft_speed_hz or 0.0),
        "fault_orders": torch.tensor([[orders.outer_race, orders.inner_race, orders.ball, orders.cage]] * windows),
    }
    return {name: known[name] for name in spec.inputs}
