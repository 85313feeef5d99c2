from datetime import UTC, datetime, timedelta

import pytest

from babbitt.contracts.heartbeats import ServiceHeartbeat, UsedDevice
from babbitt.training.domain.device_pool import DevicePool, DevicesInUse

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def beat(*devices, instance="inference-0", service="inference", health="ready", at=NOW):
    used = tuple(UsedDevice(device=name, host="h") for name in devices)
    return ServiceHeartbeat(
        service=service, instance=instance, version="1", health=health, devices=used, interval_s=2.0, sent_at=at
    )


@pytest.fixture
def in_use():
    return DevicesInUse("training")


def test_what_a_live_replica_names_is_in_use_and_free_when_its_heartbeats_stop(in_use):
    in_use.heard(beat("GPU-a"))
    assert in_use.names(NOW + timedelta(seconds=7)) == {"GPU-a"}
    assert in_use.names(NOW + timedelta(seconds=9)) == frozenset()


def test_a_replica_that_stops_or_names_others_lets_its_devices_go_at_once(in_use):
    in_use.heard(beat("GPU-a", "GPU-b"))
    in_use.heard(beat("GPU-c", instance="inference-1"))
    in_use.heard(beat("GPU-b", at=NOW + timedelta(seconds=1)))
    assert in_use.names(NOW + timedelta(seconds=1)) == {"GPU-b", "GPU-c"}
    in_use.heard(beat("GPU-b", health="stopping", at=NOW + timedelta(seconds=2)))
    assert in_use.names(NOW + timedelta(seconds=2)) == {"GPU-c"}


def test_a_heartbeat_that_comes_late_changes_nothing_and_trainings_own_are_passed_over(in_use):
    in_use.heard(beat("GPU-a", at=NOW + timedelta(seconds=2)))
    in_use.heard(beat("GPU-b", at=NOW))
    in_use.heard(beat("GPU-c", instance="training-0", service="training"))
    assert in_use.names(NOW + timedelta(seconds=2)) == {"GPU-a"}


@pytest.mark.parametrize(
    ("processes", "workers", "takes"), [(None, 1, (1, 4)), (None, 2, (1, 2)), (None, 8, (1, 1)), (3, 1, (3, 3))]
)
def test_a_job_takes_a_device_for_each_process_or_what_is_free_of_its_workers_share(processes, workers, takes):
    pool = DevicePool.of(("a", "b", "c", "d"), processes, workers)
    assert (pool.at_least, pool.at_most) == takes
    assert pool.offered({"b"}) == ("a", "c", "d")
