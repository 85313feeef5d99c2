"""A waveform net of two convolutions that has learnt two tones, and what it is measured on."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from babbitt.contracts.manifests import RecordEntry
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.examples import LiveExamples
from babbitt.training.fitting.teach_novelty import teach_novelty
from babbitt.training.fitting.windows import Windows

SAMPLES, WINDOWS_A_RECORD = 256, 2


class TwoTones(WaveformClassifier):
    """RMS 1 (fixed), then two convolutions (learnt), with the level past them, as waveform nets have it."""

    front_end_learns = True
    level_mean: torch.Tensor

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, 16, 9, stride=4, bias=False),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.Conv1d(16, 32, 9, stride=4),
            nn.ReLU(),
        )
        self.register_buffer("level_mean", torch.zeros(1))
        self.classes = nn.Linear(33, 2)

    def front_end(self, *inputs):
        rms = torch.sqrt(inputs[0].square().mean(dim=-1, keepdim=True) + 1e-12)
        return torch.cat([self.body(inputs[0] / rms).mean(dim=-1), torch.log(rms).squeeze(-1) - self.level_mean], dim=1)

    def standardise(self, features):
        pass

    def head(self, features):
        return self.classes(features), features


def make_windows(records, seed, *, noise=0.3):
    """Records of two windows each: class 0 has a slow tone, class 1 a fast one."""
    draw = np.random.default_rng(seed)
    classes = np.arange(records) % 2
    cycles = np.where(classes == 1, 24.0, 8.0)[:, None, None]
    time = np.arange(WINDOWS_A_RECORD * SAMPLES).reshape(1, WINDOWS_A_RECORD, SAMPLES) / SAMPLES
    phase = 2 * np.pi * draw.random((records, 1, 1))
    waveforms = np.sin(2 * np.pi * cycles * time + phase) + noise * draw.standard_normal((records, *time.shape[1:]))
    record = torch.arange(records).repeat_interleave(WINDOWS_A_RECORD)
    entries = tuple(
        RecordEntry(
            record=str(index), label="ab"[one], split="train", group="g", shard=0, row=0, samples=512, blake3="a" * 64
        )
        for index, one in enumerate(classes)
    )
    return Windows(
        inputs={"waveform": torch.from_numpy(waveforms.astype(np.float32).reshape(-1, 1, SAMPLES))},
        targets=torch.eye(2)[torch.from_numpy(classes)][record],
        record=record,
        entries=entries,
    )


@pytest.fixture(scope="package", autouse=True)
def one_thread():
    """What is this small is slower on several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


RECIPE = Recipe(epochs=8, batch_size=16, learning_rate=0.01, patience=8, augmentations=(), views=0)


@pytest.fixture(scope="package")
def training(one_thread):
    return make_windows(32, 0)


@pytest.fixture(scope="package")
def validation():
    return make_windows(40, 1)


@pytest.fixture(scope="package")
def examples(training):
    return LiveExamples(training, RECIPE, 0, torch.device("cpu"))


@pytest.fixture(scope="package")
def recipe():
    return RECIPE


@pytest.fixture(scope="package")
def net(training, examples):
    """The net after a few epochs."""
    torch.manual_seed(0)
    model = TwoTones()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(6):
        for rows in torch.randperm(len(training)).split(16):
            logits = model(*training.rows(rows).values()).logits
            loss = nn.functional.cross_entropy(logits, training.targets[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    teach_novelty(model.eval(), examples)
    return model


@pytest.fixture(scope="package")
def exported(net, training, tmp_path_factory):
    """Its ONNX file, which says what it is."""
    proto = net.to_onnx(training.rows(slice(0, 2)))
    onnx.helper.set_model_props(proto, {"babbitt.classes": "a\nb"})
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    path.write_bytes(proto.SerializeToString(deterministic=True))
    return path
