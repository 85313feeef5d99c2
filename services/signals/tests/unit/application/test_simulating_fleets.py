"""When a fleet publishes, and when it ends."""

import asyncio
from datetime import UTC, datetime

import pytest

from babbitt.contracts.simulations import RollingSource
from babbitt.signals.application.simulate_fleet import Pace, SimulateFleet
from babbitt.signals.domain.fleet.fleet import Fleet, FleetPlan
from babbitt.signals.domain.fleet.rolling_sounds import RollingSounds


class TakenMeasurements:
    """A broker that takes all, each as soon as it is asked for it."""

    def __init__(self):
        self.sent, self.taken = [], []

    async def send(self, measurement):
        self.sent.append(measurement)

        async def taken():
            self.taken.append(measurement)

        return taken()


@pytest.fixture
def made():
    source = RollingSource(profile="rolling", duration_s=0.55, sampling_rate_hz=4_000)
    return Fleet(FleetPlan(4, 100.0, datetime(2026, 1, 1, tzinfo=UTC)), RollingSounds(source)).measurements()


@pytest.fixture
def simulate(made, worker):
    async def simulate(pace, stop=None, watch=lambda _: None):
        topic = TakenMeasurements()
        loop = asyncio.get_running_loop()
        published = await SimulateFleet(topic, worker, loop.time, watch)(made, pace, stop or asyncio.Event())
        return topic, published

    return simulate


async def test_it_ends_after_so_many_measurements_and_each_has_been_taken(simulate):
    topic, published = await simulate(Pace(speed_up=1_000, count=70))
    assert published.measurements == len(topic.sent) == 70
    assert topic.taken == topic.sent


async def test_it_ends_after_so_much_of_the_fleets_time(simulate):
    topic, _ = await simulate(Pace(speed_up=1_000, duration_s=0.25))
    assert len(topic.sent) == 25


async def test_each_is_published_when_its_last_sample_was_taken_as_fast_as_time_goes_by(simulate):
    loop = asyncio.get_running_loop()
    begun = loop.time()
    _, published = await simulate(Pace(speed_up=2, count=21))
    assert loop.time() - begun >= 0.37  # the last one begins at 0.2 s of the fleet's time and takes 0.55 s
    assert published.behind_s < 1


async def test_who_is_watching_sees_them_in_order_while_it_runs_and_may_stop_it(simulate):
    stop, seen = asyncio.Event(), []

    def watch(measurement):
        seen.append(measurement)
        if len(seen) == 3:
            stop.set()

    topic, published = await simulate(Pace(), stop, watch)
    assert seen == topic.sent == topic.taken
    assert published.measurements == 3
