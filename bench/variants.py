"""What the forms of an exported model cost and lose: a table for each preset, from a training by the process of a job.

Trains each preset on simulated records of JBFD-11 (`python -m babbitt.training fit`, one thread) and prints the table
that goes with a version. Writes build/bench/variants.json. What is measured is how the forms compare: few epochs do.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from simulated_folder import write_folder

from babbitt.contracts.evaluations import Variant
from babbitt.contracts.simulations import JournalSource

RESULTS = Path("build/bench/variants.json")
CONSOLE = Console()


def trained(folder: Path, dataset: str, preset: str, epochs: int | None) -> tuple[Variant, ...]:
    """Train a preset; the table that the process tells of at its end."""
    request = folder / f"{preset}.json"
    overrides = {"epochs": epochs, "patience": epochs} if epochs else {}
    request.write_text(json.dumps({"model": "variants", "dataset": dataset, "preset": preset, "overrides": overrides}))
    command = [sys.executable, "-m", "babbitt.training", "fit", request, "--data", folder / "data"]
    with subprocess.Popen([*command, "--out", folder / preset, "--threads", "1"], stdout=subprocess.PIPE) as fit:
        assert fit.stdout is not None
        for line in fit.stdout:
            said: dict[str, Any] = json.loads(line)
            if said["event"] == "epoch":
                accuracy = f"{said['validation_accuracy']:.1%} of validation records right"
                CONSOLE.print(f"{preset}: epoch {said['epoch']} of {said['epochs']}, {accuracy}", style="dim")
            if said["event"] == "completed":
                return tuple(Variant.model_validate(one["variant"]) for one in said["variants"])
    raise SystemExit(f"the training of {preset} failed")


def show(preset: str, variants: tuple[Variant, ...]) -> None:
    """Print a table."""
    table = Table(title=preset)
    for column in ("", "record", "of float32", "accuracy", "macro F1", "flipped", "worst difference", "note"):
        table.add_column(column)
    whole = variants[0].latency_ms or 1.0
    for one in variants:
        cells = ["-"] * 6
        if one.latency_ms is not None and one.record_accuracy is not None:
            cells = [
                f"{one.latency_ms:.2f} ms",
                f"{one.latency_ms / whole:.2f}",
                f"{one.record_accuracy:.2%}",
                f"{one.macro_f1:.4f}",
                f"{one.flipped}",
                f"{one.max_abs_difference:.1e}",
            ]
        table.add_row(f"{one.name} ({one.device})", *cells, one.note, style="bold" if one.chosen else None)
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", default=["spectral_base", "resnet1d_base"])
    parser.add_argument("--records-per-class", type=int, default=320)
    parser.add_argument("--duration-s", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, help="instead of the preset's own")
    asked = parser.parse_args()
    source = JournalSource(records_per_class=asked.records_per_class, duration_s=asked.duration_s, noise_copies_db=())
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="babbitt-") as name:
        folder = Path(name)
        dataset = write_folder(folder / "data", source).dataset_id
        for preset in asked.presets:
            variants = trained(folder, dataset, preset, asked.epochs)
            show(preset, variants)
            found[preset] = [one.model_dump(mode="json") for one in variants]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
