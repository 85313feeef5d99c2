"""How often `spectral_base` calls a record novel: of faults that it never learnt, and of those that it did.

Trains on JBFD-11 without two of its classes by the process that runs a job, then asks its file about fresh records of
all classes, from a dataset seed that nothing was trained on. `python bench/novelty.py [--quick]`: minutes of one core.
"""

import argparse
import json
import subprocess
import sys
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from accuracy_jbfd11 import BATCH, FRESH_SEED, NOISE_DB, PRESET, fresh_records, session
from rich.console import Console
from rich.table import Table
from simulated_folder import write_folder

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.simulations import JournalSource
from babbitt.training.fitting.evaluating.ranking import auroc

LEFT_OUT = (("oilwhirl", "usure"), ("desequilibre", "mixed_misalign_imbalance"), ("lubrification", "cavitation"))
CONSOLE = Console()


def measured(folder: Path, *, quick: bool = False) -> list[dict[str, Any]]:
    """For each two classes left out: shares of records called novel, and the AUROC of the score."""
    source = JournalSource(records_per_class=40 if quick else 320, noise_copies_db=())
    dataset = write_folder(folder / "data", source).dataset_id
    fresh = source.model_copy(update={"seed": FRESH_SEED, "records_per_class": 8 if quick else 40})
    pairs = LEFT_OUT[:1] if quick else LEFT_OUT
    return [asked(trained(folder, dataset, pair, quick=quick), pair, fresh) for pair in pairs]


def trained(folder: Path, dataset: str, left_out: tuple[str, ...], *, quick: bool) -> tuple[Path, ModelSpec]:
    """The file of a training on all other classes, and what is served with it."""
    name = "-".join(left_out)
    request, out = folder / f"{name}.json", folder / name
    overrides = {"epochs": 4, "views": 1} if quick else {}
    wanted = {"model": "novelty", "dataset": dataset, "preset": PRESET, "overrides": overrides}
    request.write_text(json.dumps(wanted | {"class_map": dict.fromkeys(left_out)}))
    command = [sys.executable, "-m", "babbitt.training", "fit", request, "--data", folder / "data", "--out", out]
    said = subprocess.run([*command, "--threads", "1"], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    return out / "model.onnx", ModelSpec.model_validate(json.loads(said[-1])["model_spec"])


def asked(model: tuple[Path, ModelSpec], left_out: tuple[str, ...], fresh: JournalSource) -> dict[str, Any]:
    """What it calls novel of fresh records, clean and in noise; each is one window."""
    path, spec = model
    assert spec.novelty is not None
    file, labels, scores = session(path), list[int](), list[np.ndarray]()
    for some in batched(fresh_records(fresh), BATCH):
        labels += [label for label, _, _ in some]
        views = (np.stack([clean for _, clean, _ in some]), np.stack([noisy for _, _, noisy in some]))
        scores.append(np.stack([np.asarray(file.run(["novelty"], {"waveform": view})[0]) for view in views]))
    clean, noisy = np.concatenate(scores, axis=1).astype(np.float64)
    names = np.array(fresh.classes)[labels]
    unknown = np.isin(names, left_out)
    novel = clean > spec.novelty.threshold
    return {
        "left_out": left_out,
        "threshold": spec.novelty.threshold,
        "groups": spec.novelty.groups,
        "note": spec.novelty.note,
        "known_called_novel": float(novel[~unknown].mean()),
        "known_in_noise_called_novel": float((noisy > spec.novelty.threshold)[~unknown].mean()),
        "auroc": auroc(unknown, clean),
        "novel_by_class": {name: float(novel[names == name].mean()) for name in fresh.classes},
        "median_score": {name: float(np.median(clean[names == name])) for name in fresh.classes},
    }


def show(found: list[dict[str, Any]]) -> None:
    """Print it."""
    table = Table(title="Shares of fresh records that are called novel; of known ones 1 % is nominal")
    columns = (
        "never learnt",
        "of these",
        "of the known",
        f"the known at {NOISE_DB} dB",
        "AUROC",
        "threshold",
        "groups",
    )
    for column in columns:
        table.add_column(column)
    for one in found:
        shares = ", ".join(f"{name} {one['novel_by_class'][name]:.1%}" for name in one["left_out"])
        known = (f"{one[name]:.1%}" for name in ("known_called_novel", "known_in_noise_called_novel"))
        row = (f"{one['auroc']:.4f}", f"{one['threshold']:.2f}", str(one["groups"]))
        table.add_row(" and ".join(one["left_out"]), shares, *known, *row)
    CONSOLE.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little of it, to try")
    parser.add_argument("--json", action="store_true", help="all numbers")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = measured(Path(folder), quick=options.quick)
    print(json.dumps(result, indent=1)) if options.json else show(result)
