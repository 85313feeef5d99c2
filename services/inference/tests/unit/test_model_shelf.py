import asyncio

import pytest

from babbitt.inference.application.model_shelf import ModelShelf
from babbitt.inference.errors import ModelUnusable


class Loading:
    """Loads that end when the test says so."""

    def __init__(self):
        self.begun = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.error = None

    async def __call__(self, assigned):
        self.begun.append(assigned.artifact.sha256)
        await self.may_end.wait()
        if self.error:
            raise self.error
        return object()


@pytest.fixture
def loading():
    return Loading()


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def shelf(loading, now):
    return ModelShelf(loading, kept=2, retry_s=30, clock=lambda: now[0])


async def test_many_who_ask_at_once_wait_for_one_load(shelf, loading, assigned):
    loading.may_end.clear()
    asking = [asyncio.create_task(shelf.obtain(assigned(b"1"))) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    loading.may_end.set()
    models = await asyncio.gather(*asking[1:])
    assert len(loading.begun) == 1
    assert len(set(models)) == 1


async def test_of_those_not_pinned_the_last_used_stay(shelf, loading, assigned):
    contents = [assigned(content) for content in (b"1", b"2", b"3", b"4")]
    shelf.pin(frozenset({contents[0].artifact.sha256}))
    for content in contents[:3]:
        await shelf.obtain(content)
    shelf.find(contents[1].artifact.sha256)
    await shelf.obtain(contents[3])
    there = [shelf.find(content.artifact.sha256) is not None for content in contents]
    assert there == [True, True, False, True]


async def test_what_is_no_longer_pinned_makes_room(shelf, assigned):
    contents = [assigned(content) for content in (b"1", b"2", b"3")]
    shelf.pin(frozenset(content.artifact.sha256 for content in contents))
    for content in contents:
        await shelf.obtain(content)
    shelf.pin(frozenset())
    assert [shelf.find(content.artifact.sha256) is not None for content in contents] == [False, True, True]


async def test_what_cannot_be_served_is_not_tried_again_at_once(shelf, loading, assigned, now):
    loading.error = ModelUnusable("corrupt")
    for _ in range(3):
        with pytest.raises(ModelUnusable, match="corrupt"):
            await shelf.obtain(assigned(b"1"))
    assert len(loading.begun) == 1
    loading.error = None
    now[0] = 30.0
    assert await shelf.obtain(assigned(b"1"))
