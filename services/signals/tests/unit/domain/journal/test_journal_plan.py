"""What a dataset of journal bearings consists of, from its plan: no sample is made unless a test says so."""

import hashlib
from collections import Counter

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from babbitt.contracts.datasets import MAX_SHARD_SAMPLES
from babbitt.contracts.simulations import JOURNAL_FAULTS, JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.records import Waveform
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import DatasetImpossible

SMALL = {"classes": ("sain", "usure"), "records_per_class": 8, "duration_s": 0.25, "sampling_rate_hz": 4096}


def plan_of(split=None, **source):
    return JournalPlan(JournalSource(**source), SplitSpec(**(split or {})))


def places(plan):
    """(place, class, level) of all records and copies, as their manifest will have them."""
    for record in range(plan.records):
        place = plan.place_of(Waveform(plan.name_of(record), "", "", "", np.empty((1, 0), np.float32), None))
        yield place, plan.label_of(record), plan.level_of(record).label
        if place == "test":
            for ratio_db in plan.source.noise_copies_db:
                yield f"test_snr{ratio_db}", plan.label_of(record), plan.level_of(record).label


def test_the_benchmark_has_exactly_the_published_counts_in_every_class_and_level():
    plan = plan_of()
    held = Counter(place for place, _, _ in places(plan))
    assert held == {"train": 2_464, "validation": 528, "test": 528} | {f"test_snr{db}": 528 for db in (20, 10, 5)}
    strata = Counter(places(plan))
    assert {place: {count for key, count in strata.items() if key[0] == place} for place in held} == {
        "train": {56},
        **{place: {12} for place in held if place != "train"},
    }
    assert {label for _, label, _ in strata} == set(JOURNAL_FAULTS)
    assert {level for _, _, level in strata} == {"incipient", "mild", "moderate", "severe"}


def test_shards_hold_every_record_once_and_copies_lie_with_their_record():
    plan = plan_of()
    assert len(plan.shards) == 40
    assert len(plan_of(noise_copies_db=()).shards) == 24
    numbers = [number for shard in plan.shards for number in range(shard.first, shard.first + shard.count)]
    assert numbers == [*range(3_520)]
    assert sum(plan.values(shard) for shard in plan.shards) == (3_520 + 3 * 528) * 102_400
    assert max(plan.values(shard) for shard in plan.shards) <= MAX_SHARD_SAMPLES


def test_records_go_class_by_class_with_all_levels_in_turn():
    plan = plan_of(**SMALL)
    assert [plan.name_of(number) for number in (0, 7, 8)] == ["sain-00000", "sain-00007", "usure-00000"]
    assert [plan.level_of(number).label for number in (0, 1, 2, 3, 8)] == [
        *("incipient", "mild", "moderate", "severe"),
        "incipient",
    ]


def test_a_healthy_record_has_no_severity_though_it_is_dealt_by_its_level():
    severities = {}
    for waveform in plan_of(**SMALL, noise_copies_db=()).waveforms(PlannedShard(0, 0, 16)):
        severities.setdefault(waveform.label, []).append(waveform.severity)
    assert severities == {"sain": [None] * 8, "usure": ["incipient", "mild", "moderate", "severe"] * 2}


def made(plan, shards):
    return [
        (waveform.record, waveform.place, waveform.severity, hashlib.sha256(waveform.samples.tobytes()).hexdigest())
        for shard in shards
        for waveform in plan.waveforms(shard)
    ]


@pytest.mark.parametrize("effects", [(), ("axial", "run_up")])
def test_the_same_request_gives_the_same_bytes_whatever_the_shards_and_in_whatever_order_they_are_made(effects):
    plan = plan_of(**SMALL, effects=effects)
    whole = made(plan, [PlannedShard(0, 0, 16)])
    assert len({digest for *_, digest in whole}) == len(whole) == 16 + 2 * 3
    backwards = [PlannedShard(0, first, 3) for first in (12, 9, 6, 3, 0)]
    assert sorted(made(plan, backwards)) == sorted(one for one in whole if one[0][:11] != "usure-00007")
    assert made(plan_of(**SMALL, effects=effects), plan.shards) == whole
    assert not {digest for *_, digest in whole} & {
        digest for *_, digest in made(plan_of(**SMALL, effects=effects, seed=1), plan.shards)
    }


def test_bytes_do_not_depend_on_the_threads_of_matrix_products():
    plan = plan_of(records_per_class=8)
    record = next(number for number in range(64, 72) if plan.values(PlannedShard(0, number, 1)) > plan.time.samples)
    given: list[list[tuple[str, ...]]] = []
    for threads in (1, 2, 3):
        with threadpool_limits(threads, user_api="blas"):
            given.append(made(plan, [PlannedShard(0, record, 1)]))
    assert len(given[0]) == 4
    assert given[0] == given[1] == given[2]


def test_a_copy_has_the_noise_that_its_ratio_says_and_its_records_place_and_conditions():
    plan = plan_of(**SMALL | {"duration_s": 2.0}, noise_copies_db=(20, -3))
    clean, copies = {}, {}
    for waveform in plan.waveforms(PlannedShard(0, 0, 16)):
        (copies if "@" in waveform.record else clean)[waveform.record] = (waveform, waveform.samples[0].astype(float))
    assert len(copies) == 2 * 2
    noises = []
    for name, (copy, noisy) in copies.items():
        origin, _, ratio = name.partition("@snr")
        record, samples = clean[origin]
        assert copy.place == f"test_snr{ratio}"
        assert (copy.label, copy.severity, copy.group, copy.shaft_speed_hz) == (
            *(record.label, record.severity, record.group),
            record.shaft_speed_hz,
        )
        noise = noisy - samples
        sigma = np.sqrt(np.mean(samples**2)) * 10 ** (-int(ratio) / 20)
        assert noise.std() == pytest.approx(sigma, rel=0.03)
        noises.append(noise / sigma)
    assert np.abs(np.corrcoef(noises) - np.eye(4)).max() < 0.05


def test_copies_change_no_record():
    def digests(**source):
        return {name: digest for name, *_, digest in made(plan_of(**SMALL, **source), [PlannedShard(0, 0, 16)])}

    with_copies, without = digests(), digests(noise_copies_db=())
    assert with_copies.items() >= without.items()


def test_a_record_with_an_axial_channel_says_so():
    plan = plan_of(**SMALL, effects=("axial",))
    assert [(channel.name, channel.direction) for channel in plan.channels] == [("vibration", None), ("axial", "axial")]
    assert next(plan.waveforms(plan.shards[0])).samples.shape == (2, 1024)


@pytest.mark.parametrize(
    ("source", "pointer", "accepted"),
    [
        ({"duration_s": 0.1}, "duration_s", "at least 0.185 s"),
        (
            {"sampling_rate_hz": 5_000},
            "sampling_rate_hz",
            "at least 6400 Hz, or without cavitation, mixed_cavit_jeu",
        ),
        (
            {"sampling_rate_hz": 5_000, "classes": ("sain", "mixed_cavit_jeu")},
            "sampling_rate_hz",
            "at least 6400 Hz, or without mixed_cavit_jeu",
        ),
        ({"duration_s": 600, "sampling_rate_hz": 1e6}, "duration_s", "at most 16777216 samples in all"),
        ({"records_per_class": 100_000}, "records_per_class", "at most 200000"),
        (
            SMALL | {"records_per_class": 21_000, "noise_copies_db": range(8)},
            "records_per_class",
            "at most 200000 in 10000",
        ),
        (
            SMALL | {"records_per_class": 5_001, "duration_s": 120, "sampling_rate_hz": 100_000, "noise_copies_db": ()},
            "records_per_class",
            "at most",
        ),
    ],
)
def test_what_the_physics_cannot_make_is_refused_with_the_field_and_what_is_accepted(source, pointer, accepted):
    with pytest.raises(DatasetImpossible) as refused:
        plan_of({"test": 0.49}, **source)
    (problem,) = refused.value.problem.errors
    assert problem.pointer == f"/configuration/source/{pointer}"
    assert (problem.accepted or "").startswith(accepted)


@pytest.mark.parametrize(
    ("split", "pointer"),
    [
        ({"kind": "time"}, "/configuration/split/kind"),
        ({"kind": "predefined"}, "/configuration/split/kind"),
        ({"kind": "group", "held_out": ("sain-00000",)}, "/configuration/split/held_out"),
        ({"validation": 0.45, "test": 0.49}, "/configuration/split"),
    ],
)
def test_a_split_that_has_no_meaning_here_is_refused(split, pointer):
    with pytest.raises(DatasetImpossible) as refused:
        plan_of(split, **SMALL | {"records_per_class": 4})
    assert refused.value.problem.errors[0].pointer == pointer
