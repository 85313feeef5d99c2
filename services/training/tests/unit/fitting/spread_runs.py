"""Trainings that each process of a group does its part of; run by torch's launcher, they leave what came of them.

`python -m torch.distributed.run --standalone --nproc-per-node=2 spread_runs.py DATA OUT`
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.domain.place import Place
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.layout import checkpoint_name
from babbitt.training.fitting.plan import Run
from babbitt.training.fitting.plugins.checkpointing import Checkpointing
from babbitt.training.fitting.run import trainer_of
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.windows import Windows

DIGEST = "0" * 64
DIES_AT = Place(1, 1, 2)
STEADY = {"epochs": 2, "patience": 2, "batch_size": 7, "augmentations": ()}
HASTY = {"epochs": 8, "patience": 1, "learning_rate": 0.1}


class Killed(Exception):
    """Stands for the end of a process."""


def prepared(data, preset, hardware, plugins=(), **changes):
    """A trainer on the dataset's two splits."""
    folder = DatasetFolder(data)
    spec = folder.manifest.data_spec
    records = folder.records("train").joined(folder.records("validation"))
    learns, stops = (
        tuple(row for row, entry in enumerate(records.entries) if (entry.split == "train") is of_training)
        for of_training in (True, False)
    )
    known = load_presets().named(preset)
    reads = known.config.model_spec(known.name, spec)
    seed_torch(0, "weights")
    model = known.config.build(spec, reads)
    pool = Windows.of(records, spec, reads, Labelling.of(spec, None, {}))
    recipe = replace(known.recipe, **changes)
    run = Run("", 0, learns, stops)
    return trainer_of(model, run, pool, recipe, hardware, plugins, lambda: 1e9, begins_anew=True)


def outcome(trainer):
    trainer.fit()
    return {
        "weights": trainer.model.state_dict(),
        "losses": [(one.train_loss, one.validation_loss) for one in trainer.history],
        "stopped": trainer.stopped,
    }


def save_and_die(training, epoch, step, *, folder, hardware):
    if hardware.leads:
        checkpoints.save(Checkpoint(DIGEST, Place(1, epoch, step), 1, training.state(), ranks=2), folder)
    if Place(1, epoch, step) == DIES_AT:
        raise Killed


def resumed(data, folder, hardware):
    saves = Checkpointing(partial(save_and_die, folder=folder, hardware=hardware), every_s=0.0)
    try:
        prepared(data, "resnet1d_small", hardware, (saves,), **STEADY).fit()
    except Killed:
        hardware.agreed(yes=True)  # the file is there
    again = prepared(data, "resnet1d_small", hardware, (Checkpointing(lambda *_: None),), **STEADY)
    again.restore(checkpoints.load(folder / checkpoint_name(DIES_AT), request_sha256=DIGEST).trainer)
    return outcome(again)


def said_of(data, preset, out, hardware):
    """What a whole fit says in this process, short of the files that the first one makes alone."""
    dataset = DatasetFolder(data)
    changes = {"epochs": 1, "patience": 1} if preset.startswith("spectral") else {}
    request = TrainRequested(
        model="pump", dataset=dataset.manifest.dataset_id, preset=preset, overrides=TrainOverrides(**changes)
    )
    said = []
    fit = Fit(load_presets(), request, dataset, out, said.append)
    fit.run(resume=False, threads=1, hardware=hardware, trial=True)
    return [one.event for one in said]


def main(data, out):
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    hardware = Hardware.chosen("cpu")
    with hardware.joined():
        came = {
            "resnet1d": outcome(prepared(data, "resnet1d_small", hardware, **STEADY)),
            "again": outcome(prepared(data, "resnet1d_small", hardware, **STEADY)),
            "resumed": resumed(data, out, hardware),
            "spectral": outcome(prepared(data, "spectral_small", hardware, **HASTY)),
        }
        for preset in ("spectral_small", "logistic_small"):
            came[f"said of {preset}"] = said_of(data, preset, out / preset, hardware)
    torch.save(came, out / f"rank-{hardware.rank}.pt")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
