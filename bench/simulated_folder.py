"""A simulated dataset as a folder, as `python -m babbitt.training fit` reads it: without broker or database."""

import hashlib
from pathlib import Path

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.simulations import JournalSource, RollingSource
from babbitt.recordings.shards import ShardWriter
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.records import MadeRecord, PlacedRecord
from babbitt.signals.domain.rolling.plan import RollingPlan
from babbitt.signals.domain.shards import PlannedShard


def write_folder(folder: Path, source: JournalSource | RollingSource) -> DatasetManifest:
    """Make a dataset: the same records, in the same splits, as the service makes of this source."""
    configuration = DatasetConfiguration(source=source)
    plan = plan_of(configuration)
    assert isinstance(plan, JournalPlan | RollingPlan)
    folder.mkdir(parents=True)
    shards: list[ObjectReference] = []
    placed: list[PlacedRecord] = []
    for planned in plan.shards:
        path = folder / f"shard-{planned.index:05d}.h5"
        placed += [PlacedRecord(made, planned.index, plan.place_of(made)) for made in _written(path, plan, planned)]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        shards.append(ObjectReference(key=f"bench/{path.name}", sha256=digest, size_bytes=path.stat().st_size))
    manifest = DatasetManifest(
        dataset_id=configuration.dataset_id(),
        configuration=configuration,
        data_spec=plan.data_spec(placed),
        shards=tuple(shards),
        records=tuple(record.entry() for record in placed),
        notes=plan.notes(),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return manifest


def _written(path: Path, plan: JournalPlan | RollingPlan, planned: PlannedShard) -> list[MadeRecord]:
    rate_hz, channels, values = plan.source.sampling_rate_hz, len(plan.channels), plan.values(planned)
    with ShardWriter(path, sampling_rate_hz=rate_hz, channels=channels, values=values) as shard:
        return [
            MadeRecord.of(one, row, shard.add(one.record, one.label, one.samples, one.shaft_speed_hz))
            for row, one in enumerate(plan.waveforms(planned))
        ]
