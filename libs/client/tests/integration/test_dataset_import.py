"""`babbitt datasets import`: what is sent, and what is refused."""

import json

import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.mappings import ImportedSource
from babbitt.contracts.splits import SplitSpec
from babbitt.native.s3_server import BUCKET
from babbitt.recordings.mapping import parse_mapping

from .conftest import MAPPING, looked_at, put

NOW = "2026-01-02T03:04:05Z"
REQUESTED = {"id": "0" * 64, "state": "requested", "created_at": NOW, "updated_at": NOW}


def test_an_import_sends_the_files_that_a_rule_is_for_and_that_are_not_there_yet(counterpart, import_, folder):
    names = ("a1.npy", "below/b1.npy", "notes.npy", ".hidden/a2.npy")
    digests = {name: put(folder / name) for name in names}
    (folder / "a-folder.npy").mkdir()
    there, sent = digests["below/b1.npy"], digests["a1.npy"]
    size = (folder / "a1.npy").stat().st_size
    counterpart.answers(f"GET /v1/uploads/{there}", {"sha256": there, "size_bytes": size})
    counterpart.answers("POST /v1/uploads", {"sha256": sent, "size_bytes": size})
    files = tuple({"name": name, "sha256": digests[name]} for name in ("a1.npy", "below/b1.npy"))
    source = ImportedSource.model_validate({"files": files, "mapping": parse_mapping(MAPPING)})
    wanted = DatasetConfiguration(source=source, split=SplitSpec(kind="time", test=0.3))
    requested = {"id": wanted.dataset_id(), "state": "requested", "created_at": NOW, "updated_at": NOW}
    counterpart.answers("POST /v1/datasets", requested)
    result = import_("--split", "time", "--test", 0.3, "--json")
    assert result.exit_code == 0, result.output
    (upload,) = counterpart.of("POST /v1/uploads")
    assert upload.body == (folder / "a1.npy").read_bytes()
    (posted,) = counterpart.of("POST /v1/datasets")
    assert DatasetConfiguration.model_validate_json(posted.body) == wanted


def test_a_mapping_that_tells_splits_asks_for_a_predefined_one(counterpart, import_, folder):
    digest = put(folder / "test" / "a1.npy")
    counterpart.answers("GET /v1/uploads/*", {"sha256": digest, "size_bytes": 1})
    counterpart.answers("POST /v1/datasets", REQUESTED)
    assert import_(mapping=MAPPING.replace("a*.npy", "{split}/a*.npy")).exit_code == 0
    assert json.loads(counterpart.of("POST /v1/datasets")[0].body)["split"]["kind"] == "predefined"


def test_a_folder_without_recordings_says_which_names_are_looked_for(import_, folder):
    result = import_()
    assert result.exit_code == 1
    assert (
        result.stderr == f"babbitt: {folder}: no file matches a rule of the mapping; the patterns are a*.npy, b*.npy\n"
    )


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        (MAPPING.replace("label: healthy, ", ""), "rules[0] (pattern 'a*.npy').label: missing"),
        (MAPPING.replace("label: healthy", "label: Healthy"), "rules[0] (pattern 'a*.npy').label: "),
        (MAPPING.replace("a*.npy", "{lable}.npy"), "rules[0] (pattern '{lable}.npy').pattern: {lable} is no capture"),
    ],
)
def test_a_mapping_that_is_wrong_is_named_by_rule_and_field_before_anything_is_sent(
    counterpart, import_, folder, mapping, named
):
    put(folder / "a1.npy")
    result = import_(mapping=mapping)
    assert result.exit_code == 1
    assert named in result.stderr
    assert not counterpart.requests


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(100), b"\x1f\x8b" + bytes(100), b"<html>"])
def test_an_archive_is_no_recording_and_is_not_sent(counterpart, import_, folder, content):
    (folder / "a1.npy").write_bytes(content)
    result = import_()
    assert result.exit_code == 1
    assert result.stderr.startswith("babbitt: a1.npy: ")
    assert not counterpart.requests


def test_links_out_of_the_folder_are_not_followed_and_said(import_, folder):
    put(folder / "a1.npy")
    put(folder.parent / "secret" / "a2.npy")
    (folder / "a3.npy").symlink_to(folder.parent / "secret" / "a2.npy")
    (folder / "linked").symlink_to(folder.parent / "secret")
    (folder / "a4.npy").symlink_to("a1.npy")
    result = import_("--dry-run", "--json")
    assert [one["file"] for one in looked_at(result)["files"]] == ["a1.npy", "a4.npy"]
    assert "a3.npy: a link that leads out of" in result.stderr


@pytest.mark.parametrize("name", ["a\\..\\b.npy", "a\n.npy", "a\x7f.npy", b"a\xff.npy"])
def test_a_name_that_no_recording_may_have_is_refused(import_, folder, name):
    np.save(folder / "x.npy", np.ones(3))
    (folder / "x.npy").rename(folder / (name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")))
    result = import_("--dry-run")
    assert result.exit_code == 1
    assert "is no name of a recording" in result.stderr


def test_shares_that_cannot_be_are_a_wrong_command_line_before_anything_is_sent(counterpart, import_, folder):
    put(folder / "a1.npy")
    for options in (["--test", 0.7], ["--split", "time", "--hold-out", "a"]):
        for dry in ([], ["--dry-run"]):
            assert import_(*options, *dry).exit_code == 2
    assert not counterpart.requests


def test_what_the_gateway_has_is_sent_again_where_that_is_asked_for(counterpart, import_, folder):
    digest = put(folder / "a1.npy")
    upload = {"sha256": digest, "size_bytes": (folder / "a1.npy").stat().st_size}
    counterpart.answers("GET /v1/uploads/*", upload)
    counterpart.answers("POST /v1/uploads", upload)
    counterpart.answers("POST /v1/datasets", REQUESTED)
    assert import_().exit_code == 0
    assert not counterpart.of("POST /v1/uploads")
    assert import_("--send-again").exit_code == 0
    assert counterpart.of("POST /v1/uploads")


def test_files_by_rules_are_bounded_before_anything_is_looked_at(import_, folder, monkeypatch):
    monkeypatch.setattr("babbitt.contracts.mappings.MAX_COMPARISONS", 3)
    for name in ("a1.npy", "a2.npy"):
        put(folder / name)
    result = import_("--dry-run")
    assert (result.exit_code, "2 by 2 rules; at most 3 comparisons" in result.stderr) == (1, True), result.output


def test_a_single_file_or_an_address_is_a_source(import_, folder):
    put(folder / "x" / "a1.npy")
    for source in (folder / "x" / "a1.npy", folder.as_uri(), (folder / "x" / "a1.npy").as_uri()):
        result = import_("--dry-run", "--json", source=source)
        assert [one["file"].rpartition("/")[2] for one in looked_at(result)["files"]] == ["a1.npy"], source


@pytest.mark.integration
@pytest.mark.s3
@pytest.mark.timeout(900)
def test_a_bucket_is_a_source_with_the_credentials_of_the_environment(import_, s3, monkeypatch):
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("imports/below/a1.npy", "imports/b1.npy", "imports/.hidden/a2.npy", "a3.npy"):
        put(s3.buckets / BUCKET / name)
    result = import_("--dry-run", "--json", source=f"s3://{BUCKET}/imports")
    assert result.exit_code == 0, result.output
    assert [(one["file"], one["records"]) for one in looked_at(result)["files"]] == [("b1.npy", 1), ("below/a1.npy", 1)]
    one = import_("--dry-run", "--json", source=f"s3://{BUCKET}/imports/below/a1.npy")
    assert [one["file"] for one in looked_at(one)["files"]] == ["a1.npy"]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    refused = import_("--dry-run", source=f"s3://{BUCKET}/imports")
    assert (refused.exit_code, refused.stderr.startswith(f"babbitt: s3://{BUCKET}/imports: ")) == (1, True)


def test_a_source_that_is_not_there_is_said(import_, folder):
    result = import_("--dry-run", source=folder / "nowhere")
    assert (result.exit_code, "no such file or folder" in result.stderr) == (1, True)
