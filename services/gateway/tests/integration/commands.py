"""What tests of commands say for the deciding services, and look for on the topics."""

from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.contracts.models import ModelRegistered

DIGEST = "a" * 64
REFERENCE = ObjectReference(key="training/x/y", sha256=DIGEST, size_bytes=3)
SUMMARY = EvaluationSummary(
    test_split_sha256=DIGEST,
    split_kind="group",
    records=40,
    windows=200,
    record_accuracy=0.99,
    window_accuracy=0.97,
    macro_f1=0.98,
)


def headers_of(record):
    return {name: value.decode() for name, value in record.headers}


async def request_of(world, topic, place):
    """The request event that a command caused, by its id or subject."""
    for record in reversed(await world.records(topic)):
        if place in (record.key or b"").decode() or headers_of(record).get("ce_id") == place:
            return record
    raise AssertionError(place)


async def register(world, spec, versions=(1,)):
    for version in versions:
        registered = ModelRegistered(
            model=spec.model,
            version=version,
            job_id=UUID(int=version),
            dataset=DIGEST,
            preset="spectral_small",
            artifact=REFERENCE,
            data_spec=spec.data_spec,
            model_spec=spec.model_spec,
            evaluation=SUMMARY,
        )
        await world.say(registered, sequence=version)


def cause_of(record):
    return Envelope.model_validate(
        {name[3:]: value for name, value in headers_of(record).items() if name.startswith("ce_")}
    )


async def exists(api, place):
    return (await api.get(place)).status_code == 200


async def state(api, until, place, wanted):
    async def look():
        answer = await api.get(place)
        return answer.json() if answer.status_code == 200 and answer.json()["state"] == wanted else None

    return await until(look)
