"""What lies where: in a dataset's folder, in the output folder, and in the folder that a worker makes for a job."""

import re

from babbitt.training.domain.place import Place

MANIFEST = "manifest.json"

MODEL = "model.onnx"
WEIGHTS = "weights.pt"
REPORT = "report.json"
PREDICTIONS = "predictions.json"
CARD = "card.md"
CHAMPION_PREDICTIONS = "champion-predictions.json"
TRAIN_RECORDS = "train-records.json"
VARIANTS = "variants"
FIGURES = "figures"
CHECKPOINTS = "checkpoints"
PROFILE_TRACE = "profile-trace.json"
PROFILE_TABLE = "profile.txt"
CHECKPOINT_NAME = re.compile(r"^run-(\d{3})-epoch-(\d{5})-step-(\d{7})\.pt$")

REQUEST = "request.json"
DATA = "data"
BASES = "bases"
BASES_LIST = "bases.json"
OUT = "out"


def checkpoint_name(place: Place) -> str:
    """The checkpoint of a moment; names sort as moments do."""
    return f"run-{place.run:03d}-epoch-{place.epoch:05d}-step-{place.step:07d}.pt"
