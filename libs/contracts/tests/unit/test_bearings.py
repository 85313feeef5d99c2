from dataclasses import astuple

import pytest

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.simulations import SKF_6205


def test_the_orders_of_the_data_centres_bearing_are_those_of_its_table():
    orders = FaultOrders.of(SKF_6205)
    assert astuple(orders) == pytest.approx((3.5848, 5.4152, 2.3567, 0.3983), abs=1e-3)
    assert 2 * orders.ball == pytest.approx(4.7135, abs=1e-3)


def test_whichever_ring_turns_balls_pass_a_race_as_often_and_the_cage_follows_the_ring_that_does():
    inner = BearingGeometry(balls=12, ball_diameter_mm=10, pitch_diameter_mm=60, contact_angle_deg=25)
    outer = inner.model_copy(update={"turning_ring": "outer"})
    one, other = FaultOrders.of(inner), FaultOrders.of(outer)
    assert (one.outer_race, one.inner_race, one.ball) == (other.outer_race, other.inner_race, other.ball)
    assert one.cage < 0.5 < other.cage
    assert one.cage + other.cage == pytest.approx(1)


def test_a_contact_angle_draws_the_races_together():
    flat = BearingGeometry(balls=8, ball_diameter_mm=15, pitch_diameter_mm=65)
    steep = FaultOrders.of(flat.model_copy(update={"contact_angle_deg": 40}))
    assert FaultOrders.of(flat).outer_race < steep.outer_race < 4 < steep.inner_race < FaultOrders.of(flat).inner_race
    assert steep.outer_race + steep.inner_race == pytest.approx(8)
