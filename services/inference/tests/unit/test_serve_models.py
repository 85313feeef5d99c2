import asyncio

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.inference.application.model_shelf import ModelShelf
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.errors import ModelUnavailable, ModelUnusable, UnknownModel


class Store:
    """Loads what an assignment names, unless the test says otherwise of its digest."""

    def __init__(self):
        self.errors = {}
        self.gates = {}

    async def __call__(self, assigned):
        digest = assigned.artifact.sha256
        if digest in self.gates:
            await self.gates[digest].wait()
        if digest in self.errors:
            raise self.errors[digest]
        return f"model {digest}"


class Told:
    def __init__(self):
        self.unhealthy = []
        self.happened = asyncio.Event()

    async def __call__(self, assigned, reason):
        self.unhealthy.append((assigned.key(), assigned.version, reason))
        self.happened.set()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def told():
    return Told()


@pytest.fixture
async def models(store, told):
    models = ServeModels(ModelShelf(store, kept=2, retry_s=0.01), told, again_s=0.01, retry_s=0.01)
    running = asyncio.create_task(models.run())
    yield models
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def version_served(models, version, reference="champion"):
    """Wait until a reference is answered by `version`."""
    async with asyncio.timeout(5):
        while (served := models.find("pump", reference)) is None or served.assigned.version != version:
            await asyncio.sleep(0)
    return served


async def test_an_alias_is_served_by_what_it_points_at(models, assigned):
    models.assign(assigned(b"1", version=1), 1)
    served = await models.obtain("pump", "champion")
    assert served.assigned.version == 1
    assert models.find("pump", "champion") is served
    assert [(serving.reference, serving.version) for serving in models.serving()] == [("champion", 1)]


async def test_a_swap_leaves_the_old_version_serving_until_the_new_one_is_loaded(models, store, assigned):
    changes = []
    models.on_change(lambda: changes.append(models.serving()[0].version))
    models.assign(assigned(b"1", version=1), 1)
    await version_served(models, 1)
    second = assigned(b"2", version=2)
    store.gates[second.artifact.sha256] = asyncio.Event()
    models.assign(second, 2)
    await asyncio.sleep(0)
    assert models.find("pump", "champion").assigned.version == 1
    store.gates[second.artifact.sha256].set()
    await version_served(models, 2)
    assert changes == [1, 2]


async def test_what_moved_on_while_it_was_loading_ends_at_the_last_assertion(models, store, assigned):
    slow, last = assigned(b"2", version=2), assigned(b"3", version=3)
    store.gates[slow.artifact.sha256] = asyncio.Event()
    models.assign(slow, 2)
    await asyncio.sleep(0)
    models.assign(last, 3)
    models.assign(slow, 2)
    store.gates[slow.artifact.sha256].set()
    await version_served(models, 3)


async def test_a_corrupt_artifact_is_told_once_and_the_old_version_goes_on_serving(models, store, told, assigned):
    models.assign(assigned(b"1", version=1), 1)
    await version_served(models, 1)
    corrupt = assigned(b"2", version=2)
    store.errors[corrupt.artifact.sha256] = ModelUnusable("not what its digest says")
    models.assign(corrupt, 2)
    await told.happened.wait()
    await asyncio.sleep(0.05)
    assert told.unhealthy == [("pump/champion", 2, "not what its digest says")]
    assert models.find("pump", "champion").assigned.version == 1


async def test_a_corrupt_artifact_that_is_mended_is_served(models, store, told, assigned):
    corrupt = assigned(b"2", version=2)
    store.errors[corrupt.artifact.sha256] = ModelUnusable("not what its digest says")
    models.assign(corrupt, 2)
    with pytest.raises(ModelUnavailable):
        await models.obtain("pump", "champion")
    await models.settled()
    store.errors.clear()
    await version_served(models, 2)


async def test_a_store_that_is_away_is_waited_for(models, store, told, assigned):
    first = assigned(b"1")
    store.errors[first.artifact.sha256] = Unavailable("object store", "gone fishing")
    models.assign(first, 1)
    settled = asyncio.create_task(models.settled())
    waiting = asyncio.create_task(models.obtain("pump", "champion"))
    await asyncio.sleep(0.03)
    assert not settled.done()
    store.errors.clear()
    assert (await waiting).assigned.version == 1
    await settled
    assert told.unhealthy == []


async def test_a_version_number_is_loaded_when_it_is_asked_for(models, assigned):
    models.assign(assigned(b"1", version=1, reference="1"), 1)
    await models.settled()
    assert models.find("pump", "1") is None
    served = await models.obtain("pump", "1")
    assert models.find("pump", "1").model is served.model
    assert models.serving() == ()


async def test_a_version_that_cannot_be_served_is_told_once(models, store, told, assigned):
    corrupt = assigned(b"1", reference="1")
    store.errors[corrupt.artifact.sha256] = ModelUnusable("corrupt")
    models.assign(corrupt, 1)
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="version 1 of pump"):
            await models.obtain("pump", "1")
    await told.happened.wait()
    assert len(told.unhealthy) == 1


async def test_unknown_references_are_said_to_be_unknown(models, assigned):
    models.assign(assigned(b"1"), 1)
    for model, reference in (("pump", "shadow"), ("pump", "2"), ("fan", "champion")):
        with pytest.raises(UnknownModel, match=f"no {reference} of {model}"):
            models.find(model, reference)


async def test_an_alias_that_is_gone_is_served_no_more_and_who_waited_for_it_is_told(models, store, assigned):
    first = assigned(b"1")
    store.gates[first.artifact.sha256] = asyncio.Event()
    models.assign(first, 1)
    waiting = asyncio.create_task(models.obtain("pump", "champion"))
    await asyncio.sleep(0)
    models.remove("pump/champion")
    store.gates[first.artifact.sha256].set()
    with pytest.raises(UnknownModel):
        await waiting
    assert models.serving() == ()
