"""What a one_class model means in service: how late an alarm tells a fault, and how often there is one in health."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.model_reports import Detection

MONTH_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Persistence:
    """An alarm is on while at least `k` of the last `n` records are novel, one every `measured_every_s` seconds."""

    k: int = 3
    n: int = 5
    measured_every_s: float = 3600.0

    def alarm(self, novel: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether it is on after each record of a series [record]."""
        counted = np.cumsum(novel.astype(np.int64))
        before = np.concatenate([np.zeros(self.n, dtype=np.int64), counted])[: len(counted)]
        return counted - before >= self.k


def detection(
    novel: NDArray[np.bool_],
    healthy: NDArray[np.bool_],
    groups: Sequence[str],
    labels: Sequence[str],
    how: Persistence | None = None,
) -> Detection:
    """Alarms over the records of each machine (group), in the order in which they are given; each label is a series.

    `novel`, `healthy`, `groups` and `labels` are those of each record; `how` says when an alarm is on.
    """
    how = how or Persistence()
    series: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, (group, label) in enumerate(zip(groups, labels, strict=True)):
        series[group, label].append(row)
    long = [rows for rows in series.values() if len(rows) >= how.k]  # in a shorter one no alarm could come
    false_alarms, watched, delays, faults = 0, 0, list[int](), 0
    for rows in long:
        alarm = how.alarm(novel[rows])
        if healthy[rows[0]]:
            false_alarms += int(alarm[0]) + int((alarm[1:] & ~alarm[:-1]).sum())
            watched += len(rows)
            continue
        faults += 1
        if alarm.any():
            delays.append(int(alarm.argmax()))
    months = watched * how.measured_every_s / MONTH_S
    delay = float(np.median(delays)) if delays else None
    return Detection(
        k=how.k,
        n=how.n,
        measured_every_s=how.measured_every_s,
        false_alarms_a_machine_month=false_alarms / months if months else None,
        machine_months=months,
        median_delay_records=delay,
        median_delay_s=None if delay is None else delay * how.measured_every_s,
        faults=faults,
        series_too_short=len(series) - len(long),
        detected=len(delays),
    )
