"""How long a record takes."""

import time

import numpy as np

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.model_reports import Latency
from babbitt.training.fitting.evaluating.answering import Answering, LabelledRecords

RUNS = 31
WARM_UP = 3


def latency(answering: Answering, records: LabelledRecords, spec: ModelSpec, *, runs: int = RUNS) -> Latency:
    """The median time of one record's windows, answered together.

    Args:
        answering: on one thread.
        records: are taken in turn.
        spec: how they are cut.
        runs: how many are timed, after three that are not.
    """
    inputs = [records.inputs_of(row, spec) for row in range(min(len(records), runs))]
    took_ms: list[float] = []
    for run in range(WARM_UP + runs):
        one = inputs[run % len(inputs)]
        started = time.perf_counter()
        answering(one)
        took_ms.append(1000.0 * (time.perf_counter() - started))
    windows = int(np.median([len(one["waveform"]) for one in inputs]))
    return Latency(median_ms=float(np.median(took_ms[WARM_UP:])), windows=windows, runs=runs)
