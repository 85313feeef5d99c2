import pytest

from babbitt.chassis.settings import SettingsError
from babbitt.signals.settings import SignalsSettings

NEEDED = {
    "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
    "BABBITT_OBJECT_STORE_URL": "file:///objects",
    "BABBITT_SIGNALS_DATABASE_URL": "postgresql+asyncpg://signals:secret@localhost/babbitt",
}


def test_the_defaults_are_consistent():
    assert SignalsSettings.read(NEEDED).stalled_after_hours == 26


def test_a_dataset_is_not_given_up_while_its_requests_are_still_there():
    with pytest.raises(SettingsError, match="more than 24"):
        SignalsSettings.read({**NEEDED, "BABBITT_SIGNALS_STALLED_AFTER_HOURS": "3"})
