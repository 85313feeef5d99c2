"""Uploads are stored under their digest; keys are shown once, and end."""

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert

from babbitt.contracts.names import new_id
from babbitt.gateway.datasets.named_uploads import named_within
from babbitt.gateway.keys.tokens import read_token
from babbitt.gateway.tables import DATASETS, TRAINING_JOBS
from babbitt.gateway.training_jobs.named_uploads import imported_within

pytestmark = pytest.mark.integration

NPY = b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (384000,)}".ljust(118)
NPY += bytes(range(256)) * 12_000
CSV = b"acceleration\n" + b"".join(b"%f\n" % value for value in np.sin(np.arange(2000)))


def spooled(gateway):
    return list(gateway.settings.spool_folder.glob("*/upload-*"))


async def pieces(content, size=70_000):
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def test_an_upload_is_stored_whole_under_its_digest(world, gateway, api):
    content = NPY
    answer = await api.post("/v1/uploads", content=pieces(content))
    digest = hashlib.sha256(content).hexdigest()
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"sha256": digest, "size_bytes": len(content), "format": "npy"}
    assert (world.installation.objects / "gateway/uploads" / digest).read_bytes() == content
    found = await api.get(answer.headers["location"])
    assert found.json() == {"sha256": digest, "size_bytes": len(content), "format": None}
    assert spooled(gateway) == []
    assert (await api.get(f"/v1/uploads/{'0' * 64}")).status_code == 404


async def test_a_damaged_upload_is_mended_by_sending_the_file_again(world, api):
    digest = hashlib.sha256(NPY).hexdigest()
    for _ in range(2):
        assert (await api.post("/v1/uploads", content=NPY)).status_code == 201
        stored = world.installation.objects / "gateway/uploads" / digest
        assert stored.read_bytes() == NPY
        stored.write_bytes(bytes(len(NPY)))


async def test_a_dataset_may_be_made_of_what_was_uploaded(api):
    sha256 = (await api.post("/v1/uploads", content=CSV)).json()["sha256"]
    mapping = {
        "rules": [{"pattern": "*", "label": "a", "variable": "*", "sampling_rate_hz": 12000}],
        "sampling_rate_hz": 12000,
        "record_duration_s": 0.05,
    }
    source = {"kind": "imported", "files": [{"name": "a.csv", "sha256": sha256}], "mapping": mapping}
    answer = await api.post("/v1/datasets", json={"source": source})
    assert answer.status_code == 202, answer.text
    assert answer.json()["source_kind"] == "imported"


async def test_a_dataset_of_more_than_a_message_holds_is_refused_and_not_noted(api):
    sha256 = (await api.post("/v1/uploads", content=CSV)).json()["sha256"]
    rules = [{"pattern": f"{number}" * 240, "label": "a"} for number in range(1000, 2000)]
    mapping = {"rules": rules, "sampling_rate_hz": 12000}
    source = {"kind": "imported", "files": [{"name": "a.csv", "sha256": sha256}], "mapping": mapping}
    answer = await api.post("/v1/datasets", json={"source": source})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/source"), answer.text
    assert answer.json()["errors"][0]["accepted"] == "fewer files, shorter names or fewer rules"


async def test_uploads_are_named_by_datasets_that_are_being_made_or_were_heard_of_lately(world):
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    async def note(state, letter, days, *files):
        configuration = (
            {"source": {"kind": "imported", "files": [{"sha256": file} for file in files]}} if files else None
        )
        row = {
            "id": letter,
            "state": state,
            "updated_at": moment + timedelta(days=days),
            "configuration": configuration,
        }
        await session.execute(insert(DATASETS).values(row))

    async with world.sessions() as session:  # never committed
        await session.execute(delete(DATASETS))
        await note("ready", "a", 1, "lately", "twice")
        await note("ready", "b", -1, "long ago")
        await note("requested", "c", -1, "asked for", "twice")
        await note("failed", "d", 1)
        assert await named_within(session, moment) == {"lately", "asked for", "twice"}
        await note("building", "e", -1)
        assert await named_within(session, moment) is None


async def test_uploads_are_named_by_imports_that_go_on_or_were_heard_of_lately(world):
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    async def note(state, days, sha256=None, kind="import"):
        request = sha256 and {"artifact": {"sha256": sha256}}
        row = {"id": new_id(), "kind": kind, "state": state, "model": "pump", "request": request}
        await session.execute(insert(TRAINING_JOBS).values(row | {"updated_at": moment + timedelta(days=days)}))

    async with world.sessions() as session:  # never committed
        await session.execute(delete(TRAINING_JOBS))
        await note("completed", 1, "lately")
        await note("completed", -1, "long ago")
        await note("running", -1, "needed")
        await note("failed", 1)
        await note("running", 1, "of no import", kind="training")
        assert await imported_within(session, moment) == {"lately", "needed"}
        await note("queued", -1)
        assert await imported_within(session, moment) is None


@pytest.mark.parametrize(
    ("content", "status", "slug", "found"),
    [
        (b"", 422, "invalid-input", "is empty"),
        (b"\x7fELF\x02\x01\x01" + bytes(10_000), 415, "unsupported-media-type", "ELF"),
        (b"PK\x03\x04" + bytes(10_000_000), 415, "unsupported-media-type", "unpack it first"),
        (b"MATLAB 7.3 MAT-file".ljust(600), 415, "unsupported-media-type", "damaged MATLAB file"),
        (b"RIFF\x00\x00\x00\x00AVI ".ljust(600), 415, "unsupported-media-type", "no WAV file"),
        (b"\x93NUMPY\x03" + NPY[7:], 415, "unsupported-media-type", "version 1 or 2"),
    ],
)
async def test_what_is_not_imported_is_refused_with_what_was_found_and_what_is_accepted(
    api, content, status, slug, found
):
    answer = await api.post("/v1/uploads", content=content)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:babbitt:problem:{slug}")
    assert found in answer.json()["detail"]
    assert "MATLAB (5 and 7.3), HDF5, CSV" in str(answer.json())


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "hdf5"),
        (b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM", "matlab73"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"PAR1" + bytes(600), "parquet"),
        (b"PK\x03\x04" + bytes(22) + b"\x05\x00\x00\x00a.npy" + bytes(600), "npz"),
        (b"left;right\n0,5;1\n", "csv"),
        (b"1:2\n3:4\n", "csv"),  # its mapping says how it is laid out
    ],
)
async def test_a_recording_is_told_by_its_content(api, content, format_):
    answer = await api.post("/v1/uploads", content=content, headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.json().get("format")) == (201, format_), answer.text


async def test_an_upload_over_its_limit_is_refused_and_leaves_nothing(world):
    async with world.replica("gateway-1", BABBITT_GATEWAY_UPLOAD_LIMIT_BYTES="100000") as replica:
        content = NPY[:200_000]
        assert (await replica.client.post("/v1/uploads", content=content)).status_code == 413
        assert (await replica.client.post("/v1/uploads", content=pieces(content))).status_code == 413
        assert spooled(replica) == []


async def test_a_key_is_shown_once_works_and_ends(api, world):
    made = await api.post("/v1/api-keys", json={"name": "line 4", "scopes": ["read", "predict"], "expires_days": 1})
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    key = made.json()
    token = read_token(key["key"])
    assert key["id"] == token.id
    assert key["expires_at"]
    shown = (await api.get(f"/v1/api-keys/{token.id}")).json()
    listed = (await api.get("/v1/api-keys?limit=1")).json()
    assert "key" not in shown
    assert [one["id"] for one in listed["items"]] == [token.id]
    assert listed["next_cursor"]
    assert token.secret not in str(listed)
    assert shown["scopes"] == ["predict", "read"]
    headers = {"Authorization": f"Bearer {key['key']}"}
    async with world.replica("gateway-2", BABBITT_GATEWAY_KEY_FRESH_S="0.01") as other:
        assert (await other.client.get("/v1/models", headers=headers)).status_code == 200
        assert (await api.delete(f"/v1/api-keys/{token.id}")).status_code == 204
        refused = await other.client.get("/v1/models", headers=headers)
        assert (refused.status_code, refused.json()["detail"]) == (401, "the API key was revoked")
    assert (await api.delete("/v1/api-keys/000000000000")).status_code == 404


async def test_a_key_that_has_expired_is_refused(api):
    made = await api.post("/v1/api-keys", json={"name": "brief", "scopes": ["read"], "expires_days": 1e-9})
    refused = await api.get("/v1/models", headers={"Authorization": f"Bearer {made.json()['key']}"})
    assert (refused.status_code, refused.json()["detail"]) == (401, "the API key has expired")
