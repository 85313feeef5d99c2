"""From a trained module to the ONNX file that serves, compared with the module before anyone else sees it."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import onnx
import torch

from babbitt.contracts.evaluations import Parity
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.errors import ParityExceeded
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.windows import Windows

PARITY_WINDOWS = 256
CHUNK = 32
COMPARED = ("probabilities", "severity")
NOVELTY = "novelty"
METADATA_PREFIX = "babbitt."


def write_onnx(model: WaveformClassifier, windows: Windows, path: Path) -> None:
    """Write the module's graph, whose batch is of any size; equal weights give equal bytes."""
    _replace(path, model.cpu().eval().to_onnx(windows.rows(slice(0, 2))))


def measured_parity(model: WaveformClassifier, path: Path, windows: Windows, threads: int) -> Parity:
    """Worst difference of a probability between file and module, over real windows; a severity counts as one.

    Raises:
        ParityExceeded: it is above the bound, or novelty differs by a larger share of itself than is allowed.
    """
    compared = min(len(windows), PARITY_WINDOWS)
    spread = torch.linspace(0, len(windows) - 1, compared).round().long()  # records lie class by class
    chunks = [windows.rows(rows) for rows in spread.split(CHUNK)]
    with torch.no_grad():
        answers = [model(*chunk.values()).outputs() for chunk in chunks]
    told = OnnxAnswers(path, threads).all_outputs(windows.rows(spread))
    expected = {name: torch.cat([one[name] for one in answers]).numpy() for name in answers[0]}
    worst = max(float(np.abs(told[name] - expected[name]).max()) for name in COMPARED if name in told)
    if NOVELTY in told:
        share = float((np.abs(told[NOVELTY] - expected[NOVELTY]) / (1.0 + expected[NOVELTY])).max())
        if not share <= model.novelty_bound:
            raise ParityExceeded(
                f"novelty differs by {share:.2g} of itself between module and graph; allowed is {model.novelty_bound:g}"
            )
    if not worst <= model.parity_bound:
        raise ParityExceeded(
            f"a probability differs by {worst:.2g} between module and graph; allowed is {model.parity_bound:g}"
        )
    return Parity(max_abs_difference=worst, bound=model.parity_bound, windows=compared)


def write_metadata(path: Path, metadata: dict[str, str]) -> None:
    """Add what the file is to the file itself, under `babbitt.<name>`."""
    proto = onnx.load(path)
    onnx.helper.set_model_props(proto, {f"{METADATA_PREFIX}{name}": text for name, text in sorted(metadata.items())})
    _replace(path, proto)


def _replace(path: Path, proto: onnx.ModelProto) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    unfinished.write_bytes(proto.SerializeToString(deterministic=True))
    unfinished.replace(path)
