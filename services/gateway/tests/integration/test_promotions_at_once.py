"""Two who promote at once, over HTTP and through the registry itself, which runs as a process of its own."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.evaluations import Parity
from babbitt.contracts.models import ModelPromoted
from babbitt.contracts.topics import MODELS_EVENTS, MODELS_REQUESTS
from babbitt.contracts.training import TrainCompleted

from .commands import SUMMARY, headers_of

pytestmark = pytest.mark.integration

DEADLINE_S = 60


@asynccontextmanager
async def registry(world):
    """The registry as a process, with its tables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("BABBITT_")}
    environment = own | world.installation.environment("registry", BABBITT_GROUP_SESSION_S="6")
    command = (sys.executable, "-m", "babbitt.registry")
    migration = await asyncio.create_subprocess_exec(*command, "migrate", env=environment)
    assert await migration.wait() == 0
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        async with asyncio.timeout(DEADLINE_S):
            await process.wait()


async def train(world, spec, number):
    """A job ends; what its files hold is nobody's matter here."""
    store = ObjectStore(world.installation.objects.resolve().as_uri(), "training")
    file = await store.put_addressed("artifacts", f"weights {number}".encode())
    completed = TrainCompleted(
        job_id=UUID(int=1000 + number),
        model=spec.model,
        dataset="d" * 64,
        preset="spectral_small",
        artifact=file,
        report=file,
        predictions=file,
        data_spec=spec.data_spec,
        model_spec=spec.model_spec,
        evaluation=SUMMARY.model_copy(update={"per_class": dict.fromkeys(spec.model_spec.class_names, 1.0)}),
        parity=Parity(max_abs_difference=0.0, bound=1e-3, windows=8),
        epochs=1,
        seconds=1.0,
    )
    await world.say(completed, source="/babbitt/training")


async def test_of_two_promotions_at_once_one_is_made_and_the_other_is_refused_with_409(world, api, until, assigned):
    place = "/v1/models/racer"
    async with registry(world) as process:
        for number in (1, 2, 3):
            await train(world, assigned("racer"), number)

        async def pointing():
            history = await api.get(f"{place}/history")
            versions = await api.get(f"{place}/versions")
            return (
                versions.status_code == 200
                and len(versions.json()["items"]) == 3
                and history.json()["aliases"] == {"champion": 1}
            )

        await until(pointing)
        process.send_signal(signal.SIGSTOP)  # so that both ask before either is answered
        asking = [
            asyncio.create_task(
                api.post(
                    f"{place}/promotions",
                    json={"version": version, "reason": f"racer {version}"},
                    headers={"Prefer": "wait=60"},
                )
            )
            for version in (2, 3)
        ]

        async def both_have_asked():
            return len([one for one in await world.records(MODELS_REQUESTS) if b"racer" in one.value]) == 2

        await until(both_have_asked)
        process.send_signal(signal.SIGCONT)
        made, refused = sorted(await asyncio.gather(*asking), key=lambda answer: answer.status_code)
        assert (made.status_code, refused.status_code) == (201, 409), (made.text, refused.text)
        assert refused.json()["type"] == "urn:babbitt:problem:alias-moved"
        winner = made.json()["version"]
        history = (await api.get(f"{place}/history")).json()
        assert history["aliases"] == {"champion": winner}
        again = await api.post(
            f"{place}/promotions", json={"version": winner, "reason": "racer again"}, headers={"Prefer": "wait=60"}
        )
        assert (again.status_code, again.json()["state"]) == (201, "applied"), again.text
    said = [
        ModelPromoted.model_validate_json(record.value).version
        for record in await world.records(MODELS_EVENTS)
        if record.key == b"racer" and headers_of(record)["ce_type"] == "ModelPromoted"
    ]
    assert said == [1, winner]
