"""From a trained module to the ONNX file that serves, compared with the module before anyone else sees it."""

import logging
import warnings
from pathlib import Path
from uuid import uuid4

import numpy as np
import onnx
import torch

from babbitt.contracts.evaluations import Parity
from babbitt.training.families.classifier import Answer, WaveformClassifier
from babbitt.training.fitting.errors import ParityExceeded
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.windows import Windows

PARITY_BOUND = 1e-3
PARITY_WINDOWS = 256
CHUNK = 32
METADATA_PREFIX = "babbitt."


def write_onnx(model: WaveformClassifier, windows: Windows, path: Path) -> None:
    """Write the module's graph: input `waveform` [batch, channel, sample] float32, the batch of any size.

    Outputs are `logits` and `probabilities` [batch, class] and `embedding` [batch, e]. What the exporter notes of
    source files is left out, so that equal weights give equal bytes.
    """
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations are not the caller's
        program = torch.onnx.export(
            model.cpu().eval(),
            (windows.waveforms[:2],) if len(windows.waveforms) > 1 else (windows.waveforms.repeat(2, 1, 1),),
            dynamo=True,
            verbose=False,
            input_names=["waveform"],
            output_names=list(Answer._fields),
            dynamic_shapes={"waveform": {0: torch.export.Dim("batch", min=1)}},
        )
    assert program is not None
    proto = program.model_proto
    proto.doc_string = ""
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del proto.graph.metadata_props[:]
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del value.metadata_props[:]
    _replace(path, proto)


def measured_parity(model: WaveformClassifier, path: Path, windows: Windows, threads: int) -> Parity:
    """Worst difference of a probability between file and module, over real windows.

    Raises:
        ParityExceeded: it is above the bound.
    """
    some = windows.waveforms[:PARITY_WINDOWS]
    with torch.no_grad():
        module = torch.cat([model(chunk).probabilities for chunk in some.split(CHUNK)]).numpy()
    worst = float(np.abs(OnnxAnswers(path, threads).probabilities(some) - module).max())
    if not worst <= PARITY_BOUND:
        raise ParityExceeded(
            f"a probability differs by {worst:.2g} between module and graph; allowed is {PARITY_BOUND:g}"
        )
    return Parity(max_abs_difference=worst, bound=PARITY_BOUND, windows=len(some))


def write_metadata(path: Path, metadata: dict[str, str]) -> None:
    """Add what the file is to the file itself, under `babbitt.<name>`."""
    proto = onnx.load(path)
    onnx.helper.set_model_props(proto, {f"{METADATA_PREFIX}{name}": text for name, text in sorted(metadata.items())})
    _replace(path, proto)


def _replace(path: Path, proto: onnx.ModelProto) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    unfinished.write_bytes(proto.SerializeToString(deterministic=True))
    unfinished.replace(path)
