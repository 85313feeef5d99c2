"""Replicas of a service share its topics: a rebalance, and a start on a backlog."""

import asyncio
import json

import pytest

from babbitt.chassis.metrics import MESSAGES
from babbitt.contracts.model_requests import RetirementRequested, RollbackRequested
from babbitt.contracts.topics import MODELS_REQUESTS

from .hearing import ce, hearing, planned

pytestmark = pytest.mark.integration


async def test_a_rebalance_waits_for_the_message_in_hand_and_its_commit(bench):
    begun, finish, heard = asyncio.Event(), asyncio.Event(), []

    async def slow(delivery, session):
        heard.append(delivery.envelope.id)
        begun.set()
        await finish.wait()

    repeats = MESSAGES.labels(MODELS_REQUESTS.name, "repeat")
    before = repeats._value.get()
    async with hearing(bench, {RetirementRequested: slow}):
        body = json.dumps({"model": "pump", "version": 1, "reason": "old"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("slow", "RetirementRequested"), partition=0)
        async with asyncio.timeout(20):
            await begun.wait()
        joining = asyncio.create_task(_join_and_hear(bench, slow, finish))
        await asyncio.wait([joining], timeout=3)
        finish.set()
        await joining
    assert heard == ["slow", "after"]
    assert repeats._value.get() == before


async def _join_and_hear(bench, slow, finish):
    async with hearing(bench, {RetirementRequested: slow}, instance="registry-1"):
        async with asyncio.timeout(30):
            await finish.wait()
        body = json.dumps({"model": "pump", "version": 2, "reason": "old"}).encode()
        await bench.send(MODELS_REQUESTS, body, headers=ce("after", "RetirementRequested"), partition=0)
        handled = MESSAGES.labels(MODELS_REQUESTS.name, "handled")
        before = handled._value.get()
        async with asyncio.timeout(30):
            while handled._value.get() < before + 1:
                await asyncio.sleep(0.02)


async def test_a_service_that_starts_on_a_backlog_tells_all_of_it(bench):
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(delivery, session):
        begun.set()
        await finish.wait()

    body = json.dumps({"model": "pump", "reason": "worse"}).encode()
    async with planned(bench, {RollbackRequested: slow}) as (_, plane):  # the group's place is behind what came before
        finish.set()
        await bench.send(MODELS_REQUESTS, body, headers=ce("placed", "RollbackRequested"), partition=0)
        async with asyncio.timeout(20):
            await begun.wait()
            while any((await plane.lag()).values()):
                await asyncio.sleep(0.02)
    begun.clear()
    finish.clear()
    for number in range(6):
        name = ce(f"behind {number}", "RollbackRequested")
        await bench.send(MODELS_REQUESTS, body, headers=name, partition=number % 3)
    async with planned(bench, {RollbackRequested: slow}) as (_, plane):
        async with asyncio.timeout(20):
            await begun.wait()
            while await plane.lag() != {MODELS_REQUESTS.name: 5}:  # but for the one in hand
                await asyncio.sleep(0.02)
        finish.set()
        async with asyncio.timeout(20):
            while any((await plane.lag()).values()):
                await asyncio.sleep(0.02)
