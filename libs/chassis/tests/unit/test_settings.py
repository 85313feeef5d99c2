"""Settings are read once, checked whole, and told in one line when they are wrong."""

import pytest

from babbitt.chassis.settings import DatabaseSettings, SettingsError

GIVEN = {
    "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "BABBITT_OBJECT_STORE_URL": "file:///objects",
    "BABBITT_REGISTRY_DATABASE_URL": "postgresql+asyncpg://role:secret-word@127.0.0.1/babbitt",
}


class RegistrySettings(DatabaseSettings):
    service = "registry"
    accuracy_floor: float = 0.8


def read(**more):
    return RegistrySettings.read(GIVEN | more)


def test_shared_settings_and_a_services_own_are_told_apart_by_their_names():
    settings = read(BABBITT_REGISTRY_ACCURACY_FLOOR="0.9", BABBITT_LOG_LEVEL="DEBUG")
    assert (settings.accuracy_floor, settings.log_level, settings.kafka_prefix) == (0.9, "DEBUG", "babbitt.")


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named():
    with pytest.raises(SettingsError, match=r"unknown setting BABBITT_REGISTRY_FLOOR.*BABBITT_REGISTRY_ACCURACY_FLOOR"):
        read(BABBITT_REGISTRY_FLOOR="0.9")


def test_another_services_settings_and_foreign_variables_are_left_alone():
    assert read(BABBITT_TRAINING_WORKERS="2", PATH="/bin", KUBERNETES_PORT="1")


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(SettingsError) as caught:
        read(BABBITT_LOG_LEVEL="LOUD", BABBITT_REGISTRY_ACCURACY_FLOOR="high")
    assert "BABBITT_LOG_LEVEL" in str(caught.value)
    assert "BABBITT_REGISTRY_ACCURACY_FLOOR" in str(caught.value)


def test_what_is_missing_is_named():
    with pytest.raises(SettingsError, match="BABBITT_KAFKA_BOOTSTRAP_SERVERS"):
        RegistrySettings.read({})


def test_secrets_show_nowhere():
    assert "secret-word" not in repr(read())
    with pytest.raises(SettingsError) as caught:
        read(BABBITT_REGISTRY_DATABASE_URL="", BABBITT_LOG_LEVEL="secret-word")
    assert "secret-word" not in str(caught.value)


def test_every_setting_is_described_for_help():
    assert "BABBITT_REGISTRY_ACCURACY_FLOOR" in dict(RegistrySettings.describe())
