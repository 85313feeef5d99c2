"""What the registry has said, told again: all of it gives the same models, and with a hole in it nothing is told."""

from datetime import UTC, datetime

import pytest

from babbitt.chassis.errors import Refused
from babbitt.chassis.unreadable import UnreadableRecord
from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.cloudevents import Delivery, Origin
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.models import ModelEvent, ModelGateEvaluated, ModelRegistered
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import MODELS_EVENTS
from babbitt.registry.adapters.kafka_past import read
from babbitt.registry.application.retelling import Retelling
from babbitt.registry.entrypoints.consumers import SOURCE
from babbitt.registry.errors import PastIncomplete

TIME = datetime(2026, 1, 1, tzinfo=UTC)


class Beginning:
    async def claim(self):
        pass

    async def handled(self, delivery):
        pass

    async def counted(self, model, sha256, decisions):
        pass


@pytest.fixture
async def lived(registry, completed):
    """What a registry said in a life with something of everything: deliveries."""
    for number in (1, 2, 3):
        await registry.train(completed, f"weights {number}".encode(), accuracy=0.9 + number / 100)
    await registry.promote(1, alias="mine")
    await registry.promote(1)
    await registry.change_policy(margin=0.1)
    await registry.roll_back()
    await registry.remove_alias("mine")
    await registry.retire(1)
    await registry.promote(3, alias="mine")
    origin = Origin(MODELS_EVENTS.name, 0, 0, TIME)
    return [
        Delivery(said, Envelope.of(said, id=new_id(), source=SOURCE, time=TIME, sequence=sequence), origin)
        for said, sequence in registry.said.messages
        if sequence is not None and MODELS_EVENTS in said.topics
    ]


@pytest.fixture
def told(in_memory):
    """A function that tells deliveries to an empty registry; its models."""

    async def tell(deliveries):
        empty = type(in_memory)()
        async with empty.transaction() as models:
            retelling = Retelling(models, models, Beginning())
            for delivery in deliveries:
                await retelling.tell(delivery)
            return await retelling.end()

    return tell


async def test_what_was_said_makes_the_same_models(lived, told, in_memory):
    async with in_memory.transaction() as models:
        assert await told(lived) == {"pump": await models.locked("pump")}


async def test_no_record_of_a_change_can_be_missing_but_the_last(lived, told):
    changes = [one for one in lived[:-1] if isinstance(one.message, ModelEvent)]
    changes = [one for one in changes if not isinstance(one.message, ModelGateEvaluated)]
    assert len({type(one.message) for one in changes}) == 5
    for hole in changes:
        with pytest.raises(Refused):
            await told([one for one in lived if one is not hole])


async def test_a_past_that_begins_in_the_middle_does_not_number_version_2_as_version_1(lived, told):
    second = next(one for one in lived if isinstance(one.message, ModelRegistered) and one.message.version == 2)
    with pytest.raises(PastIncomplete, match="revision"):
        await told(lived[lived.index(second) :])
    envelope = second.envelope.model_copy(update={"sequence": "1"})
    with pytest.raises(PastIncomplete, match="version 2 of pump is not the next"):
        await told([Delivery(second.message, envelope, second.origin)])


async def test_an_alias_that_went_another_way_than_was_told_is_refused(lived, told):
    last = lived[-1]
    other = Delivery(last.message.model_copy(update={"replaced": 2}), last.envelope, last.origin)
    with pytest.raises(PastIncomplete, match="another way"):
        await told([*lived[:-1], other])


@pytest.mark.parametrize("damage", ["not json", "no envelope", "unreadable"])
def test_a_record_of_ones_own_that_cannot_be_read_is_a_hole_and_a_strangers_is_passed_over(golden_record, damage):
    record, wanted = golden_record("ModelPromoted"), messages_on(MODELS_EVENTS).values()
    source = dict(record.headers)["ce_source"].decode()
    if damage == "not json":
        record.value = b"not json"
        assert read(MODELS_EVENTS, record, wanted, "/somebody/else") is None
    elif damage == "no envelope":
        record.headers = ()
    else:
        record = UnreadableRecord(record.topic, 0, 7, 0, 0, None, None, None, -1, -1, (), "corrupt")
    with pytest.raises(PastIncomplete, match=r"models\.events\.v1, partition 0, offset"):
        read(MODELS_EVENTS, record, wanted, source)
    assert read(MODELS_EVENTS, record, wanted) is None
