"""Two versions side by side, on the records that both were tested on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

from babbitt.client.api.version_files import Predictions, Report
from babbitt.contracts.paired import PairedRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that two versions do not share; None: one has none."""

    setting: str
    first: object
    second: object


@dataclass(frozen=True, slots=True)
class Flip:
    """A record that one version answered right and the other wrong."""

    record: str
    label: str
    group: str
    first: str
    second: str
    right: str


@dataclass(frozen=True, slots=True)
class Paired:
    """Counts over shared records.

    Attributes:
        both, first_only, second_only, neither: answered right.
        p: exact two-sided McNemar test (1947): how likely so uneven a split of the flips is where both are as good.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    p: float

    @property
    def records(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side.

    Attributes:
        configuration: what they were asked for differently.
        paired: on shared records; None: there is none.
        flips: records that went from right to wrong or back.
        unshared: records that only one of them was tested on.
    """

    configuration: tuple[Difference, ...]
    paired: Paired | None
    flips: tuple[Flip, ...]
    unshared: int


def compare(first: tuple[Report, Predictions], second: tuple[Report, Predictions]) -> Comparison:
    """How two versions differ: in what was asked for, and in what they answer for equal records."""
    ours, theirs = ({one.blake3: one for one in predictions.records} for _, predictions in (first, second))
    shared = [(one, theirs[digest]) for digest, one in ours.items() if digest in theirs]
    right = [(is_right(one, first[1]), is_right(other, second[1])) for one, other in shared]
    flips = (
        Flip(
            record=one.record,
            label=one.label,
            group=one.group,
            first=answer_of(one, first[1]),
            second=answer_of(other, second[1]),
            right="first" if first_right else "second",
        )
        for (one, other), (first_right, second_right) in zip(shared, right, strict=True)
        if first_right != second_right
    )
    return Comparison(
        configuration=tuple(differences(settings_of(first[0]), settings_of(second[0]))),
        paired=_counted(right) if shared else None,
        flips=tuple(flips),
        unshared=len(ours.keys() ^ theirs.keys()),
    )


def answer_of(one: PairedRecord, predictions: Predictions) -> str:
    """What was answered; of a version that did not say, the likeliest class."""
    if one.answer is not None:
        return one.answer
    return predictions.class_names[one.probabilities.index(max(one.probabilities))]


def is_right(one: PairedRecord, predictions: Predictions) -> bool:
    """Whether the answer was right."""
    return one.right if one.right is not None else answer_of(one, predictions) == one.label


def settings_of(report: Report) -> dict[str, object]:
    """What a version was asked for and is, by name, with dots into what holds more."""
    told = {"preset": report.preset, "dataset": report.provenance.dataset, "seed": report.provenance.seed}
    request = {name: value for name, value in report.provenance.request.items() if name not in {"job_id", "seed"}}
    spec = report.model_spec.model_dump(mode="json", exclude={"calibration", "novelty"})
    return told | dict(_flat("request", request)) | dict(_flat("model_spec", spec))


def differences(first: Mapping[str, object], second: Mapping[str, object]) -> Iterator[Difference]:
    """Settings that are not the same."""
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            yield Difference(name, first.get(name), second.get(name))


def mcnemar(first_only: int, second_only: int) -> float:
    """Exact two-sided p of so uneven a split, by the binomial distribution with one half."""
    flips, fewer = first_only + second_only, min(first_only, second_only)
    return min(1.0, 2.0 * sum(comb(flips, count) for count in range(fewer + 1)) / 2**flips)


def _counted(right: list[tuple[bool, bool]]) -> Paired:
    both, neither = right.count((True, True)), right.count((False, False))
    first_only, second_only = right.count((True, False)), right.count((False, True))
    return Paired(both, first_only, second_only, neither, mcnemar(first_only, second_only))


def _flat(name: str, value: Any) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield name, value
        return
    for key, inner in value.items():
        yield from _flat(f"{name}.{key}", inner)
