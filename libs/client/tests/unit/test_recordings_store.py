"""Object stores as a source, on a store in a local folder: obstore reads all stores alike."""

import importlib
import sys

import pytest

from babbitt.client.cli.recordings_store import stored_files
from babbitt.recordings.errors import RecordingUnreadable


@pytest.fixture
def address(tmp_path):
    for name in ("b/2.mat", "b/10.mat", "a.mat", ".hidden", "b/.x/3.mat"):
        (tmp_path / "bucket" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bucket" / name).write_text(name)
    return (tmp_path / "bucket").as_uri()


def test_objects_below_an_address_are_files_with_names_below_it(address):
    files = stored_files(address)
    assert [(file.name, file.size_bytes) for file in files] == [("a.mat", 5), ("b/10.mat", 8), ("b/2.mat", 7)]
    with files[1].on_disk() as path:
        assert path.read_text() == "b/10.mat"
    assert not path.exists()
    assert [file.name for file in stored_files(f"{address}/b/")] == ["10.mat", "2.mat"]


def test_an_address_may_be_one_object(address):
    (file,) = stored_files(f"{address}/b/2.mat")
    assert (file.name, file.size_bytes) == ("2.mat", 7)
    with file.on_disk() as path:
        assert path.read_text() == "b/2.mat"


def test_an_address_with_nothing_is_said(address):
    with pytest.raises(RecordingUnreadable, match=r"bucket/c: "):
        stored_files(f"{address}/c")
    with pytest.raises(RecordingUnreadable, match=r"s4://b: "):
        stored_files("s4://b")


def test_without_the_extra_it_is_said_how_it_is_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "babbitt.client.cli.recordings_store")
    with pytest.raises(RecordingUnreadable, match=r"babbitt-client\[stores\]"):
        importlib.import_module("babbitt.client.cli.recordings_store")
