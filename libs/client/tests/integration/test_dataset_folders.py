"""A dataset brought as a folder, and a version made again from one."""

import hashlib
import json

import pytest
from libs.client.tests.versions import REPORT, version_of
from starlette.responses import Response, StreamingResponse

from babbitt.client import DownloadFailed
from babbitt.training.fitting.laid_out import LIST

from .conftest import problem

DATASET = "d" * 64
CONTENTS = {"a1": b"\x89HDF" * 40_000, "b2": b"samples" * 9, "manifest.json": b'{"shards": []}'}


def described(name, content):
    return {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


FILES = [described(name, CONTENTS[name]) for name in ("manifest.json", "a1", "b2")]


@pytest.fixture
def dataset(counterpart):
    """Its files in two pages; whatever a test says of one of them goes before."""
    place = f"GET /v1/datasets/{DATASET}/files"
    pages = [{"items": FILES[:2], "next_cursor": "x"}, {"items": FILES[2:]}]
    counterpart.answers(place, *pages, *pages, *pages)

    def answer(name, *before):
        counterpart.answers(f"{place}/{name}", *before, Response(CONTENTS[name]))

    def asked():
        return [request.path.rpartition("/")[2] for request in counterpart.of(f"{place}/*")]

    counterpart.answer_file, counterpart.asked_files = answer, asked
    return counterpart


def cut():
    async def pieces():
        yield CONTENTS["a1"][:70_000]
        raise ConnectionAbortedError

    return StreamingResponse(pieces(), headers={"content-length": str(len(CONTENTS["a1"]))})


def lying_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_dataset_comes_whole_verified_and_with_its_manifest_last(client, dataset, tmp_path):
    for name in CONTENTS:
        dataset.answer_file(name, *([cut] if name == "a1" else []))
    told = []
    filled = await client("download_dataset", DATASET, tmp_path / "data", arrived=lambda *so_far: told.append(so_far))
    assert lying_in(tmp_path / "data") == CONTENTS
    assert (filled.files, filled.brought) == (3, 3)
    assert dataset.asked_files() == ["a1", "a1", "b2", "manifest.json"]
    total = sum(map(len, CONTENTS.values()))
    assert told[-1] == (total, total)


async def test_a_folder_that_was_left_halfway_goes_on_and_is_never_taken_for_whole(client, dataset, tmp_path):
    data = tmp_path / "data"
    dataset.answer_file("a1")
    dataset.answer_file("b2", Response(b"another"), Response(CONTENTS["b2"]))
    dataset.answer_file("manifest.json")
    with pytest.raises(DownloadFailed, match=r"b2: what came has the SHA-256 .*: not kept"):
        await client("download_dataset", DATASET, data)
    assert lying_in(data).keys() == {"a1"}
    filled = await client("download_dataset", DATASET, data)
    assert (filled.brought, dataset.asked_files()) == (2, ["a1", "b2", "b2", "manifest.json"])
    (data / "a1").write_bytes(b"damaged")
    dataset.requests.clear()
    dataset._answers.clear()
    dataset.answers(f"GET /v1/datasets/{DATASET}/files", {"items": FILES})
    dataset.answers("GET *", problem(410, "gone", "it is not there any more"))
    with pytest.raises(Exception, match="not there any more"):
        await client("download_dataset", DATASET, data)
    assert lying_in(data).keys() == {"a1", "b2"}, "without its manifest it is no dataset"


async def test_a_folder_of_another_dataset_and_names_that_are_paths_are_refused(client, dataset, tmp_path):
    (tmp_path / "manifest.json").write_bytes(b"{}")
    with pytest.raises(DownloadFailed, match="holds another dataset"):
        await client("download_dataset", DATASET, tmp_path)
    dataset._answers.clear()
    dataset.answers("GET *", {"items": [FILES[0], described("../b2", b"")]})
    with pytest.raises(Exception, match="something unknown"):
        await client("download_dataset", DATASET, tmp_path / "other")


def test_the_command_takes_a_datasets_id(dataset, run, tmp_path):
    for name in CONTENTS:
        dataset.answer_file(name)
    told = run("datasets", "download", DATASET, "--to", tmp_path / "data")
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[0].endswith("3 of them brought now; all are what they must be")
    again = run("datasets", "download", DATASET, "--to", tmp_path / "data", "--json")
    assert json.loads(again.stdout) == {"folder": str(tmp_path / "data"), "files": 3, "brought": 0}
    assert run("datasets", "download", DATASET, "--files", "97").exit_code == 2


REQUEST = {"model": "pump", "dataset": DATASET, "preset": "any_small", "seed": 3, "base_version": 2, "members": [3]}
MADE_OF = {
    "dataset": DATASET,
    "request": REQUEST,
    "commit": "c0ffee",
    "threads": 4,
    "processes": 2,
    "cpu": "Some Processor",
}


def reference(content):
    return {"key": "registry/artifacts/x", **{k: v for k, v in described("x", content).items() if k != "name"}}


@pytest.fixture
def version(dataset):
    """Version 7, which was trained from version 2 and asks version 3."""
    for name in CONTENTS:
        dataset.answer_file(name)
    place = "GET /v1/models/pump/versions"
    dataset.answers(f"{place}/7", version_of(7, b"onnx", "e" * 64) | {"weights": reference(b"weights")})
    dataset.answers(f"{place}/7/report", REPORT | {"provenance": MADE_OF})
    digest = hashlib.sha256(b"base").hexdigest()
    for number in (2, 3):
        told = version_of(number, b"base", digest) | {"lineage": {"train_records": reference(b"learnt")}}
        dataset.answers(f"{place}/{number}", told | {"weights": reference(b"base weights")})
        for name, content in (("artifact", b"base"), ("train-records", b"learnt"), ("weights", b"base weights")):
            dataset.answers(f"{place}/{number}/{name}", Response(content))
    return dataset


def test_how_a_version_is_made_again_is_a_folder_and_one_command(version, run, tmp_path):
    out = tmp_path / "anew"
    told = run("models", "reproduce", "pump", 7, "--out", out)
    assert told.exit_code == 0, told.output
    written = json.loads((out / "request.json").read_text())
    assert written.items() >= REQUEST.items()
    assert lying_in(out / "data") == CONTENTS
    base, member = json.loads((out / "bases" / "bases.json").read_text())
    assert (base["role"], base["weights"], base["train_records"]) == ("base", "2-weights", "2-train-records")
    assert (member["role"], "weights" in member, member["file"]) == ("member", False, "3-artifact")
    assert (out / "bases" / "2-weights").read_bytes() == b"base weights"
    read = LIST.validate_json((out / "bases" / "bases.json").read_bytes())
    assert [(one.role, one.version, one.weights) for one in read] == [("base", 2, "2-weights"), ("member", 3, None)]
    command = (
        f"python -m babbitt.training fit {out}/request.json --data {out}/data --bases {out}/bases --out {out}/made "
        "--threads 4 --device cpu --processes 2"
    )
    lines = told.stdout.splitlines()
    assert command in lines
    assert "  commit: c0ffee" in lines
    assert "  processor: Some Processor" in lines
    assert hashlib.sha256(b"weights").hexdigest() in told.stdout
    version._answers.clear()
    version.answers("GET /v1/models/pump/versions/7", version_of(7, b"onnx", "e" * 64))
    version.answers("GET /v1/models/pump/versions/7/report", REPORT)
    elsewhere = run("models", "reproduce", "pump", 7, "--out", out)
    assert (elsewhere.exit_code, "was not trained here" in elsewhere.stderr) == (1, True)


def test_a_version_whose_dataset_is_gone_says_how_it_is_had_again(counterpart, run, tmp_path):
    counterpart.answers("GET /v1/models/pump/versions/7", version_of(7, b"onnx", "e" * 64))
    counterpart.answers("GET /v1/models/pump/versions/7/report", REPORT | {"provenance": MADE_OF})
    counterpart.answers(f"GET /v1/datasets/{DATASET}/files", problem(410, "gone", "it is not there any more"))
    told = run("models", "reproduce", "pump", 7, "--out", tmp_path)
    assert told.exit_code == 1
    assert "it is not there any more; a dataset that is asked for with the same configuration" in told.stderr
    counterpart.answers("GET /v1/models/pump/versions/8", problem(404, "unknown-reference", "there is no version 8"))
    other = run("models", "reproduce", "pump", 8, "--out", tmp_path)
    assert (other.exit_code, other.stderr) == (1, "babbitt: there is no version 8\n"), "this is about no dataset"


@pytest.mark.parametrize(
    ("came_out", "otherwise", "status", "said"),
    [
        (b"weights", {}, 0, "the same as the version's, bit for bit"),
        (b"other weights", {"threads": 2}, 3, "threads differs: 4 there, 2 here"),
        (
            b"another version's",
            {"request": REQUEST | {"base_version": 1}},
            3,
            "request: base_version differs: 2 there, 1",
        ),
        (b"another version's", {"dataset": "e" * 64}, 3, f"dataset differs: {DATASET} there, {'e' * 64} here"),
        (b"other weights", {}, 3, "although nothing that is known differs"),
    ],
)
def test_what_came_out_is_compared_and_what_was_otherwise_is_named(
    version, run, tmp_path, came_out, otherwise, status, said
):
    made = tmp_path / "anew" / "made"
    made.mkdir(parents=True)
    (made / "report.json").write_text(json.dumps(REPORT | {"provenance": MADE_OF | otherwise}))
    (made / "weights.pt").write_bytes(came_out)
    told = run("models", "reproduce", "pump", 7, "--out", made.parent)
    assert (told.exit_code, said in told.stdout) == (status, True), told.output
