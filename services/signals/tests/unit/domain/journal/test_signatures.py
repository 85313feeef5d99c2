"""What each fault shows, in records with and without it on the same streams."""

import numpy as np
import pytest

from babbitt.contracts.simulations import JOURNAL_FAULTS
from babbitt.signals.domain.journal.faults import FAULTS, HEALTHY
from babbitt.signals.domain.journal.severity import LEVELS, SeverityLevel

RECORDS = range(6)
MANY = range(64)
ALIASES = 9_900  # one record in ten has one above
TONAL = ["desalignement", "desequilibre", "jeu", "lubrification", "oilwhirl", "mixed_misalign_imbalance"]
every_record = pytest.mark.parametrize("number", RECORDS)


def orders_that_stand_out(record):
    speed = record.conditions.shaft_speed_hz
    return {order for order in (1, 2, 3) if record.spectrum.stands_out(order * speed)}


def just_below_half_of_shaft_speed(record):
    speed = record.conditions.shaft_speed_hz
    return record.spectrum.energy(0.40 * speed, 0.50 * speed)


def test_the_faults_are_those_that_can_be_asked_for():
    assert tuple(FAULTS) == JOURNAL_FAULTS


@every_record
def test_above_five_hertz_a_healthy_record_has_no_line_but_mains(simulated, number):
    spectrum = simulated(HEALTHY, number).spectrum
    mains = spectrum.strongest(low=5.0)
    assert 49.8 <= mains <= 60.2
    above = (spectrum.frequency > 5) & (spectrum.frequency < ALIASES)
    rest = spectrum.power[above & (np.abs(spectrum.frequency - mains) > 1)]
    assert rest.max() < 0.1 * spectrum.at(mains)


def test_apart_from_the_mean_the_strongest_line_of_healthy_records_is_below_one_hertz_or_rarely_mains(simulated):
    strongest = [simulated(HEALTHY, number).spectrum.strongest() for number in MANY]
    assert np.mean([line < 1 for line in strongest]) >= 0.9
    assert all(line < 1.5 or 49.8 <= line <= 60.2 for line in strongest)


def test_healthy_records_are_as_loud_as_the_design_says(simulated):
    rms = np.array([simulated(HEALTHY, number).rms for number in MANY])
    assert np.mean((rms >= 0.039) & (rms <= 0.068)) >= 0.85
    assert 0.037 <= rms.min() <= rms.max() <= 0.085
    assert 0.043 <= np.median(rms) <= 0.050


def test_a_healthy_record_is_the_quietest_of_its_pair_and_on_average_though_its_range_meets_cavitations(simulated):
    healthy = [simulated(HEALTHY, number).rms for number in RECORDS]
    for fault in set(FAULTS) - {HEALTHY}:
        faulty = [simulated(fault, number).rms for number in RECORDS]
        assert all(without < with_it for without, with_it in zip(healthy, faulty, strict=True))
    assert max(healthy) > min(simulated("cavitation", number).rms for number in RECORDS)


@every_record
def test_misalignment_shows_at_twice_and_three_times_shaft_speed(simulated, number):
    faulty, speed = simulated("desalignement", number), simulated(HEALTHY, number).conditions.shaft_speed_hz
    assert orders_that_stand_out(faulty) >= {2, 3}
    assert not orders_that_stand_out(simulated(HEALTHY, number)) & {2, 3}
    once, twice, thrice = (faulty.spectrum.at(order * speed) for order in (1, 2, 3))
    assert twice > once
    assert twice > thrice


@every_record
def test_imbalance_shows_at_shaft_speed_alone(simulated, number):
    faulty, healthy = simulated("desequilibre", number), simulated(HEALTHY, number)
    speed = faulty.conditions.shaft_speed_hz
    assert faulty.spectrum.strongest(low=5.0) == pytest.approx(speed, abs=0.5)
    assert faulty.spectrum.at(speed) > 50 * healthy.spectrum.at(speed)
    assert orders_that_stand_out(faulty) == {1}
    assert not faulty.spectrum.stands_out(speed / 2)


@every_record
def test_looseness_shows_below_half_of_shaft_speed_and_at_once_and_twice(simulated, number):
    faulty, healthy = simulated("jeu", number), simulated(HEALTHY, number)
    speed = faulty.conditions.shaft_speed_hz
    assert 0.40 * speed <= faulty.spectrum.strongest(low=5.0, high=0.9 * speed) <= 0.50 * speed
    assert just_below_half_of_shaft_speed(faulty) > 100 * just_below_half_of_shaft_speed(healthy)
    assert orders_that_stand_out(faulty) == {1, 2}


@every_record
def test_a_lack_of_lubrication_raises_one_to_six_hertz_and_flattens_the_distribution(simulated, number):
    severe, incipient = (simulated("lubrification", number, level) for level in (LEVELS[-1], LEVELS[0]))
    healthy = simulated(HEALTHY, number)
    for faulty in (severe, incipient):
        assert faulty.spectrum.energy(1, 6) > 10 * healthy.spectrum.energy(1, 6)
    assert 1.45 < severe.kurtosis < 2.0
    assert 1.5 < incipient.kurtosis < 2.9


def test_cavitation_raises_its_band_and_when_severe_the_kurtosis(simulated):
    records = range(12)
    severe = [simulated("cavitation", number) for number in records]
    incipient = [simulated("cavitation", number, SeverityLevel.INCIPIENT) for number in records]
    shares = [simulated(HEALTHY, number).spectrum.share(1_400, 2_600) for number in records]
    raised = [faulty.spectrum.share(1_400, 2_600) / without for faulty, without in zip(severe, shares, strict=True)]
    assert min(raised) > 1.05
    assert np.median(raised) > 2
    assert np.median([faulty.kurtosis for faulty in severe]) == pytest.approx(10, abs=2)
    assert np.median([faulty.kurtosis for faulty in incipient]) == pytest.approx(3.0, abs=0.3)


@every_record
def test_wear_raises_the_floor_and_is_flatter_than_any_tonal_fault(simulated, number):
    worn, healthy = simulated("usure", number), simulated(HEALTHY, number)
    assert worn.spectrum.energy(3_000, 9_000) > 10 * healthy.spectrum.energy(3_000, 9_000)
    assert 1 in orders_that_stand_out(worn)
    assert worn.spectrum.flatness() > 5 * max(simulated(fault, number).spectrum.flatness() for fault in TONAL)


@every_record
def test_oil_whirl_dominates_a_little_below_half_of_shaft_speed(simulated, number):
    faulty, healthy = simulated("oilwhirl", number), simulated(HEALTHY, number)
    speed = faulty.conditions.shaft_speed_hz
    assert 0.40 * speed <= faulty.spectrum.strongest() <= 0.49 * speed
    assert just_below_half_of_shaft_speed(faulty) > 100 * just_below_half_of_shaft_speed(healthy)


@every_record
def test_misalignment_and_imbalance_show_at_once(simulated, number):
    assert orders_that_stand_out(simulated("mixed_misalign_imbalance", number)) == {1, 2, 3}


@every_record
def test_wear_and_a_lack_of_lubrication_show_at_once(simulated, number):
    faulty, healthy = simulated("mixed_wear_lube", number), simulated(HEALTHY, number)
    assert faulty.spectrum.energy(3_000, 9_000) > 5 * healthy.spectrum.energy(3_000, 9_000)
    assert orders_that_stand_out(faulty) >= {1, 2}
    assert faulty.spectrum.energy(1, 6) > 10 * healthy.spectrum.energy(1, 6)


@every_record
def test_cavitation_and_looseness_show_at_once(simulated, number):
    faulty, healthy = simulated("mixed_cavit_jeu", number), simulated(HEALTHY, number)
    assert faulty.spectrum.energy(1_400, 2_600) > 1.05 * healthy.spectrum.energy(1_400, 2_600)
    assert just_below_half_of_shaft_speed(faulty) > 100 * just_below_half_of_shaft_speed(healthy)
    assert 1 in orders_that_stand_out(faulty)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != HEALTHY])
def test_a_fault_is_plainer_the_further_it_has_gone(simulated, fault):
    def added(number, level):
        faulty, healthy = simulated(fault, number, level), simulated(HEALTHY, number)
        return np.sqrt(np.mean((faulty.samples - healthy.samples) ** 2))

    means = [np.mean([added(number, level) for number in RECORDS]) for level in LEVELS]
    assert means == sorted(means)
