"""The learning rate over a training: a function of how far it has come, so a resumed job needs no scheduler state."""

import math

from babbitt.contracts.recipes import ConstantSchedule, CosineSchedule, LinearSchedule, Schedule

LAST_SHARE = 0.01
"""Of the peak: where a rate begins, and where one that falls ends."""


def learning_rate(schedule: Schedule, peak: float, done: float) -> float:
    """The rate when `done` (0 to 1) of all steps are over."""
    if done < schedule.warmup_share:
        return peak * max(LAST_SHARE, done / schedule.warmup_share)
    over = (done - schedule.warmup_share) / (1.0 - schedule.warmup_share)
    match schedule:
        case CosineSchedule():
            share = 0.5 * (1.0 + math.cos(math.pi * over))
        case LinearSchedule():
            share = 1.0 - over
        case ConstantSchedule():
            return peak
    return peak * (LAST_SHARE + (1.0 - LAST_SHARE) * share)
