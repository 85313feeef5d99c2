"""Curves with fewer points."""

from datetime import UTC, datetime

import pytest

from babbitt.gateway.training_jobs.schemas import Epoch
from babbitt.gateway.training_jobs.thinning import thinned


def epochs(count, *, run=1, peak=None, dip=None):
    return [
        Epoch(
            run=run,
            run_name="",
            epoch=epoch,
            train_loss=9.0 if epoch == peak else 1 / epoch,
            validation_loss=1.5 / epoch,
            validation_accuracy=0.0 if epoch == dip else 0.9,
            learning_rate=0.001,
            seconds=1.0,
            metrics={},
            eta_s=None,
            completed_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for epoch in range(1, count + 1)
    ]


@pytest.mark.parametrize("points", [3, 4, 50, 999])
def test_a_long_run_keeps_so_many_epochs_in_order_with_its_first_and_last(points):
    kept = [one.epoch for one in thinned(epochs(1000), points)]
    assert len(kept) == points
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (1, 1000)


def test_a_short_run_keeps_all():
    assert thinned(epochs(20), 20) == epochs(20)


@pytest.mark.parametrize(("place", "series"), [(337, "peak"), (338, "dip"), (2, "peak"), (999, "dip")])
def test_a_single_peak_or_dip_of_any_series_stays(place, series):
    assert place in [one.epoch for one in thinned(epochs(1000, **{series: place}), 20)]


def test_every_run_keeps_its_own():
    kept = thinned([*epochs(100, run=1), *epochs(5, run=2), *epochs(100, run=3)], 10)
    assert [sum(one.run == run for one in kept) for run in (1, 2, 3)] == [10, 5, 10]


def test_of_many_runs_each_keeps_fewer():
    kept = thinned([one for run in range(1, 6) for one in epochs(3000, run=run)], 10_000)
    assert [sum(one.run == run for one in kept) for run in range(1, 6)] == [2000] * 5


def test_a_series_that_stays_the_same_and_one_that_is_no_number_harm_no_other():
    flat = [one.model_copy(update={"train_loss": float("nan"), "validation_loss": 1.0}) for one in epochs(100, dip=40)]
    assert 40 in [one.epoch for one in thinned(flat, 10)]
