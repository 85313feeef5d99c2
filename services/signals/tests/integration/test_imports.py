"""Recordings are imported: on a real broker and a real database."""

import hashlib

import numpy as np
import pytest
from sqlalchemy import func, select

from babbitt.chassis.database import transaction
from babbitt.contracts.datasets import DatasetConfiguration, DatasetFailed, DatasetReady
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.adapters.tables import SHARDS
from babbitt.signals.domain.importing import parts

pytestmark = pytest.mark.integration


def imported(files):
    rules = tuple(
        MappingRule(pattern=f"{label}*", label=label, variable="*", sampling_rate_hz=12_000) for label in ("ok", "worn")
    )
    mapping = ImportMapping(rules=rules, sampling_rate_hz=12_000, record_duration_s=0.1)
    entries = tuple(
        RecordingFile(name=name, sha256=hashlib.sha256(content).hexdigest()) for name, content in files.items()
    )
    source = ImportedSource(files=entries, mapping=mapping)
    return DatasetConfiguration(source=source, split=SplitSpec(kind="group", validation=0.2, test=0.2))


def csv(seed):
    return "\n".join(f"{value:.6f}" for value in np.random.default_rng(seed).standard_normal(6_000)).encode()


def recordings():
    return {
        f"{label}{number}.csv": csv(seed + number) for label, seed in (("ok", 1), ("worn", 7)) for number in range(3)
    }


async def test_recordings_with_a_file_missing_fail_and_are_imported_once_it_is_there(bench, monkeypatch):
    """Each is divided between two shards."""
    monkeypatch.setattr(parts, "PART_BYTES", 30_000)
    files = recordings()
    configuration = imported(files)
    late = sorted(files)[2]
    for name, content in files.items():
        if name != late:
            await bench.uploads.put(f"gateway/uploads/{hashlib.sha256(content).hexdigest()}", content)
    async with bench.running(), bench.events() as until:
        await bench.ask(configuration)
        failed = (await until(DatasetFailed)).message
        assert failed.reason.startswith(f"{late}: its upload")
        await bench.uploads.put(f"gateway/uploads/{hashlib.sha256(files[late]).hexdigest()}", files[late])
        await bench.ask(configuration)
        ready = (await until(DatasetReady)).message
    assert ready.counts == {split: {"ok": 5, "worn": 5} for split in ("train", "validation", "test")}
    assert "/2/" in ready.manifest.key
    manifest = DatasetManifest.read(await bench.uploads.read(ready.manifest.key))
    assert (len(manifest.shards), len(manifest.records)) == (12, 30)


async def test_the_same_recording_under_two_names_fails_the_leakage_gate(bench):
    files = recordings()
    files["ok2.csv"] = files["ok1.csv"]
    for content in files.values():
        await bench.uploads.put(f"gateway/uploads/{hashlib.sha256(content).hexdigest()}", content)
    async with bench.running(), bench.events() as until:
        await bench.ask(imported(files))
        failed = (await until(DatasetFailed)).message
    assert failed.reason.startswith("leakage: record ok1.csv#00000")
    async with transaction(bench.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(SHARDS)) == 6
