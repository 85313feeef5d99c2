from datetime import UTC, datetime

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.registry.application.past import NotEmpty
from babbitt.registry.application.rebuild import Rebuilt
from babbitt.registry.domain.model import Model
from babbitt.registry.entrypoints.rebuild_command import rebuild_command

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("BABBITT_KAFKA_BOOTSTRAP_SERVERS", "nowhere:9092")
    monkeypatch.setenv("BABBITT_OBJECT_STORE_URL", "file:///nowhere")
    monkeypatch.setenv("BABBITT_REGISTRY_DATABASE_URL", "postgresql+asyncpg://registry@nowhere/babbitt")


def test_a_rebuild_says_what_there_is_again_so_that_it_can_be_held_against_what_serves(capsys, candidate):
    pump = Model("pump")
    pump.register(candidate(), NOW)
    pump.promote(1, "shadow", NOW)
    pump.promote(1, "champion", NOW)

    async def rebuild(settings):
        assert settings.kafka_bootstrap_servers == "nowhere:9092"
        return Rebuilt({"pump": pump, "fan": Model("fan", revision=1)})

    rebuild_command([], rebuild)
    assert capsys.readouterr().out.splitlines() == [
        "fan: 0 versions, revision 1",
        "pump: 1 versions, revision 3, champion 1, shadow 1",
        "2 models are restored",
    ]


@pytest.mark.parametrize("error", [NotEmpty("the schema holds models"), Unavailable("kafka", "no broker")])
def test_a_rebuild_that_could_not_be_done_ends_with_a_line(error):
    async def rebuild(settings):
        raise error

    with pytest.raises(SystemExit, match=f"^babbitt-registry: {error}"):
        rebuild_command([], rebuild)


def test_a_setting_that_is_wrong_is_told(monkeypatch):
    monkeypatch.setenv("BABBITT_REGISTRY_RETAINED_DAYS", "none")
    with pytest.raises(SystemExit, match="BABBITT_REGISTRY_RETAINED_DAYS"):
        rebuild_command([], None)
