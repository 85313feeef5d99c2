"""A store in a local folder, uploads in it, and datasets made of them."""

import hashlib

import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetConfiguration, DatasetRequested, ShardRequested
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.mappings import ImportedSource, ImportMapping, MappingRule, RecordingFile
from babbitt.contracts.quality import QualityReport
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.adapters.uploads import UploadedFiles
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.request_dataset import RequestDataset


class Uploads:
    """Files as the gateway stores them."""

    def __init__(self, url):
        self.store, self.files = ObjectStore(url, "gateway"), []

    async def add(self, name, content, *, stored=None):
        sha256 = hashlib.sha256(content).hexdigest()
        self.files.append(RecordingFile(name=name, sha256=sha256))
        if stored != b"":
            await self.store.put(f"gateway/uploads/{sha256}", stored or content)

    def configuration(self, rules=None, split=None, **mapping):
        rules = rules or tuple(
            MappingRule(
                pattern=f"{label}*",
                label=label,
                variable="X*_DE_time",
                sampling_rate_hz=12_000,
                shaft_speed_rpm_variable="X*RPM",
            )
            for label in ("ok", "worn")
        )
        fields = {"rules": rules, "sampling_rate_hz": 12_000, "record_duration_s": 0.25} | mapping
        source = ImportedSource(files=tuple(self.files), mapping=ImportMapping(**fields))
        return DatasetConfiguration(source=source, split=SplitSpec(**(split or {"kind": "group"})))


@pytest.fixture
def url(tmp_path):
    return (tmp_path / "objects").as_uri()


@pytest.fixture
def uploads(url):
    return Uploads(url)


@pytest.fixture
def fetched(url, scratch):
    """What fetches uploads."""
    return UploadedFiles(ObjectStore(url, "signals"), scratch, kept_bytes=1_000_000)


@pytest.fixture
def stored(url, worker, scratch, fetched):
    return StoredShards(ObjectStore(url, "signals"), worker, scratch, fetched)


@pytest.fixture
def make(datasets, stored, outbox, worker, clock, fetched):
    async def make(configuration):
        """Make a dataset to its end; what was said last."""
        await RequestDataset(datasets, outbox, worker, fetched)(DatasetRequested(configuration=configuration))
        finish = FinishDataset(datasets, stored, outbox, worker)
        for wanted in outbox.of(ShardRequested):
            await MakeShard(datasets, stored, finish, outbox, clock)(wanted)
        return outbox.said[-1][1]

    return make


@pytest.fixture
def manifest_of(url):
    async def read(ready):
        """The manifest of a dataset, as another service reads it."""
        content = await ObjectStore(url, "training").read(ready.manifest.key, ready.manifest.sha256)
        return DatasetManifest.model_validate_json(content)

    return read


@pytest.fixture
def report_of(url):
    async def read(ready):
        """The quality report of a dataset, as the gateway reads it."""
        document = ready.report.document
        return QualityReport.read(await ObjectStore(url, "gateway").read(document.key, document.sha256))

    return read
