"""End a dataset whose shards are all there: gates, quality report, manifest, DatasetReady."""

from collections.abc import Sequence
from dataclasses import dataclass

from babbitt.contracts.datasets import MAX_RECORDS, DatasetReady, ReportReference
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.quality import QualityReport
from babbitt.contracts.splits import SPLITS
from babbitt.signals.application.find_leakage import FindLeakage
from babbitt.signals.application.ports import Datasets, Outbox, Shards, Worker
from babbitt.signals.domain.dataset import Dataset
from babbitt.signals.domain.gates import check_balance, count_by_place
from babbitt.signals.domain.leakage import Pair, identical_pairs, look_alikes, not_looked_at, refuse_leakage
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.quality.report import Assessed, quality_report
from babbitt.signals.domain.records import MadeShard, PlacedRecord
from babbitt.signals.errors import GateFailed

FINDINGS_SAID = 20
"""Of a report's findings so many are part of DatasetReady; the report has them all."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of the gates that need no samples.

    Attributes:
        dataset: what there is.
        identical: pairs of identical records.
        alike: pairs of records whose samples have to be compared.
        not_looked_at: imported recordings in which shared runs could not be looked for.
    """

    dataset: Assessed
    identical: Sequence[Pair]
    alike: Sequence[Pair]
    not_looked_at: int


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
        assessment: Assessment = await self.worker(assess, dataset, made)
        accepted = dataset.configuration.accepted_leakage
        find = FindLeakage(self.shards, self.worker)
        leakage = await find(
            made, assessment.identical, assessment.alike, accepted, not_looked_at=assessment.not_looked_at
        )
        refuse_leakage(leakage)
        assessed, split = assessment.dataset, dataset.configuration.split
        report: QualityReport = await self.worker(quality_report, assessed, leakage)
        # The report first: the manifest, which is written last, names it.
        reference = await self.shards.write_report(report, dataset.attempt)
        manifest: DatasetManifest = await self.worker(lambda: manifest_of(assessed, report, reference))
        written = await self.shards.write_manifest(manifest, dataset.attempt)
        objects = [written, reference.document, reference.page, *manifest.shards]
        ready = DatasetReady(
            dataset_id=dataset.id,
            manifest=written,
            data_spec=manifest.data_spec,
            split_kind=split.kind,
            counts=count_by_place(assessed.placed),
            label=dataset.label,
            source_kind=dataset.configuration.source.kind,
            report=reference,
            findings=tuple(finding.text for finding in report.findings[:FINDINGS_SAID]),
            split_in_time=report.split.in_time,
            size_bytes=sum(stored.size_bytes for stored in objects),
        )
        dataset.become_ready(ready)
        await self.outbox.publish(ready, sequence=dataset.revision)


def assess(dataset: Dataset, made: Sequence[MadeShard]) -> Assessment:
    """All that can be told without samples. Takes a second or so for a large dataset.

    Raises:
        GateFailed: it is not fit to be used.
    """
    plan = plan_of(dataset.configuration)
    placed = [PlacedRecord(record, shard.index, plan.place_of(record)) for shard in made for record in shard.records]
    if len(placed) > MAX_RECORDS:
        raise GateFailed(f"size: {len(placed)} records; at most {MAX_RECORDS}: lengthen record_duration_s")
    complete = SPLITS[:1] if dataset.configuration.split.held_out else SPLITS
    check_balance(placed, exact=plan.exactly_balanced, complete=complete)
    hashes = [own for shard in made for own in shard.fingerprints]
    return Assessment(
        Assessed(
            dataset_id=dataset.id,
            configuration=dataset.configuration,
            label=dataset.label,
            made=made,
            placed=placed,
            spec=plan.data_spec(placed),
            split_in_time=plan.split_in_time,
            notes=plan.notes(),
        ),
        identical_pairs(placed),
        look_alikes(placed, hashes),
        not_looked_at(placed, hashes) if dataset.configuration.source.kind == "imported" else 0,
    )


def manifest_of(assessed: Assessed, report: QualityReport, reference: ReportReference) -> DatasetManifest:
    """The manifest; what of the report is about leakage is among its notes."""
    told = (finding.text for finding in report.findings if finding.kind == "leakage")
    return DatasetManifest(
        dataset_id=assessed.dataset_id,
        configuration=assessed.configuration,
        data_spec=assessed.spec,
        shards=tuple(shard.reference for shard in assessed.made),
        records=tuple(record.entry() for record in assessed.placed),
        notes=(*assessed.notes, *report.remarks, *told),
        split_in_time=report.split.in_time,
        report=reference,
    )
