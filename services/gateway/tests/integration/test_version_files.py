"""The files of a version, out of the object store."""

import hashlib
from uuid import UUID

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.evaluations import Lineage
from babbitt.contracts.model_reports import ModelReport, Provenance
from babbitt.contracts.model_scores import SplitScores
from babbitt.contracts.models import ModelRegistered
from babbitt.contracts.paired import PairedPredictions

from .commands import DIGEST, SUMMARY, exists

pytestmark = pytest.mark.integration

PREDICTIONS = PairedPredictions(test_split_sha256=DIGEST, class_names=("sain",), records=())
SCORES = SplitScores(
    records=40, windows=200, groups=9, record_accuracy=0.99, window_accuracy=0.97, macro_f1=0.98, window_macro_f1=0.9
)


@pytest.fixture(scope="module")
async def version(world, api, until, assigned):
    """Version 3 of `filed` with all its files, and version 4 whose report was collected."""
    told = assigned("filed")
    report = ModelReport(
        preset="spectral_small", data_spec=told.data_spec, model_spec=told.model_spec, evaluation=SUMMARY, test=SCORES,
        provenance=Provenance(dataset=DIGEST, commit="c0ffee"),
    )  # fmt: skip
    store = ObjectStore(world.installation.objects.resolve().as_uri(), "registry")
    contents = {"artifact": b"onnx" * 300_000, "figure": b"\x89PNG", "report": report.model_dump_json().encode(),
                "predictions": PREDICTIONS.model_dump_json().encode(), "weights": b"tensors",
                "learnt": b"{}"}  # fmt: skip
    files = {name: await store.put_addressed("artifacts", content) for name, content in contents.items()}
    for number, key in ((3, files["report"].key), (4, "registry/artifacts/gone")):
        registered = ModelRegistered(
            model="filed", version=number, job_id=UUID(int=number), dataset=DIGEST, preset="spectral_small",
            artifact=files["artifact"].model_copy(update={} if number == 3 else {"size_bytes": 7}),
            data_spec=told.data_spec, model_spec=told.model_spec, evaluation=SUMMARY,
            report=files["report"].model_copy(update={"key": key}), predictions=files["predictions"],
            figures={"confusion": files["figure"]} if number == 3 else {},
            weights=files["weights"] if number == 3 else None,
            lineage=Lineage(train_records=files["learnt"]) if number == 3 else Lineage(),
        )  # fmt: skip
        await world.say(registered, sequence=number)
    await until(lambda: exists(api, "/v1/models/filed/versions/4"))
    return contents


async def test_every_file_of_a_version_is_served_as_it_is_with_its_digest(version, api):
    place = "/v1/models/filed/versions/3"
    for name, media_type, of in (
        ("report", "application/json", "report"),
        ("predictions", "application/json", "predictions"),
        ("figures/confusion", "image/png", "figure"),
        ("artifact", "application/octet-stream", "artifact"),
        ("weights", "application/octet-stream", "weights"),
        ("train-records", "application/octet-stream", "learnt"),
    ):
        answer = await api.get(f"{place}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type), name
        assert answer.content == version[of], name
        assert answer.headers["etag"] == f'"{hashlib.sha256(version[of]).hexdigest()}"'
    card = await api.get(f"{place}/card")
    assert card.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "# filed version 3" in card.text
    assert "c0ffee" in card.text


async def test_what_is_not_there_is_said_to_be_unknown_or_gone(version, api):
    async def status(place):
        answer = await api.get(f"/v1/models/{place}")
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code

    assert await status("filed/versions/3/figures/other") == 404
    assert await status("filed/versions/9/report") == 404
    assert await status("unheard/versions/1/report") == 404
    for name in ("weights", "train-records"):
        assert await status(f"filed/versions/4/{name}") == 404, name
    for name in ("report", "card", "artifact"):
        assert await status(f"filed/versions/4/{name}") == 410, name
