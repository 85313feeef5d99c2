"""A dataset's records as what is evaluated."""

import numpy as np

from babbitt.contracts.answers import HEALTHY_LABELS
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.evaluating.answering import LabelledRecords
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.windows import said

WAVEFORM = "waveform"


def labelled(records: Records, data: DataSpec, spec: ModelSpec, labelling: Labelling) -> LabelledRecords:
    """The records that the labelling keeps, with what a model of this specification reads of them.

    Raises:
        DatasetUnusable: none is kept, one is shorter than a window, or what the model reads is not known.
    """
    kept = [row for row, entry in enumerate(records.entries) if labelling.keeps(entry)]
    if not kept:
        raise DatasetUnusable("the class map leaves no record of a split")
    entries = tuple(records.entries[row] for row in kept)
    if short := [entry.record for entry in entries if entry.samples < spec.window_samples]:
        raise DatasetUnusable(f"record {short[0]}: shorter than a window of {spec.window_samples} samples")
    targets = labelling.targets(entries) > 0
    return LabelledRecords(
        entries=entries,
        waveforms=[records.waveforms[row] for row in kept],
        targets=targets,
        healthy=_healthy(targets, labelling),
        said={name: said(name, entries, data) for name in spec.inputs if name != WAVEFORM},
    )


def _healthy(targets: np.ndarray, labelling: Labelling) -> np.ndarray:
    if labelling.task == "multilabel":
        return ~targets.any(axis=1)
    health = [name in HEALTHY_LABELS for name in labelling.class_names]
    return targets[:, health].any(axis=1)
