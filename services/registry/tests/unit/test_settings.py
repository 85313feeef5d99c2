import base64

import pytest

from babbitt.chassis.settings import SettingsError
from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.settings import RegistrySettings

NEEDED = {
    "BABBITT_KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
    "BABBITT_OBJECT_STORE_URL": "file:///objects",
    "BABBITT_REGISTRY_DATABASE_URL": "postgresql+asyncpg://localhost/babbitt",
}
ONE, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def read(**given):
    return RegistrySettings.read(NEEDED | given)


def test_the_rules_of_an_installation_that_says_nothing_are_those_of_the_contract():
    assert read().policy == GatePolicy()
    assert read(BABBITT_REGISTRY_PROMOTION="shadow_first").policy.promotion == "shadow_first"


def test_trusted_keys_are_read_by_name():
    keys = read(BABBITT_REGISTRY_TRUSTED_KEYS=f"build-1={ONE}, build-2={OTHER}").trusted_keys
    assert keys == {"build-1": bytes([1]) * 32, "build-2": bytes([2]) * 32}
    assert read().trusted_keys == {}


@pytest.mark.parametrize("wrong", ["build-1", f"={ONE}", "build-1=abc", f"build-1={ONE[:-8]}AA=="])
def test_what_is_no_key_is_refused_naming_the_setting(wrong):
    with pytest.raises(SettingsError, match="BABBITT_REGISTRY_TRUSTED_KEYS"):
        read(BABBITT_REGISTRY_TRUSTED_KEYS=wrong)
