"""What lies where: in a dataset's folder, in the output folder, and in the folder that a worker makes for a fit."""

import re

MANIFEST = "manifest.json"

MODEL = "model.onnx"
REPORT = "report.json"
PREDICTIONS = "predictions.json"
CHECKPOINTS = "checkpoints"
CHECKPOINT_NAME = re.compile(r"^epoch-\d{5}\.pt$")

REQUEST = "request.json"
DATA = "data"
OUT = "out"


def checkpoint_name(epoch: int) -> str:
    """The checkpoint after an epoch; names sort by epoch."""
    return f"epoch-{epoch:05d}.pt"
