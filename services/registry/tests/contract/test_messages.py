"""What the registry hears is read as its golden examples say; what it says is what was promised."""

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.topics import MODELS_ALIASES, MODELS_EVENTS
from babbitt.registry.application.apply_retention import ApplyRetention
from babbitt.registry.application.change_policy import ChangePolicy
from babbitt.registry.application.follow_jobs import ENDS, FollowJobs
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.remove_alias import RemoveAlias
from babbitt.registry.application.retire_version import RetireVersion
from babbitt.registry.application.roll_back import RollBack
from babbitt.registry.entrypoints.consumers import Consumers

SAID_BY_THE_CHASSIS = {"RequestRefused"}


@pytest.fixture
def hear(in_memory, said, now, golden, tmp_path, registering):
    """A function that hears the golden example of a message, over the service's use cases in memory."""
    objects = ObjectStore(tmp_path.as_uri(), "registry")
    consumers = Consumers(
        register=lambda models, _: registering(models, objects, said, now),
        promote=lambda models, _: PromoteVersion(models, said, now),
        roll_back=lambda models, _: RollBack(models, said, now),
        remove_alias=lambda models, _: RemoveAlias(models, said, now),
        retire=lambda models, _: RetireVersion(models, said),
        retain=lambda models, _: ApplyRetention(models, models, said, now),
        change_policy=lambda models, _: ChangePolicy(models, models, said),
        follow=FollowJobs,
    )
    heard = consumers.of_training() | consumers.of_requests()
    handlers = {kind.type_name(): handler for kind, handler in heard.items()}

    async def hear(name, **fields):
        delivery = golden(name)
        message = delivery.message.model_copy(update=fields)
        async with in_memory.transaction() as models:
            await handlers[name](type(delivery)(message, delivery.envelope, delivery.origin), models)

    return hear


async def test_all_that_is_heard_changes_a_model_and_all_that_is_said_of_it_is_what_was_promised(
    hear, said, completed, promised, store_predictions, tmp_path
):
    training = ObjectStore(tmp_path.as_uri(), "training")
    for content in (b"first", b"second"):
        artifact = await training.put_addressed("artifacts", content)
        told = completed(artifact=artifact, predictions=await store_predictions(training))
        await hear("TrainCompleted", **{name: getattr(told, name) for name in type(told).model_fields})
    await hear("PolicyChangeRequested", model="pump", expected=1)
    await hear("RollbackRequested", model="pump", alias="champion", expected=2)
    await hear("PromotionRequested", model="pump", alias="champion", version=2, expected=1)
    await hear("PromotionRequested", model="pump", alias="shadow", version=1, expected=None)
    await hear("AliasRemovalRequested", model="pump", alias="shadow", expected=1)
    await hear("RetentionRequested", model="pump")
    await hear("RetirementRequested", model="pump", version=1)
    messages = [message for message, sequence in said.messages if sequence is not None]
    everything = messages_on(MODELS_EVENTS).keys() | messages_on(MODELS_ALIASES).keys()
    assert promised(messages) == everything - SAID_BY_THE_CHASSIS


@pytest.mark.parametrize("end", [one.type_name() for one in ENDS])
async def test_what_a_queued_job_needs_is_needed_until_its_end_whichever_that_is(hear, in_memory, golden, end):
    job = golden("TrainQueued").message
    await hear("TrainQueued", model="pump", study=None)
    async with in_memory.transaction() as models:
        assert (await models.locked("pump")).needs == {number: {job.job_id} for number in job.needs}
    await hear(end, model="pump", job_id=job.job_id)
    async with in_memory.transaction() as models:
        assert (await models.locked("pump")).needs == {}
