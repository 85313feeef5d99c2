import pytest

from babbitt.training.fitting.variants.choice import Candidate, chosen, share_lost_at_most


def candidate(latency_ms, *, lost=0, in_noise=0, groups=528, device="cpu", severity_error=0.5):
    return Candidate(
        device=device, latency_ms=latency_ms, groups=groups, lost=lost, lost_in_noise=in_noise,
        severity_error=severity_error,
    )  # fmt: skip


def test_the_fastest_that_loses_nothing_serves():
    best, notes = chosen({"float32": candidate(10), "int8_static": candidate(2), "int8_qat": candidate(2.2)})
    assert best == "int8_static"
    assert notes["int8_static"] == "nothing measurable is lost in 0.20 of float32's time"
    assert notes["float32"] == "int8_static is faster"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (candidate(2, device="cuda"), "for cuda alone"),
        (candidate(9.1), "not faster by a tenth: 0.91 of float32's time"),
        (candidate(2, lost=2), "2 of 528 groups of validation records lose one: that may be 1.2%, 1% is accepted"),
        (
            candidate(2, in_noise=3),
            "3 of 528 groups of validation records lose one in noise: that may be 1.5%, 1% is accepted",
        ),
        (
            candidate(2, severity_error=0.56),
            "its severities are 0.06 levels further off in the mean: 0.05 is accepted",
        ),
        (candidate(2, groups=298), "0 of 298 groups of validation records lose one: that may be 1.0%, 1% is accepted"),
    ],
)
def test_one_that_is_not_for_this_processor_not_worth_it_or_not_proven_does_not_serve(other, why):
    best, notes = chosen({"float32": candidate(10), "int8_static": other})
    assert best == "float32"
    assert notes["int8_static"] == why


def test_one_group_with_a_loss_of_many_is_no_measurable_loss():
    assert chosen({"float32": candidate(10), "int8_static": candidate(2, lost=1)})[0] == "int8_static"


def test_299_groups_without_a_loss_are_the_fewest_that_prove_it():
    assert share_lost_at_most(0, 298) > 0.01 > share_lost_at_most(0, 299)
    assert share_lost_at_most(0, 299) == pytest.approx(1 - 0.05 ** (1 / 299))
    assert share_lost_at_most(4, 4) == 1.0
