"""The registry's use cases over a registry in memory and a folder of objects."""

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.model_requests import (
    AliasRemovalRequested,
    PolicyChangeRequested,
    PromotionRequested,
    RetirementRequested,
    RollbackRequested,
)
from babbitt.contracts.models import AliasAssigned, ModelGateEvaluated, ModelPromoted
from babbitt.registry.application.assert_aliases import AssertAliases
from babbitt.registry.application.change_policy import ChangePolicy
from babbitt.registry.application.promote_version import PromoteVersion
from babbitt.registry.application.remove_alias import RemoveAlias
from babbitt.registry.application.retire_version import RetireVersion
from babbitt.registry.application.roll_back import RollBack


class Registry:
    """The use cases over a registry in memory; each call is a transaction."""

    def __init__(self, in_memory, said, now, url, registering, store_predictions):
        self._store = in_memory
        self._now = now
        self._registering = registering
        self._store_predictions = store_predictions
        self.said = said
        self.training = ObjectStore(url, "training")
        self.objects = ObjectStore(url, "registry")

    def trust(self, **keys):
        """From now on these public keys are trusted, by name."""
        self._store.keys = {name: key.public_key().public_bytes_raw() for name, key in keys.items()}

    async def register(self, completed):
        async with self._store.transaction() as models:
            await self._registering(models, self.objects, self.said, self._now, keys=self._store.keys)(completed)

    async def train(self, completed, content=b"onnx", **more):
        artifact = await self.training.put_addressed("artifacts", content)
        predictions = await self._store_predictions(self.training, **more)
        await self.register(completed(**({"artifact": artifact, "predictions": predictions} | more)))

    async def promote(self, version, **more):
        request = PromotionRequested(**({"model": "pump", "version": version, "reason": "because"} | more))
        async with self._store.transaction() as models:
            await PromoteVersion(models, self.said, self._now)(request)

    async def roll_back(self, **more):
        request = RollbackRequested(**({"model": "pump", "reason": "worse"} | more))
        async with self._store.transaction() as models:
            await RollBack(models, self.said, self._now)(request)

    async def retire(self, version, **more):
        request = RetirementRequested(**({"model": "pump", "version": version, "reason": "old"} | more))
        async with self._store.transaction() as models:
            await RetireVersion(models, self.said)(request)

    async def remove_alias(self, alias, **more):
        request = AliasRemovalRequested(**({"model": "pump", "alias": alias, "reason": "over"} | more))
        async with self._store.transaction() as models:
            await RemoveAlias(models, self.said, self._now)(request)

    async def change_policy(self, reason="stricter", expected=None, **rules):
        async with self._store.transaction() as models:
            request = PolicyChangeRequested(model="pump", policy=rules, reason=reason, expected=expected)
            await ChangePolicy(models, models, self.said)(request)

    def gate(self, name, version):
        """What a gate said of a version."""
        (found,) = (one for one in self.said.of(ModelGateEvaluated) if (one.gate, one.version) == (name, version))
        return found

    def promoted(self):
        """What was promoted: (alias, version), the oldest first."""
        return [(one.alias, one.version) for one in self.said.of(ModelPromoted)]

    async def assert_aliases(self):
        async with self._store.transaction() as models:
            for name in await models.names():
                await AssertAliases(models, self.said)(name)

    def serves(self):
        """What each reference points at, as a reader of the alias topic has it."""
        board = {}
        for message, sequence in self.said.messages:
            if isinstance(message, AliasAssigned):
                held = board.get(message.key(), (None, -1))
                if sequence >= held[1]:
                    board[message.key()] = (message.version, sequence)
            elif sequence is None:
                board.pop(message, None)
        return {key: version for key, (version, _) in board.items()}


@pytest.fixture
def registry(in_memory, said, now, tmp_path, registering, store_predictions):
    return Registry(in_memory, said, now, tmp_path.as_uri(), registering, store_predictions)
