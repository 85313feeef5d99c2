"""What the physics penalty of `order_envelope_net` gains: bearings never seen, with and without it.

Takes the folder with the drive-end recordings of Case Western's data centre; some ten minutes of one core.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accuracy_cwru import MAPPING
from bearing_windows import BearingWindows, data_spec, recorded, simulated
from cwru_unseen_size import HEALTHY, LABELS, LEARNT_OF_HEALTHY, SIZES
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.simulations import ROLLING_FAULTS, RollingSource
from babbitt.recordings.mapping import read_mapping
from babbitt.training.families.order_envelope.net import OrderEnvelopeNet
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.plan import Run
from babbitt.training.fitting.run import trainer_of
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.windows import Windows

PRESET = load_presets().named("order_envelope_net")
DATA = data_spec(ROLLING_FAULTS, 12_000.0)
SPEC = PRESET.config.model_spec(PRESET.name, DATA)
SEEDS, WEIGHTS, MACHINES = (0, 1, 2), (0.0, 0.1, 0.3, 1.0, 3.0), 100
HARDWARE = Hardware(torch.device("cpu"))


def learnt(windows: BearingWindows, weight: float, seed: int) -> OrderEnvelopeNet:
    """A module that all of these windows have taught, each as a record of its own."""
    seed_torch(seed, "weights")
    module = PRESET.config.build(DATA, SPEC)
    assert isinstance(module, OrderEnvelopeNet)
    targets = torch.eye(len(ROLLING_FAULTS))[torch.from_numpy(windows.labels)]
    names = [ROLLING_FAULTS[label] for label in windows.labels]
    entries = tuple(
        RecordEntry(record=str(i), label=name, split="train", group="", shard=0, row=i, samples=1, blake3="0" * 64)
        for i, name in enumerate(names)
    )
    pool = Windows(windows.inputs, targets, torch.arange(len(windows)), entries)
    recipe = replace(PRESET.recipe, physics_penalty=weight, class_weights="balanced")
    run = Run("", seed, tuple(range(len(windows))), ())
    trainer_of(module, run, pool, recipe, HARDWARE, (), lambda: 1e9, begins_anew=True).fit()
    return module


def shares_right(module: OrderEnvelopeNet, windows: BearingWindows) -> dict[int, float]:
    """Of each recording the share of windows that are answered right."""
    with torch.no_grad():
        answered = module(*windows.inputs.values()).logits.argmax(dim=-1).numpy()
    right: NDArray[np.bool_] = answered == windows.labels
    return {number: float(right[windows.recording == number].mean()) for number in np.unique(windows.recording)}


def unseen_size(windows: BearingWindows, weight: float, seed: int) -> tuple[float, float]:
    """Of sizes that were not learnt from the mean over nine recordings, and over what is left of the healthy one."""
    first = (windows.recording == HEALTHY) & (windows.ends <= LEARNT_OF_HEALTHY)
    rest = (windows.recording == HEALTHY) & ~first
    faulty, healthy = list[float](), list[float]()
    for numbers in SIZES.values():
        asked = np.isin(windows.recording, numbers)
        module = learnt(windows.chosen(~asked & ~rest), weight, seed)
        faulty += shares_right(module, windows.chosen(asked)).values()
        healthy += shares_right(module, windows.chosen(rest)).values()
    return float(np.mean(faulty)), float(np.mean(healthy))


def from_simulation(windows: BearingWindows, made: BearingWindows, weight: float, seed: int) -> tuple[float, float]:
    """Of real recordings, of a module that has learnt from simulated machines alone: faulty ones, and the healthy."""
    right = shares_right(learnt(made, weight, seed), windows)
    return float(np.mean([share for number, share in right.items() if number != HEALTHY])), right[HEALTHY]


def objections(windows: BearingWindows) -> dict[str, float]:
    """Share of windows of each fault whose truth the penalty objects to."""
    module = PRESET.config.build(DATA, SPEC).eval()
    assert isinstance(module, OrderEnvelopeNet)
    with torch.no_grad():
        features = module.front_end(*windows.inputs.values())
        truth = torch.eye(len(ROLLING_FAULTS))[torch.from_numpy(windows.labels)]
        objected = module.missing(features, truth) > 0
    labels = torch.from_numpy(windows.labels)
    return {name: float(objected[labels == i].float().mean()) for i, name in enumerate(ROLLING_FAULTS) if i}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, help="folder with 97.mat, 105.mat, ...")
    folder = parser.parse_args().recordings
    torch.set_num_threads(1)
    windows = recorded(folder, LABELS, read_mapping(MAPPING), SPEC)
    sources = [
        RollingSource(profile="rolling", machines_per_class=MACHINES, records_per_machine=2, seed=s) for s in SEEDS
    ]
    made = [simulated(source, SPEC) for source in sources]
    console = Console()
    console.print("share of windows whose truth it objects to, real:", objections(windows))
    console.print("simulated:", objections(made[0]))
    table = Table("weight", "unseen size", "its healthy", "from simulation", "its healthy", title="windows right")
    for weight in WEIGHTS:
        rows = [(*unseen_size(windows, weight, s), *from_simulation(windows, made[s], weight, s)) for s in SEEDS]
        cells = [f"{100 * np.mean(one):.1f} ± {100 * np.std(one):.1f}" for one in zip(*rows, strict=True)]
        table.add_row(f"{weight:g}", *cells)
    console.print(table)


if __name__ == "__main__":
    main()
