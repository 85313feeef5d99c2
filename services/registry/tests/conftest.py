"""What training says, a registry in memory, and an outbox that can be read."""

import asyncio
import copy
from collections import Counter
from contextlib import asynccontextmanager, nullcontext
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import EvaluationSummary, Parity
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.names import new_id
from babbitt.contracts.paired import PairedPredictions, PairedRecord
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.adapters.object_store import StoredArtifacts
from babbitt.registry.adapters.stored_test_files import StoredTestFiles
from babbitt.registry.adapters.trusted_keys import TrustedKeys
from babbitt.registry.application.adoption import as_trusted
from babbitt.registry.application.judge_version import JudgeVersion
from babbitt.registry.application.register_version import RegisterVersion
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.version import Candidate

CLASSES = ("sain", "oilwhirl")
DIGEST = "a" * 64


class InMemoryModels:
    """The port `Models`, with locks and rollbacks like a database's."""

    def __init__(self):
        self._models = {}
        self._locks = {}
        self.policies, self.revisions = {}, {}
        self.keys = {}
        self.decisions = Counter()
        self.default = GatePolicy()

    @asynccontextmanager
    async def transaction(self):
        yielded = _Transaction(self._models, self._locks)
        yielded.signatures = TrustedKeys(self.keys)
        yielded.policies, yielded.revisions = self.policies, self.revisions
        yielded.decisions, yielded.default = self.decisions, self.default
        try:
            yield yielded
            self._models.update(copy.deepcopy(yielded.changed))
        finally:
            for lock in yielded.held:
                lock.release()

    @asynccontextmanager
    async def jobs(self):
        """Models, and what pending jobs need of them, in one transaction."""
        async with self.transaction() as both:
            yield both, both


class _Transaction:
    def __init__(self, models, locks):
        self._models = models
        self._locks = locks
        self.held = []
        self.changed = {}

    async def expect_work(self, seconds):
        pass

    async def locked(self, name):
        lock = self._locks.setdefault(name, asyncio.Lock())
        if lock not in self.held:
            await lock.acquire()
            self.held.append(lock)
        model = copy.deepcopy(self.changed.get(name) or self._models.get(name))
        if model is not None:
            model.versions = {number: as_trusted(name, one, self.signatures) for number, one in model.versions.items()}
        return model

    async def locked_or_new(self, name):
        model = await self.locked(name)
        if model is None:
            model = self.changed[name] = Model(name)
        return copy.deepcopy(model)

    async def names(self):
        return sorted(self._models | self.changed)

    async def add_version(self, model, version, gates):
        self.changed[model.name] = copy.deepcopy(model)

    async def assign(self, model, assignment, story):
        self.changed[model.name] = copy.deepcopy(model)

    async def remove_alias(self, model, removal, story):
        self.changed[model.name] = copy.deepcopy(model)

    async def retire(self, model, version):
        self.changed[model.name] = copy.deepcopy(model)

    async def enter(self, digests):
        pass

    async def hold(self, digests):
        pass

    async def of(self, model):
        return self.policies.get(model, self.default)

    async def revision(self, model):
        return self.revisions.get(model, 0)

    async def keep(self, model, policy):
        self.policies[model.name], self.revisions[model.name] = policy, model.revision
        self.changed[model.name] = copy.deepcopy(model)

    async def decide(self, model, sha256):
        self.decisions[model, sha256] += 1
        return self.decisions[model, sha256]

    async def add(self, job_id, model, versions):
        found = await self.locked_or_new(model)
        for number in versions:
            found.needs[number] = found.needs.get(number, frozenset()) | {job_id}
        self.changed[model] = found

    async def drop(self, job_id):
        for name in await self.names():
            found = await self.locked(name)
            found.needs = {number: left for number, jobs in found.needs.items() if (left := jobs - {job_id})}
            self.changed[name] = found


class Said:
    """An outbox that keeps what is published: (message, sequence), and (key, None) where one is gone."""

    def __init__(self):
        self.messages = []

    async def publish(self, message, *, sequence, topic=None, event_id=None):
        self.messages.append((message, sequence))

    async def tombstone(self, topic, key):
        self.messages.append((key, None))

    def of(self, kind):
        return [message for message, _ in self.messages if isinstance(message, kind)]


class Now:
    """A clock that goes on by a second each time it is read."""

    def __init__(self):
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def in_memory():
    return InMemoryModels()


@pytest.fixture
def said():
    return Said()


@pytest.fixture
def now():
    return Now()


@pytest.fixture(scope="session")
def completed():
    def make(*, artifact=None, accuracy=0.95, split="5" * 64, split_kind="group", difference=1e-5, rate_hz=1e3, **more):
        artifact = artifact or ObjectReference(key=f"training/artifacts/{DIGEST}", sha256=DIGEST, size_bytes=4)
        evaluation = EvaluationSummary(
            test_split_sha256=split,
            split_kind=split_kind,
            records=100,
            windows=500,
            record_accuracy=accuracy,
            window_accuracy=accuracy,
            macro_f1=accuracy,
        )
        fields = {
            "job_id": new_id(),
            "model": "pump",
            "dataset": "d" * 64,
            "preset": "spectral_small",
            "artifact": artifact,
            "report": artifact,
            "predictions": artifact,
            "data_spec": DataSpec(sampling_rate_hz=rate_hz, channels=({},), record_samples=64, class_names=CLASSES),
            "model_spec": ModelSpec(family="tiny", window_samples=64, hop_samples=64, class_names=CLASSES),
            "evaluation": evaluation,
            "parity": Parity(max_abs_difference=difference, bound=1e-3, windows=64),
            "epochs": 3,
            "seconds": 1.5,
        }
        return TrainCompleted(**(fields | more))

    return make


@pytest.fixture(scope="session")
def candidate(completed):
    def make(*, verified=True, finding="4 bytes are what their digest says", **more):
        told = completed(**more)
        facts = {one.name: getattr(told, one.name) for one in fields(Candidate) if hasattr(told, one.name)}
        return Candidate(**facts, verified=verified, finding=finding)

    return make


@pytest.fixture(scope="session")
def predictions():
    """What a version answered: so many of its records right, the first ones; `answers` tells it record by record."""

    def make(accuracy=0.95, *, records=200, split="5" * 64, groups=None, answers=None, labels=CLASSES):
        answers = answers if answers is not None else [number < round(accuracy * records) for number in range(records)]
        return PairedPredictions(
            test_split_sha256=split,
            class_names=CLASSES,
            records=tuple(
                PairedRecord(
                    record=f"record {number}",
                    blake3=f"{number:064x}",
                    group=f"group {number % groups if groups else number}",
                    label=labels[number % len(labels)],
                    probabilities=(0.5, 0.5),
                    right=right,
                )
                for number, right in enumerate(answers)
            ),
        )

    return make


@pytest.fixture(scope="session")
def store_predictions(predictions):
    """A function that writes what a version with this accuracy answered, as training does."""

    async def write(training, **told):
        kept = {name: told[name] for name in ("accuracy", "split") if name in told}
        return await training.put_addressed("artifacts", predictions(**kept).model_dump_json().encode())

    return write


@pytest.fixture(scope="session")
def registering():
    """A function that composes a registration within a transaction in memory."""

    def make(models, objects, outbox, now, *, keys=None):
        judge = JudgeVersion(StoredTestFiles(objects), models)
        return RegisterVersion(
            models,
            models,
            lambda: nullcontext(models),
            StoredArtifacts(objects),
            TrustedKeys(keys or {}),
            models,
            judge,
            outbox,
            now,
        )

    return make
