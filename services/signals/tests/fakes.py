"""Fakes of the ports."""

from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from babbitt.contracts.datasets import ObjectReference, ReportReference
from babbitt.recordings.digests import samples_blake3
from babbitt.signals.adapters.shard_making import simulated
from babbitt.signals.domain.dataset import Dataset, State
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.quality.measuring import Measuring
from babbitt.signals.domain.records import MadeRecord, MadeShard
from babbitt.signals.domain.runs import fingerprints

START = datetime(2026, 1, 1, tzinfo=UTC)


class InMemoryDatasets:
    """What PostgresDatasets does, without transactions."""

    def __init__(self, now=lambda: START):
        self.rows, self.shard_rows, self.changed, self.now = {}, {}, {}, now
        self.last_collected, self.expected_s = {}, []

    @asynccontextmanager
    async def transaction(self):
        yield self

    async def expect_work(self, seconds):
        self.expected_s.append(seconds)

    async def find(self, dataset_id):
        return deepcopy(self.rows.get(dataset_id))

    locked = find

    async def locked_or_new(self, configuration):
        new = Dataset(configuration.dataset_id(), configuration, label=None)
        if new.id not in self.rows:
            await self.save(new)
        return await self.find(new.id)

    async def save(self, dataset):
        self.rows[dataset.id] = deepcopy(dataset)
        self.changed[dataset.id] = self.now()

    async def add_shard(self, dataset_id, attempt, shard):
        return self.shard_rows.setdefault((dataset_id, attempt, shard.index), shard) is shard

    async def shards(self, dataset_id, attempt):
        return [shard for key, shard in sorted(self.shard_rows.items()) if key[:2] == (dataset_id, attempt)]

    async def stalled(self, since):
        making = [row.id for row in self.rows.values() if row.state is State.MAKING]
        return [dataset_id for dataset_id in making if self.changed[dataset_id] < since]

    async def collectable(self, since):
        def last_unused(row):
            return row.attempt - (row.state in {State.MAKING, State.READY})

        return [
            (row.id, attempt)
            for row in self.rows.values()
            if self.changed[row.id] < since
            for attempt in range(self.last_collected.get(row.id, 0) + 1, last_unused(row) + 1)
        ]

    async def collected(self, dataset_id, attempt):
        self.last_collected[dataset_id] = attempt
        self.shard_rows = {key: row for key, row in self.shard_rows.items() if key[0] != dataset_id or key[1] > attempt}


class InMemoryUploads:
    """Sizes of uploads, by their digests."""

    def __init__(self):
        self.stored = {}

    async def sizes(self, files):
        return {file.sha256: self.stored[file.sha256] for file in files if file.sha256 in self.stored}


class InMemoryShards:
    """Makes simulated shards and keeps their samples; `failing` is raised instead of making."""

    def __init__(self):
        self.samples, self.manifests, self.discarded, self.failing = {}, [], [], None
        self.reports = []
        self.alter = lambda number, samples: samples
        self.made = []

    async def make(self, configuration, dataset_id, attempt, planned):
        self.made.append((attempt, planned.index))
        if self.failing:
            raise self.failing
        plan = plan_of(configuration)
        made, hashes, measuring = [], [], Measuring(2048)
        for row, waveform in enumerate(simulated(plan, planned)):
            samples = self.alter(planned.first + row, waveform.samples.copy())
            self.samples[planned.index, row] = samples
            hashes.append(fingerprints(samples))
            altered = replace(waveform, samples=samples)
            measuring.add(altered)
            made.append(MadeRecord.of(altered, row, samples_blake3(samples)))
        digest = f"{planned.index:064x}"
        reference = ObjectReference(
            key=f"signals/datasets/{dataset_id}/{attempt}/{digest}", sha256=digest, size_bytes=1
        )
        return MadeShard(planned.index, reference, tuple(made), tuple(hashes), quality=measuring.result())

    async def read(self, shard, rows):
        return [self.samples[shard.index, row] for row in rows]

    async def write_report(self, report, attempt):
        self.reports.append(report)
        folder = f"signals/datasets/{report.dataset_id}/{attempt}"
        objects = (
            ObjectReference(key=f"{folder}/report.{kind}", sha256="e" * 64, size_bytes=1) for kind in ("json", "html")
        )
        return ReportReference(document=next(objects), page=next(objects))

    async def write_manifest(self, manifest, attempt):
        self.manifests.append(manifest)
        key = f"signals/datasets/{manifest.dataset_id}/{attempt}/manifest.json"
        return ObjectReference(key=key, sha256="f" * 64, size_bytes=1)

    async def discard(self, dataset_id, attempt):
        self.discarded.append((dataset_id, attempt))


class InMemoryLineage:
    """What PostgresLineage does."""

    def __init__(self):
        self._rows, self._retired = {}, set()

    async def trained(self, model, version, dataset_id):
        self._rows.setdefault((model, version), dataset_id)

    async def retired(self, model, version):
        self._retired.add((model, version))

    async def needing(self, dataset_id):
        needing = [key for key, trained_on in self._rows.items() if trained_on == dataset_id]
        return [f"{model}@{version}" for model, version in sorted(set(needing) - self._retired)]


class RecordedOutbox:
    """Keeps what is said."""

    def __init__(self):
        self.said = []

    async def publish(self, message, *, sequence, event_id=None):
        self.said.append((sequence, message))

    def of(self, kind):
        return [message for _, message in self.said if isinstance(message, kind)]


class SettableClock:
    def __init__(self):
        self.time = START

    def __call__(self):
        return self.time

    def advance(self, **by):
        self.time += timedelta(**by)
