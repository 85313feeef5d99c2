"""The numbers of profile `rolling`: what its machines and records are drawn from, and that this stays so."""

from functools import partial

import numpy as np
import pytest

from babbitt.contracts.simulations import SKF_6205, RollingSource
from babbitt.signals.domain.rolling.machine import Machine
from babbitt.signals.domain.rolling.simulation import RecordConditions, simulate
from babbitt.signals.domain.streams import Layer, stream
from babbitt.signals.domain.time_base import TimeBase

PROFILE = RollingSource(profile="rolling")


def machine_of(number):
    rng = stream(2, number, Layer.ROLLING_MACHINE)
    return Machine.draw(rng, SKF_6205, PROFILE.shaft_speed_hz, PROFILE.sampling_rate_hz)


def conditions_of(number):
    return RecordConditions.draw(stream(2, number, Layer.ROLLING_RECORD), PROFILE.signal_to_noise_db)


MACHINES = [machine_of(number) for number in range(400)]
RECORDS = [conditions_of(number) for number in range(400)]
RESONANCES = [resonance for machine in MACHINES for resonance in machine.resonances]
OTHERS = [resonance for machine in MACHINES for resonance in machine.noise.others]


@pytest.mark.parametrize(
    ("low", "high", "drawn"),
    [
        pytest.param(-0.02, 0.01, [one.motion.slip for one in RECORDS], id="slip"),
        pytest.param(0.002, 0.02, [one.motion.jitter for one in RECORDS], id="jitter of a period"),
        pytest.param(0.05, 0.4, [one.motion.scatter for one in RECORDS], id="scatter of strengths"),
        pytest.param(-16, 8, [one.signal_to_noise_db for one in RECORDS], id="impacts over noise in dB"),
        pytest.param(28, 30, [one.shaft_speed_hz for one in MACHINES], id="shaft speed in Hz"),
        pytest.param(0.3, 1, [one.load_zone for one in MACHINES], id="load zone"),
        pytest.param(0, 0.3, [one.unloaded for one in MACHINES], id="strength outside of the load zone"),
        pytest.param(0, 0.4, [one.unbalanced for one in MACHINES], id="modulation by a turning load"),
        pytest.param(0, 1, [one.inner_strike for one in MACHINES], id="a ball on the inner race over the outer"),
        pytest.param(0.3, 1, [one.gain for one in RESONANCES], id="gain of a resonance"),
        pytest.param(0, 1.5, [one.noise.tilt for one in MACHINES], id="tilt of the noise"),
        pytest.param(0, 1.5, [one.noise.of_structure for one in MACHINES], id="share of the structure in the noise"),
        pytest.param(0, 0.35, [one.noise.modulations[0] for one in MACHINES], id="swelling of the noise"),
        *(
            pytest.param(np.log(low), np.log(high), np.log(drawn), id=name)
            for name, low, high, drawn in (
                ("resonance in Hz", 600, 5_400, [one.frequency_hz for one in RESONANCES]),
                ("damping", 0.008, 0.06, [one.damping for one in RESONANCES]),
                ("damping of what only noise excites", 0.05, 0.4, [one.damping for one in OTHERS]),
                ("noise in g", 0.02, 0.5, [one.noise.level_g for one in MACHINES]),
                ("corner of the noise in Hz", 100, 2_000, [one.noise.corner_hz for one in MACHINES]),
            )
        ),
    ],
)
def test_draws_fill_their_range_and_do_not_leave_it(low, high, drawn):
    shares = (np.asarray(drawn) - low) / (high - low)
    assert 0 <= shares.min() < 0.03
    assert 0.97 < shares.max() <= 1
    assert np.mean(shares) == pytest.approx(0.5, abs=0.06)


def test_machines_have_one_to_three_resonances_and_harmonics_that_fall_with_their_number():
    counts = np.bincount([len(one.resonances) for one in MACHINES])
    assert counts.size == 4
    assert counts[0] == 0
    assert counts[1:].min() > 100
    harmonics = np.log([one.harmonics for one in MACHINES])
    assert np.mean(harmonics[:, :1] - harmonics, axis=0) == pytest.approx(np.log([1, 2, 3, 4, 5, 6]), abs=0.2)
    assert np.mean(harmonics[:, 0]) == pytest.approx(np.log(0.03) / 2, abs=0.2)


GIVEN = {
    "healthy": [-0.315956, 0.197569, 0.363261, -0.369753],
    "outer_race": [-0.079344, 1.042660, -0.312947, -1.229831],
    "inner_race": [-0.260984, 0.203705, 0.345269, -0.509410],
    "ball": [-0.314934, 0.178320, 0.325383, -0.364797],
}


@pytest.mark.parametrize("fault", GIVEN)
def test_generator_version_1_gives_what_it_always_gave(fault):
    """Another generator is another dataset: change this only with the version in the contract.

    Loose by what Fourier transforms differ by between CPU families.
    """
    assert RollingSource.model_fields["generator"].default == 1
    time = TimeBase.of(1.0, PROFILE.sampling_rate_hz)
    record = simulate(fault, machine_of(3), conditions_of(7), time, partial(stream, 2, 7))[0]
    np.testing.assert_allclose(record[[0, 1, 5_000, 11_999]], GIVEN[fault], atol=1e-4)


def test_a_record_of_a_prime_length_is_the_beginning_of_one_whose_length_transforms_quickly():
    prime, quick = (
        simulate("ball", machine_of(3), conditions_of(7), TimeBase(samples, 12_000.0), partial(stream, 2, 7))
        for samples in (12_007, 12_150)
    )
    assert prime.shape == (1, 12_007)
    np.testing.assert_array_equal(prime, quick[:, :12_007])
