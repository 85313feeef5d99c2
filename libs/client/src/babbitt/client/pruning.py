"""Which datasets nobody needs: not deleted by anything of its own accord, but proposed, and deleted when asked to."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from babbitt.client.api.datasets import Dataset

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a dataset may go; `stays` says why not, None: it may."""

    dataset: Dataset
    stays: str | None


def judge(dataset: Dataset, *, unused_for: timedelta, now: datetime) -> Verdict:
    """Whether nobody needs a ready dataset: no model in use was trained on it, and it was not used for so long.

    Used: made or asked for, or a training job on it was heard of. Looking at it is no use of it.
    """
    if dataset.needed_by:
        return Verdict(dataset, f"needed by {', '.join(dataset.needed_by)}")
    if dataset.used_at is None:
        return Verdict(dataset, "the gateway does not tell when it was used")
    if now - dataset.used_at < unused_for:
        return Verdict(dataset, f"used {_ago(now - dataset.used_at)}")
    return Verdict(dataset, None)


def duration(text: str) -> timedelta:
    """What `30d`, `12h` or `2w` says. Raises ValueError: it is none of these."""
    found = re.fullmatch(r"([0-9]{1,5})([hdw])", text)
    if found is None:
        raise ValueError(f"{text!r} is no time: 12h, 30d or 2w is accepted")
    return int(found[1]) * _UNITS[found[2]]


def _ago(passed: timedelta) -> str:
    hours = max(0, int(passed.total_seconds() // 3600))
    return f"{hours // 24} d ago" if hours >= 48 else f"{hours} h ago"  # noqa: PLR2004 - two days
