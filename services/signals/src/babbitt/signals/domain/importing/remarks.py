"""What was done to recordings, among the notes of a dataset."""

from collections.abc import Iterable
from itertools import islice

MOST_REMARKS = 200
"""A manifest is read by people too."""


def notable(remarks: Iterable[str]) -> tuple[str, ...]:
    """The first remarks, and how many more there are."""
    rest = iter(remarks)
    first = tuple(f"{remark}." for remark in islice(rest, MOST_REMARKS))
    more = sum(1 for _ in rest)
    return (*first, f"And {more} more of the kind.") if more else first
