"""What the settings say of GPUs."""

import pytest

from babbitt.chassis.settings import SettingsError
from babbitt.training.adapters.host_devices import HostDevices
from babbitt.training.settings import TrainingSettings


def settings(**own):
    shared = {
        "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "BABBITT_OBJECT_STORE_URL": "file:///nowhere",
        "BABBITT_TRAINING_DATABASE_URL": "postgresql+asyncpg://role:password@127.0.0.1:1/none",
    }
    return TrainingSettings.read(shared | {f"BABBITT_TRAINING_{name}".upper(): value for name, value in own.items()})


def test_fewer_devices_than_a_job_needs_are_refused_and_none_at_all_are_not():
    with pytest.raises(SettingsError, match=r"BABBITT_TRAINING_PROCESSES: a job in 2 processes .* there are 1"):
        HostDevices.found(settings(devices="GPU-a", processes="2"))
    HostDevices.found(settings(devices="GPU-a,GPU-b", processes="2"))
    HostDevices.found(settings(devices="", processes="2"))


def test_devices_are_listed_by_names_that_mean_the_same_everywhere():
    assert settings(devices=" GPU-a, MIG-b,").devices == ("GPU-a", "MIG-b")
    assert settings(devices="").devices == ()
    assert settings().devices is None
    with pytest.raises(SettingsError, match="BABBITT_TRAINING_DEVICES"):
        settings(devices="GPU-a,1")
