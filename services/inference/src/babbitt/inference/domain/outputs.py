"""What goes into a model and what comes out, by the names that its graph has for them; the first axis is the window."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float32]
type Inputs = dict[str, Floats]
type Outputs = dict[str, Floats]

WAVEFORM, SHAFT_SPEED, FAULT_ORDERS = "waveform", "shaft_speed_hz", "fault_orders"
"""Inputs: [window, channel, sample], [window] and [window, 4]: BPFO, BPFI, BSF, FTF in multiples of shaft speed."""
PROBABILITIES, NOVELTY = "probabilities", "novelty"
REFINED_SPEED, SEVERITY = "refined_shaft_speed_hz", "severity"
"""Outputs: [window, class], then [window] each; every model has the first."""


def part_of(outputs: Outputs, windows: slice) -> Outputs:
    """What was said of some windows."""
    return {name: values[windows] for name, values in outputs.items()}


def joined(runs: Sequence[Outputs]) -> Outputs:
    """What several runs of one model said, in turn."""
    if len(runs) == 1:
        return runs[0]
    return {name: np.concatenate([run[name] for run in runs]) for name in runs[0]}
