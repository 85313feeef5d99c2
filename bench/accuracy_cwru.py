"""How often `order_envelope` tells the fault of real bearings that it has never seen the like of.

Takes the folder with the drive-end recordings of Case Western's data centre; a few minutes of one core.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bearing_windows import recorded
from cwru_from_simulation import from_simulation
from cwru_unseen_size import LABELS, unseen_size
from order_envelope_model import built
from rich.console import Console
from rich.table import Table

from babbitt.contracts.simulations import ROLLING_FAULTS
from babbitt.recordings.mapping import read_mapping
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig

MAPPING = Path(__file__).parents[1] / "examples" / "mappings" / "cwru_drive_end.yaml"
SEEDS, MACHINES = (0, 1, 2), 400
QUICK_SEEDS, QUICK_MACHINES = (0,), 20
CONSOLE = Console()


def measured(folder: Path, *, quick: bool = False) -> dict[str, Any]:
    """`{"cwru_unseen_size": {…}, "cwru_from_simulation": {…}}`, lists over seeds, accuracies as fractions."""
    torch.set_num_threads(1)
    _, spec = built(OrderEnvelopeConfig(), ROLLING_FAULTS)
    windows = recorded(folder, LABELS, read_mapping(MAPPING), spec)
    return {
        "cwru_unseen_size": unseen_size(windows),
        "cwru_from_simulation": from_simulation(
            windows, QUICK_SEEDS if quick else SEEDS, QUICK_MACHINES if quick else MACHINES
        ),
    }


def show(found: dict[str, Any]) -> None:
    """Print what was measured beside what is asked for."""
    unseen, simulated = found["cwru_unseen_size"], found["cwru_from_simulation"]
    table = Table(title="CWRU, fault size never seen: asked for are 8 of 9 recordings")
    columns = (
        "recording",
        "right",
        "is",
        "answered",
        "probability",
        "prediction_set",
        "novel",
        "windows_right",
        "slip",
    )
    for column in (*columns, "penalty"):
        table.add_column(column)
    for one in unseen["recordings"]:
        table.add_row(*(str(one[column]) for column in (*columns, "penalty")))
    CONSOLE.print(table)
    CONSOLE.print(
        f"{unseen['recordings_right']} of {unseen['of']} recordings, {unseen['window_accuracy']:.1%} of windows"
    )
    CONSOLE.print("of the healthy recording's end, by turn:", unseen["healthy_window_accuracy"])
    CONSOLE.print("windows right, by error of the speed:", unseen["speed_error"])
    CONSOLE.print(f"a window, one thread: {unseen['window_ms_one_thread']:.2f} ms; asked for is 1 or less")
    for name in ("window_accuracy", "with_healthy", "recordings_right"):
        values = simulated[name]
        CONSOLE.print(f"from simulation, {name}: {np.mean(values):.3f} +- {np.std(values, ddof=1):.3f}", values)
    CONSOLE.print("windows by recording, last seed:", simulated["recordings"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, help="folder with 97.mat, 105.mat, ...")
    parser.add_argument("--quick", action="store_true", help="few simulated machines: the numbers mean little")
    arguments = parser.parse_args()
    show(measured(arguments.recordings, quick=arguments.quick))


if __name__ == "__main__":
    main()
