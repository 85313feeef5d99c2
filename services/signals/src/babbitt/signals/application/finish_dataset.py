"""End a dataset whose shards are all there: gates, manifest, DatasetReady."""

from collections.abc import Sequence
from dataclasses import dataclass

from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.contracts.manifests import DatasetManifest, RecordEntry
from babbitt.signals.application.ports import Datasets, Outbox, Shards, Worker
from babbitt.signals.domain.dataset import Dataset
from babbitt.signals.domain.gates import check_balance, check_identical, count_by_place, suspicious_pairs
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.records import MadeShard, PlacedRecord
from babbitt.signals.domain.runs import share_a_run
from babbitt.signals.domain.shards import MAX_RECORDS
from babbitt.signals.errors import GateFailed

PAIRS_COMPARED = 64
"""Pairs with a fingerprint in common whose samples are compared; each takes two shards out of the store."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of the gates that need no samples.

    Attributes:
        manifest: what is written where nothing speaks against it.
        suspicious: pairs of records whose samples have to be compared.
        counts: records by split and class.
    """

    manifest: DatasetManifest
    suspicious: Sequence[tuple[PlacedRecord, PlacedRecord]]
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class FinishDataset:
    """Runs with the dataset locked, inside the transaction of its last shard."""

    datasets: Datasets
    shards: Shards
    outbox: Outbox
    worker: Worker

    async def __call__(self, dataset: Dataset) -> None:
        """Make the dataset ready; the caller saves it.

        Raises:
            GateFailed: it is not fit to be used.
        """
        made = await self.datasets.shards(dataset.id, dataset.attempt)
        assessment: Assessment = await self.worker(assess, dataset.id, dataset.configuration, made)
        await self._refuse_leakage(made, assessment.suspicious)
        manifest = assessment.manifest
        ready = DatasetReady(
            dataset_id=dataset.id,
            manifest=await self.shards.write_manifest(manifest, dataset.attempt),
            data_spec=manifest.data_spec,
            split_kind=dataset.configuration.split.kind,
            counts=assessment.counts,
            label=dataset.label,
            source_kind=dataset.configuration.source.kind,
        )
        dataset.become_ready(ready)
        await self.outbox.publish(ready, sequence=dataset.revision)

    async def _refuse_leakage(
        self, made: Sequence[MadeShard], suspicious: Sequence[tuple[PlacedRecord, PlacedRecord]]
    ) -> None:
        if len(suspicious) > PAIRS_COMPARED:
            one, other = suspicious[0]
            raise GateFailed(
                f"leakage: {len(suspicious)} pairs of records of different splits look alike, and at most "
                f"{PAIRS_COMPARED} can be compared; the first are record {one.made.record} ({one.split}) and record "
                f"{other.made.record} ({other.split})"
            )
        for one, other in suspicious:
            await self._refuse_shared_run(made, one, other)

    async def _refuse_shared_run(self, made: Sequence[MadeShard], one: PlacedRecord, other: PlacedRecord) -> None:
        samples = [await self.shards.read(made[placed.shard], placed.made.row) for placed in (one, other)]
        if await self.worker(share_a_run, *samples):
            raise GateFailed(
                f"leakage: record {one.made.record} ({one.split}) and record {other.made.record} ({other.split}) share "
                "a run of samples, up to gain and offset"
            )


def assess(dataset_id: str, configuration: DatasetConfiguration, made: Sequence[MadeShard]) -> Assessment:
    """All that can be told without samples. Takes a second or so for a large dataset.

    Raises:
        GateFailed: it is not fit to be used.
    """
    plan = plan_of(configuration)
    placed = [PlacedRecord(record, shard.index, plan.place_of(record)) for shard in made for record in shard.records]
    if len(placed) > MAX_RECORDS:
        raise GateFailed(f"size: {len(placed)} records; at most {MAX_RECORDS}: lengthen record_duration_s")
    check_balance(placed, exact=plan.exactly_balanced)
    check_identical(placed)
    suspicious = suspicious_pairs(placed, [hashes for shard in made for hashes in shard.fingerprints])
    manifest = DatasetManifest(
        dataset_id=dataset_id,
        configuration=configuration,
        data_spec=plan.data_spec(placed),
        shards=tuple(shard.reference for shard in made),
        records=tuple(_entry(record) for record in placed),
        notes=plan.notes(),
    )
    return Assessment(manifest, list(suspicious), count_by_place(placed))


def _entry(placed: PlacedRecord) -> RecordEntry:
    made = placed.made
    return RecordEntry(
        record=made.record,
        label=made.label,
        split=placed.place,
        group=made.group,
        shard=placed.shard,
        row=made.row,
        samples=made.samples,
        shaft_speed_hz=made.shaft_speed_hz,
        recording=made.recording if made.recording != made.record else None,
        severity=made.severity,
        bearing=made.bearing,
        sha256=made.sha256,
    )
