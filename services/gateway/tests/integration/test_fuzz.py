"""The OpenAPI document against the gateway: no 5xx, no answer that is not documented."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

EXAMPLES = int(os.environ.get("BABBITT_TESTS_FUZZ_EXAMPLES", "3"))
"""Random ones of each operation, beside those that follow from the document alone."""

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300 + 30 * EXAMPLES)]

ONE_KEY = "/v1/api-keys/{key_id}"
"""By itself: beside the list of keys it learns their ids, ends its own, and every answer from then on is 401."""
STREAMS = ("/v1/events", "/v1/training-jobs/{job_id}/events")
"""They do not end."""
AT_RANDOM = (
    "/v1/datasets",
    "/v1/models/{model}/evaluations",
    "/v1/models/{model}/imports",
    "/v1/training-jobs",
    "/v1/tuning-jobs",
)
"""At random only: they have so many fields that what follows from the document alone is half of all requests."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)


def phases(*names, examples=EXAMPLES):
    return ("--phases", ",".join(names), "--max-examples", str(examples))


ALL = phases("examples", "coverage", "fuzzing")


@pytest.mark.parametrize(
    "selection",
    [
        (*ALL, *(part for path in (*STREAMS, ONE_KEY, *AT_RANDOM) for part in ("--exclude-path", path))),
        (
            *(part for path in AT_RANDOM for part in ("--include-path", path)),
            *phases("examples", "fuzzing", examples=4 * EXAMPLES),
        ),
        ("--include-path", ONE_KEY, *ALL),
    ],
    ids=["most", "of many fields", "one key"],
)
async def test_nothing_that_the_document_allows_is_answered_with_anything_undocumented(
    gateway, api, inference, tmp_path, selection
):
    await api.post("/v1/datasets", json={"source": {"kind": "simulated"}})
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"http://127.0.0.1:{gateway.settings.port}/openapi.json",
        *("--header", f"Authorization:{api.headers['authorization']}"),
        *("--checks", ",".join(CHECKS)),
        *selection,
        *("--seed", "7"),
        *("--workers", "2"),
        *("--request-timeout", "30"),
        *("--suppress-health-check", "all"),
        *("--warnings", "off"),
        "--no-color",
        "--continue-on-failure",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-20_000:]
    assert (await api.get("/health/ready")).status_code == 200
