import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.registry.application.past import NotEmpty
from babbitt.registry.application.rebuild import Rebuilt
from babbitt.registry.entrypoints.rebuild_command import rebuild_command


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("BABBITT_KAFKA_BOOTSTRAP_SERVERS", "nowhere:9092")
    monkeypatch.setenv("BABBITT_OBJECT_STORE_URL", "file:///nowhere")
    monkeypatch.setenv("BABBITT_REGISTRY_DATABASE_URL", "postgresql+asyncpg://registry@nowhere/babbitt")


def test_a_rebuild_says_how_much_there_was(capsys):
    async def rebuild(settings):
        assert settings.kafka_bootstrap_servers == "nowhere:9092"
        return Rebuilt(models=2, versions=7)

    rebuild_command([], rebuild)
    assert capsys.readouterr().out == "2 models with 7 versions are restored\n"


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
