"""Every family learns the same tiny set once; what came of it is shared by all that is asked about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import onnx
import pytest
import torch

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec, ModelSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.training_requests import Task
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import BaseModel, Preset
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.plan import Run
from babbitt.training.fitting.run import trainer_of
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.teach_novelty import teach_novelty
from babbitt.training.fitting.windows import Windows

CPU = torch.device("cpu")
RATE_HZ, SAMPLES, SHAFT_HZ = 12_000.0, 6_000, 30.0
FEWER_SAMPLES = 2_048
NEED_REVOLUTIONS = ("order_envelope",)
"""Families that need half a second; the others learn faster from less."""
LABELS = ("healthy", "outer_race", "inner_race")
STRIKES_A_TURN = {"healthy": 0.0, "outer_race": 3.5848, "inner_race": 5.4152}
LINE_HZ = {"healthy": 0.0, "outer_race": 60.0, "inner_race": 150.0}
RECORDS_PER_CLASS = 12
BEARING = BearingGeometry(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04)
ONE_CLASS = ("healthy_baseline",)
MADE_OF = {"prototype": ("spectral_small",), "ensemble": ("spectral_small", "logistic_small")}
EPOCHS = 12


def data_spec(samples: int) -> DataSpec:
    """Of a rolling bearing whose speed and geometry are known."""
    return DataSpec(
        channels=(Channel(),),
        sampling_rate_hz=RATE_HZ,
        record_samples=samples,
        shaft_speed="constant",
        shaft_speed_hz=SHAFT_HZ,
        bearing=BEARING,
        class_names=LABELS,
    )


def waveform(label: str, rng: np.random.Generator):
    """Noise; of a fault also its strikes, each of which rings at 3 kHz, and a line."""
    time_s = np.arange(SAMPLES) / RATE_HZ
    strikes = STRIKES_A_TURN[label] * SHAFT_HZ * time_s + rng.random()
    since_s = (strikes % 1.0) / max(STRIKES_A_TURN[label] * SHAFT_HZ, 1.0)
    ringing = np.exp(-since_s * 1500.0) * np.sin(2 * np.pi * 3000.0 * since_s)
    line = 0.3 * np.sin(2 * np.pi * (LINE_HZ[label] * time_s + rng.random()))
    fault = (ringing + line) * (label != "healthy")
    return (fault + 0.1 * rng.standard_normal(SAMPLES))[None].astype("<f4")


def tiny_records() -> Records:
    """Twelve of each class."""
    rng = np.random.default_rng(0)
    labels = [label for _ in range(RECORDS_PER_CLASS) for label in LABELS]
    entries = tuple(
        RecordEntry(
            record=f"r{i}", label=label, split="train", group=f"r{i}", shard=0, row=i, samples=SAMPLES, blake3="0" * 64
        )
        for i, label in enumerate(labels)
    )
    return Records(
        names=tuple(entry.record for entry in entries),
        waveforms=tuple(waveform(label, rng) for label in labels),
        entries=entries,
    )


@dataclass(frozen=True)
class Case:
    """A preset and what it is to learn."""

    preset: Preset
    data: DataSpec
    spec: ModelSpec
    windows: Windows
    bases: Sequence[BaseModel] = ()

    def build(self, seed: int = 0) -> WaveformClassifier:
        seed_torch(seed, "weights")
        model = self.preset.config.build(self.data, self.spec, self.bases)
        model.task = self.spec.task
        return model

    def learnt(self, seed: int = 0, **changes: object) -> WaveformClassifier:
        """A module that the real trainer has taught; one that learns health alone sees nothing else."""
        model = self.build(seed)
        records = range(self.windows.records)
        healthy = self.windows.record_targets()[:, 0] > 0.5
        learns = [i for i in records if healthy[i]] if self.spec.task == "one_class" else list(records)
        trainer = trainer_of(
            model,
            Run("", seed, tuple(learns), tuple(records)),
            self.windows,
            replace(self.preset.recipe, **{"batch_size": 8, "epochs": EPOCHS, "patience": EPOCHS, **changes}),
            Hardware(CPU),
            (),
            lambda: 1e9,
            begins_anew=True,
        )
        trainer.fit()
        teach_novelty(model, trainer.examples)
        return model.eval()

    @cached_property
    def taught(self) -> WaveformClassifier:
        """What `learnt` gives, once."""
        return self.learnt()

    @cached_property
    def exported(self) -> onnx.ModelProto:
        """The graph of what was taught, made once: it takes seconds."""
        return self.taught.to_onnx(self.windows.rows(slice(0, 2)))


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """So small nets gain nothing by more, and where processors are shared threads wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Case]:
    """Makes the case of a preset, for the task that it is for."""
    records = tiny_records()
    shorter = replace(records, waveforms=tuple(one[:, :FEWER_SAMPLES] for one in records.waveforms))
    made: dict[tuple[str, Task], Case] = {}

    def make(name: str, task: Task | None = None) -> Case:
        preset = load_presets().named(name)
        task = task or ("one_class" if preset.family in ONE_CLASS else "multiclass")
        if (name, task) not in made:
            long = preset.family in NEED_REVOLUTIONS
            raw = data_spec(SAMPLES if long else FEWER_SAMPLES)
            labelling = Labelling.of(raw, task, {})
            data, bases = labelling.data_spec(raw), [version(of) for of in MADE_OF.get(preset.family, ())]
            spec = preset.config.model_spec(name, data, bases)
            windows = Windows.of(records if long else shorter, data, spec, labelling)
            made[name, task] = Case(preset, data, spec, windows, bases)
        return made[name, task]

    @cache
    def version(name: str) -> BaseModel:
        """What a preset has learnt, as another version's file."""
        of, path = make(name), tmp_path_factory.mktemp(name) / "model.onnx"
        onnx.save(of.exported, path)
        return BaseModel(version=len(made), onnx=path, data_spec=of.data, model_spec=of.spec)

    return make
