"""How often `spectral_base` is right on JBFD-11, and how long it takes for a record.

Trains on the benchmark dataset by the process that runs a job (`python -m babbitt.training fit`), once with each seed.
Its ONNX files then answer fresh records, which come from a dataset seed that nothing was trained or tuned on, as they
are and in white noise at 5 dB. The interval resamples records.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import bootstrap
from simulated_folder import write_folder

from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.noisy_copies import NoisyCopies

SEEDS = (0, 1, 2)
FRESH_SEED = 20_270_117
NOISE_DB = 5
PRESET = "spectral_base"
TARGETS = {"record_accuracy": "at least 0.998", "snr5_loss_points": "at most 0.5", "record_ms_one_thread": "at most 2"}
PUBLISHED = "CNN-LSTM 99.43 +- 0.15 %, at 5 dB 3.54 points less"
BATCH = 16
CONSOLE = Console()


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of it is done.

    Attributes:
        seeds: of the trainings.
        records_per_class, fresh_per_class: of the benchmark dataset, and of the fresh records.
        duration_s: of a record.
        overrides: of the preset's recipe.
    """

    seeds: tuple[int, ...] = SEEDS
    records_per_class: int = 320
    fresh_per_class: int = 480
    duration_s: float = 5.0
    overrides: dict[str, Any] | None = None


WHOLE = Extent()
SMOKE = Extent(seeds=(0,), records_per_class=24, fresh_per_class=8, duration_s=1.0, overrides={"epochs": 3, "views": 1})


def measured(folder: Path, *, quick: bool = False) -> dict[str, Any]:
    """All of it, in a folder that has room for 2 GB; `{"jbfd11": {…}}`, lists over seeds, accuracies as fractions."""
    extent = SMOKE if quick else WHOLE
    source = JournalSource(records_per_class=extent.records_per_class, duration_s=extent.duration_s, noise_copies_db=())
    CONSOLE.print(f"Making {len(source.classes) * source.records_per_class} records to learn from", style="dim")
    dataset = write_folder(folder / "data", source).dataset_id
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # one thread each
        completed = list(pool.map(partial(trained, folder, dataset, extent.overrides), extent.seeds))
    models = [folder / f"seed-{seed}" / "model.onnx" for seed in extent.seeds]
    fresh = source.model_copy(update={"seed": FRESH_SEED, "records_per_class": extent.fresh_per_class})
    clean, noisy, mistaken = answered(models, fresh)
    found = {
        "seeds": list(extent.seeds),
        "record_accuracy": clean.mean(axis=1).tolist(),
        "record_accuracy_interval": interval(clean),
        "snr5_loss_points": (100 * (clean.mean(axis=1) - noisy.mean(axis=1))).tolist(),
        "snr5_record_accuracy": noisy.mean(axis=1).tolist(),
        "record_ms_one_thread": [record_ms(model, source) for model in models],
        "fresh_records": clean.shape[1],
        "published_split_accuracy": [one["evaluation"]["record_accuracy"] for one in completed],
        "published_split_records": completed[0]["evaluation"]["records"],
        "training_seconds": [one["seconds"] for one in completed],
        "mistaken": [{"at": at, "is": truth, "answered": answer, "times": n} for (at, truth, answer), n in mistaken],
    }
    return {"jbfd11": found}


def trained(folder: Path, dataset: str, overrides: dict[str, Any] | None, seed: int) -> dict[str, Any]:
    """Train with a seed on one thread; what the process says at its end."""
    request, out = folder / f"request-{seed}.json", folder / f"seed-{seed}"
    wanted = {"model": "jbfd11", "dataset": dataset, "preset": PRESET, "seed": seed, "overrides": overrides or {}}
    request.write_text(json.dumps(wanted))
    command = [sys.executable, "-m", "babbitt.training", "fit", request, "--data", folder / "data", "--out", out]
    with subprocess.Popen([*command, "--threads", "1"], stdout=subprocess.PIPE, text=True) as fit:
        assert fit.stdout is not None
        for line in fit.stdout:
            said: dict[str, Any] = json.loads(line)
            if said["event"] == "epoch":
                losses = f"loss {said['train_loss']:.4f}, of validation {said['validation_loss']:.4f}"
                CONSOLE.print(f"seed {seed}: epoch {said['epoch']} of {said['epochs']}, {losses}", style="dim")
            if said["event"] == "completed":
                return said
    raise SystemExit(f"the training with seed {seed} failed")


def answered(
    models: list[Path], source: JournalSource
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[tuple[tuple[str, str, str], int]]]:
    """Whether each file is right of each record [model, record], clean and in noise; and what is taken for what."""
    sessions = [session(model) for model in models]
    right: list[NDArray[np.bool_]] = []
    mistaken: Counter[tuple[str, str, str]] = Counter()
    total = -(-len(source.classes) * source.records_per_class // BATCH)
    for some in track(batched(fresh_records(source), BATCH), "Fresh records", total, console=CONSOLE):
        labels = np.array([label for label, _, _ in some])
        answers = np.array(
            [
                [
                    np.asarray(run.run(["probabilities"], {"waveform": np.stack(waveforms)})[0]).argmax(axis=1)
                    for run in sessions
                ]
                for waveforms in ([clean for _, clean, _ in some], [noisy for _, _, noisy in some])
            ]
        )
        right.append(answers == labels)
        for place, model, record in np.argwhere(answers != labels).tolist():
            truth, answer = source.classes[labels[record]], source.classes[answers[place, model, record]]
            mistaken[("clean", f"{NOISE_DB} dB")[place], truth, answer] += 1
    clean, noisy = np.concatenate(right, axis=2)
    return clean, noisy, mistaken.most_common()


def fresh_records(source: JournalSource) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
    """Class, samples [1, sample] and the same in noise, of each record."""
    plan = JournalPlan(source, SplitSpec())
    copies, record = NoisyCopies(source.seed, (NOISE_DB,), 1, plan.time.samples), 0
    for shard in plan.shards:
        for waveform in plan.waveforms(shard):
            (noisy,) = copies.of(waveform, record)
            yield source.classes.index(plan.label_of(record)), waveform.samples.copy(), noisy.samples.copy()
            record += 1


def interval(right: NDArray[np.bool_]) -> list[float]:
    """95 % of the mean over models of the share of right answers: the percentile bootstrap over records."""
    by_record = right.mean(axis=0)
    found = bootstrap((by_record,), np.mean, n_resamples=2000, batch=100, method="percentile", rng=0)
    return [float(bound) for bound in found.confidence_interval]


def session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def record_ms(model: Path, source: JournalSource, rounds: int = 10, calls: int = 50) -> float:
    """Processor time of one thread for a record: the lowest of several medians, for others may use the machine, too."""
    _, waveform, _ = next(fresh_records(source))
    run, medians = session(model), list[float]()
    for _ in range(rounds):
        spent: list[float] = []
        for _ in range(calls):
            begun = time.thread_time()
            run.run(["probabilities"], {"waveform": waveform[None]})
            spent.append(time.thread_time() - begun)
        medians.append(1000 * float(np.median(spent)))
    return min(medians)


def show(found: dict[str, Any]) -> None:
    """Print what was measured beside what is asked for."""
    jbfd11 = found["jbfd11"]
    table = Table(title=f"JBFD-11 on {jbfd11['fresh_records']} fresh records; published: {PUBLISHED}")
    for column in ("", "mean", "deviation", *(f"seed {seed}" for seed in jbfd11["seeds"]), "asked for"):
        table.add_column(column)
    for name in (*TARGETS, "snr5_record_accuracy", "published_split_accuracy", "training_seconds"):
        values = jbfd11[name]
        cells = [f"{value:.4f}" for value in (np.mean(values), np.std(values, ddof=1), *values)]
        table.add_row(name, *cells, TARGETS.get(name, ""))
    CONSOLE.print(table)
    CONSOLE.print("95 % interval of the mean accuracy:", jbfd11["record_accuracy_interval"])
    for one in jbfd11["mistaken"][:12]:
        CONSOLE.print(f"{one['at']}: {one['is']} taken for {one['answered']}, {one['times']} times", style="dim")
