import tempfile
from pathlib import Path

import pytest

STANDINS = Path(__file__).with_name("standins")


@pytest.fixture
def folder():
    """A folder that PostgreSQL's user can be let into, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="babbitt-native-") as place:
        yield Path(place)


@pytest.fixture
def standins(folder):
    """The environment in which stand-ins are found before the services."""
    place = folder / "told"
    place.mkdir()
    return {"PYTHONPATH": str(STANDINS), "STANDIN_FOLDER": str(place)}
