"""The catalogue of datasets: who needs them, when they were last used, what they hold."""

import hashlib
import json
from uuid import UUID

import numpy as np
import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetCancelled, DatasetReady, ReportReference
from babbitt.contracts.models import ModelRegistered, ModelRetired
from babbitt.contracts.training import TrainQueued
from babbitt.recordings.shards import ShardWriter

from .commands import REFERENCE, SUMMARY, state

pytestmark = pytest.mark.integration

WAVEFORM = np.random.default_rng(4).standard_normal((1, 5_120)).astype(np.float32)


def named(name):
    """The id of a dataset of these tests alone: all of the gateway's share one installation."""
    return hashlib.sha256(f"catalogue {name}".encode()).hexdigest()


@pytest.fixture
def ready(world, api, until, assigned):
    """A function: says that a dataset is ready, and waits until the gateway knows."""

    async def say(letter, *, sequence=1, manifest=REFERENCE, classes=("healthy", "imbalance"), **more):
        spec = assigned().data_spec.model_copy(update={"class_names": classes})
        told = {"split_kind": "group", "counts": {}, "size_bytes": 7_000} | more
        said = DatasetReady(dataset_id=named(letter), manifest=manifest, data_spec=spec, **told)
        envelope = await world.say(said, sequence=sequence)
        return await state(api, until, f"/v1/datasets/{named(letter)}", "ready"), envelope

    return say


async def test_a_dataset_tells_its_size_which_models_need_it_and_when_it_was_last_used(
    world, api, until, ready, assigned
):
    dataset = named("c")
    shown, said = await ready("c")
    assert (shown["size_bytes"], shown["needed_by"]) == (7_000, [])
    assert shown["used_at"] >= said.time.isoformat().replace("+00:00", "Z")[:23]

    async def needing(*versions):
        async def look():
            return (await api.get(f"/v1/datasets/{dataset}")).json()["needed_by"] == list(versions)

        await until(look)

    spec = assigned("needs").model_spec
    for version in (1, 2, 10):
        registered = ModelRegistered(
            model="needs", version=version, job_id=UUID(int=version), dataset=dataset, preset="p", artifact=REFERENCE,
            data_spec=assigned().data_spec, model_spec=spec, evaluation=SUMMARY,
        )  # fmt: skip
        await world.say(registered, sequence=version)
    await needing("needs@1", "needs@2", "needs@10")
    await world.say(ModelRetired(model="needs", version=2, reason="old"), sequence=11)
    await needing("needs@1", "needs@10")

    queued = TrainQueued(job_id=UUID(int=77), model="needs", dataset=dataset, preset="p")
    await world.say(queued)

    async def later():
        return (await api.get(f"/v1/datasets/{dataset}")).json()["used_at"] > shown["used_at"]

    await until(later)


async def test_datasets_are_found_by_state_source_label_and_class(world, api, until, ready):
    mine = {"source": {"kind": "simulated", "records_per_class": 9, "seed": 4711}, "label": "100 % Pump_7, new"}
    asked = (await api.post("/v1/datasets", json=mine)).json()["id"]
    await ready("d", classes=("cavitation", "whirl"), source_kind="imported")
    await world.say(DatasetCancelled(dataset_id=named("e")), sequence=1)
    await state(api, until, f"/v1/datasets/{named('e')}", "cancelled")

    async def found(**query):
        answer = await api.get("/v1/datasets", params=query | {"limit": 200})
        assert answer.status_code == 200, answer.text
        return {item["id"] for item in answer.json()["items"]}

    assert await found(label="% pump_7") == {asked}
    assert await found(label="%pump") == set()
    assert await found(**{"class": "whirl"}) == {named("d")}
    assert await found(**{"class": "whirl", "source": "simulated"}) == set()
    assert await found(**{"class": "whirl", "source": "imported", "state": "ready"}) == {named("d")}
    assert named("e") in await found(state="cancelled")
    for wrong in ({"source": "stolen"}, {"class": "Two Words"}, {"label": "\x00"}):
        answer = await api.get("/v1/datasets", params=wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["pointer"].endswith(next(iter(wrong)))


async def test_the_records_of_a_dataset_come_in_pages_and_each_with_its_samples(world, api, ready, tmp_path):
    store = ObjectStore(world.installation.objects.resolve().as_uri(), "signals")
    with ShardWriter(tmp_path / "shard", sampling_rate_hz=20_480) as shard:
        digests = [shard.add(f"r/{row}", "healthy", WAVEFORM * (row + 1)) for row in range(5)]
    stored = await store.put_addressed(f"datasets/{named('f')}/1", tmp_path / "shard")
    entries = [
        {"record": f"r/{row}", "label": "healthy", "split": "train", "group": "m1", "shard": 0, "row": row,
         "samples": 5_120, "shaft_speed_hz": 29.5, "blake3": digest}
        for row, digest in enumerate(digests)
    ]  # fmt: skip
    content = json.dumps({"shards": [stored.model_dump()], "records": entries}).encode()
    await ready("f", manifest=await store.put(f"signals/datasets/{named('f')}/1/manifest.json", content))
    found, place = [], f"/v1/datasets/{named('f')}/records?limit=2"
    while place:
        answer = await api.get(place)
        found += answer.json()["items"]
        place = answer.links.get("next", {}).get("url")
    assert [record["record"] for record in found] == [f"r/{row}" for row in range(5)]
    assert (found[0]["duration_s"], found[0]["place"], found[0]["group"]) == (0.25, "train", "m1")
    place = f"/v1/datasets/{named('f')}/records/r%2F2"
    answer = await api.get(place)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert np.array_equal(np.frombuffer(answer.content, "<f4"), (WAVEFORM * 3)[0])
    assert answer.headers["babbitt-sampling-rate-hz"] == "20480.0"
    assert answer.headers["vary"] == "Accept"
    for accept in ("application/json", "application/octet-stream;q=0.5, application/json"):
        answer = await api.get(place, headers={"Accept": accept})
        assert answer.headers["vary"] == "Accept"
        assert np.array_equal(np.array(answer.json()["waveform"], np.float32), WAVEFORM * 3)
    answer = await api.get(place, headers={"Accept": "application/json;q=0, */*"})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert (await api.get(f"/v1/datasets/{named('f')}/records/none")).status_code == 404
    assert (await api.get(f"/v1/datasets/{named('f')}/records?cursor=WyJ4Il0")).status_code == 400
    assert (await api.get(f"/v1/datasets/{named('never made')}/records")).status_code == 404


async def test_a_dataset_is_there_as_files_with_their_digests(world, api, ready):
    store, dataset = ObjectStore(world.installation.objects.resolve().as_uri(), "signals"), named("files")
    shards = [await store.put_addressed(f"datasets/{dataset}/1", bytes([number]) * 2_000_000) for number in range(3)]
    content = json.dumps({"shards": [shard.model_dump() for shard in shards], "records": []}).encode()
    manifest = await store.put(f"signals/datasets/{dataset}/1/manifest.json", content)
    await ready("files", manifest=manifest)
    found, place = [], f"/v1/datasets/{dataset}/files?limit=2"
    while place:
        answer = await api.get(place)
        found.append(answer.json()["items"])
        place = answer.links.get("next", {}).get("url")
    assert [len(page) for page in found] == [2, 2]
    (first, *others) = [file for page in found for file in page]
    assert first == {"name": "manifest.json", "sha256": manifest.sha256, "size_bytes": len(content)}
    assert [file["sha256"] for file in others] == [shard.sha256 for shard in shards]
    for file in (first, others[1]):
        answer = await api.get(f"/v1/datasets/{dataset}/files/{file['name']}")
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert answer.headers["etag"] == f'"{file["sha256"]}"'
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await api.get(f"/v1/datasets/{dataset}/files/other")).status_code == 404
    assert (await api.get(f"/v1/datasets/{dataset}/files/..%2Freport")).status_code == 404
    await store.delete(shards[1].key)
    assert (await api.get(f"/v1/datasets/{dataset}/files/{others[1]['name']}")).status_code == 410


async def test_records_of_a_dataset_that_is_not_ready_or_whose_objects_are_gone_are_told_why(world, api, until, ready):
    await world.say(DatasetCancelled(dataset_id=named("1")), sequence=1)
    await state(api, until, f"/v1/datasets/{named('1')}", "cancelled")
    answer = await api.get(f"/v1/datasets/{named('1')}/records")
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "the dataset is cancelled: only a ready one has records",
    )  # fmt: skip
    await ready("2")
    assert (await api.get(f"/v1/datasets/{named('2')}/records")).status_code == 410


async def test_the_report_of_a_dataset_is_linked_and_read_as_json_or_as_a_page_that_runs_nothing(world, api, ready):
    store, dataset = ObjectStore(world.installation.objects.resolve().as_uri(), "signals"), named("9")
    reference = ReportReference(
        document=await store.put(f"signals/datasets/{dataset}/1/report.json", b'{"findings": []}'),
        page=await store.put(f"signals/datasets/{dataset}/1/report.html", b"<h1>Quality report</h1>"),
    )
    shown, _ = await ready("9", report=reference, findings=("The RMS alone tells it.",), split_in_time=("healthy",))
    assert (shown["findings"], shown["split_in_time"]) == (["The RMS alone tells it."], ["healthy"])
    place = shown["report_path"]
    answer = await api.get(place)
    assert (answer.headers["content-type"], answer.json()) == ("application/json", {"findings": []})
    answer = await api.get(place, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text == "<h1>Quality report</h1>"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    await store.put(reference.page.key, b"<h1>Another</h1>")
    assert (await api.get(place, headers={"Accept": "text/html"})).status_code == 410


async def test_a_dataset_without_a_report_says_so(api, ready):
    shown, _ = await ready("8")
    assert (shown["report"], shown["report_path"], shown["findings"]) == (None, None, [])
    assert (await api.get(f"/v1/datasets/{named('8')}/report")).status_code == 404
