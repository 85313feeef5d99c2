"""What people should know of a dataset before they train on it, in sentences: warnings first."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import same_rate
from babbitt.contracts.quality import Finding, Leakage, Probe, QualityReport, Recorded
from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.quality.probes import FEWEST_GROUPS
from babbitt.signals.domain.quality.statistics import STATISTICS
from babbitt.signals.domain.records import PlacedRecord
from babbitt.signals.domain.runs import RUN_SAMPLES

CLIPPED = 1e-3
"""A record of which more than this share is stuck at its highest or lowest value was clipped."""

UNEQUAL = 3.0
"""Classes of which one has more than this many times as many training records as another are told."""

RECORDS_NAMED = 20
"""By a finding, the first ones."""

FEATURES = {
    "rms": "The RMS",
    "crest": "The crest factor",
    "kurtosis": "The kurtosis",
    "clipping": "The share of clipped samples",
    "dc": "The offset",
    "recorded_rate": "The sampling rate as recorded",
    "recording_length": "The length of the recording",
}
_OF_THE_RECORDER = {"clipping", "dc", "recorded_rate", "recording_length"}


def findings_of(
    report: QualityReport, placed: Sequence[PlacedRecord], measured: NDArray[np.float64] | None
) -> tuple[Finding, ...]:
    """The findings of a report that is whole but for them.

    Args:
        report: what was found.
        placed: all records.
        measured: their statistics, [records, channels, FIELDS]; None: not known.
    """
    found = [*_of_leakage(report.leakage), *_of_split(report, placed), *_of_probes(report.probes)]
    found += [*_of_rates(report.recorded, report.data_spec and report.data_spec.sampling_rate_hz), *_of_balance(report)]
    if measured is None:
        found.append(_note("statistics", "Statistics are missing: it was made while signals was renewed."))
    else:
        found += _of_samples(placed, measured)
    return tuple(sorted(found, key=lambda finding: finding.level != "warning"))


def _of_leakage(leakage: Leakage) -> Iterator[Finding]:
    if leakage.across_count:
        one, other = leakage.across[0].records
        yield _warning(
            "leakage",
            f"{_pairs(leakage.across_count)} of different splits share samples, {one} and {other} among them: accepted "
            f"because: {leakage.reason}. Results on this dataset prove nothing.",
        )
    if leakage.not_compared:
        yield _warning(
            "leakage",
            f"{_pairs(leakage.not_compared)} of different splits look alike and were not compared: accepted because: "
            f"{leakage.reason}.",
        )
    if leakage.within_count:
        one, other = leakage.within[0].records
        yield _warning(
            "duplicates",
            f"{_pairs(leakage.within_count)} of one split share samples, {one} and {other} among them: there are fewer "
            "independent records than it seems.",
        )
    if leakage.not_looked_at:
        yield _warning(
            "leakage",
            f"In {_count(leakage.not_looked_at, 'recording')} shared runs could not be looked for: shorter than "
            f"{RUN_SAMPLES} samples, or too smooth.",
        )
    if leakage.reason and leakage.outcome == "none":
        yield _note(
            "leakage",
            f"Leakage was accepted beforehand, because: {leakage.reason}. None was found, but no version trained on it "
            "is promoted by itself.",
        )


def _of_split(report: QualityReport, placed: Sequence[PlacedRecord]) -> Iterator[Finding]:
    split = report.split
    if split.kind == "time":
        yield _warning(
            "split", "Split within recordings, optimistic: it says nothing of bearings never seen in training."
        )
    for label in split.in_time:
        yield _warning("split", f"Class {label} has a single group, divided in time: within recording, optimistic.")
    if split.untested:
        yield _note("split", f"Not tested, as none of it is held out: {', '.join(split.untested)}.")
    if split.kind != "time" and (straddling := _straddling(placed)):
        has = "has" if straddling == 1 else "have"
        yield _warning(
            "split",
            f"{_count(straddling, 'group')} {has} records in training and test: it says little of machines never seen.",
        )
    if split.kind == "group":
        tested: defaultdict[str, set[str]] = defaultdict(set)
        for record in placed:
            if record.place == "test" and record.made.label not in split.in_time:
                tested[record.made.label].add(record.made.group)
        few = [label for label, groups in sorted(tested.items()) if len(groups) < FEWEST_GROUPS]
        if few:
            yield _note("split", f"Fewer than {FEWEST_GROUPS} groups are tested of: {', '.join(few)}.")


def _straddling(placed: Sequence[PlacedRecord]) -> int:
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for record in placed:
        if record.made.group != record.made.record:
            splits[record.made.group].add(record.split)
    return sum({"train", "test"} <= held for held in splits.values())


def _of_probes(probes: Sequence[Probe]) -> Iterator[Finding]:
    for found in probes:
        if not found.suspicious:
            continue
        channel = f" of channel {found.channel}" if found.channel and found.channel != "vibration" else ""
        tells = f", and tells {', '.join(found.tells)} from all others" if found.tells else ""
        recorder = (
            ": a model may learn the recorder instead of the machine" if found.feature in _OF_THE_RECORDER else ""
        )
        yield _warning(
            "trivial_probe",
            f"{FEATURES.get(found.feature, found.feature)}{channel} alone tells the class of {found.accuracy:.0%} "
            f"of test records ({found.low:.0%} to {found.high:.0%}; guessing {found.chance:.0%}){tells}{recorder}.",
        )


def _of_rates(recorded: Sequence[Recorded], sampling_rate_hz: float | None) -> Iterator[Finding]:
    rates: Counter[float] = Counter()
    for row in recorded:
        rates[row.rate_hz] += row.recordings
    if sampling_rate_hz is not None and not all(same_rate(rate_hz, sampling_rate_hz) for rate_hz in rates):
        yield _note(
            "leakage",
            "Recordings were resampled before they were compared: of one that was kept twice, at two rates or from "
            "another sample on, the copy is not found.",
        )
    if len(rates) > 1:
        usual = rates.most_common(1)[0][0]
        others = sorted({(row.label, row.rate_hz) for row in recorded if row.rate_hz != usual})
        told = ", ".join(f"{label} at {rate_hz:g} Hz" for label, rate_hz in others)
        yield _note("rates", f"Most was recorded at {usual:g} Hz, but {told}.")


def _of_balance(report: QualityReport) -> Iterator[Finding]:
    train = {row.label: row.records for row in report.balance if row.place == "train"}
    least, most = min(train, key=train.__getitem__), max(train, key=train.__getitem__)
    if train[most] > UNEQUAL * train[least]:
        yield _note(
            "balance", f"Training has {train[most]} records of class {most}, but {train[least]} of class {least}."
        )


def _of_samples(placed: Sequence[PlacedRecord], measured: NDArray[np.float64]) -> Iterator[Finding]:
    rms, clipping = (measured[:, :, STATISTICS.index(name)] for name in ("rms", "clipping"))
    still, clipped = (rms == 0).any(axis=1), ((clipping > CLIPPED) & (rms > 0)).any(axis=1)
    for kind, found, what in (
        ("constant", still, "constant in a channel: a dead sensor"),
        ("clipping", clipped, "clipped: stuck at the highest or lowest value"),
    ):
        hits = [
            record.made for record, hit in zip(placed, found.tolist(), strict=True) if hit and record.place in SPLITS
        ]
        if hits:
            of_class = Counter(made.label for made in hits)
            told = ", ".join(f"{count} of {label}" for label, count in sorted(of_class.items()))
            text = f"{_count(len(hits), 'record')} {'is' if len(hits) == 1 else 'are'} {what} ({told})."
            named = tuple(made.record for made in hits[:RECORDS_NAMED])
            yield Finding(kind=kind, level="warning", text=text, records=named)


def _pairs(count: int) -> str:
    return f"{_count(count, 'pair')} of records"


def _count(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def _warning(kind: str, text: str) -> Finding:
    return Finding(kind=kind, level="warning", text=text)


def _note(kind: str, text: str) -> Finding:
    return Finding(kind=kind, level="note", text=text)
