"""A version made again: what it was made of, in a folder, and whether the same came out.

The folder has `request.json`, the dataset (`data`), the versions that it builds on (`bases`), and what comes out
(`made`). The champion that a job compares its result with has no part in it, and is not fetched.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from babbitt.client.api.dataset_files import StoredFile
from babbitt.client.api.models import Version
from babbitt.client.api.version_files import Report, version_file
from babbitt.client.clients import Babbitt
from babbitt.client.errors import NotFound
from babbitt.client.filling import Arrived, Filling, Wanted, sha256_of, untold
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.model_reports import ModelReport, Provenance
from babbitt.contracts.training_requests import TrainRequested

REQUEST, DATA, BASES, BASES_LIST, MADE = "request.json", "data", "bases", "bases.json", "made"
WEIGHTS, MODEL, REPORT = "weights.pt", "model.onnx", "report.json"
UNKNOWN = "not known"


class NotTrainedHere(ValueError):
    """A version came from elsewhere: there is nothing to train again."""


class DatasetGone(NotFound):
    """What a version learnt from is not there any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out beside what should have.

    Attributes:
        file: which one is compared.
        expected, found: its SHA-256 there and here.
        different: what was otherwise here, by name: there and here.
    """

    file: str
    expected: str
    found: str
    different: Mapping[str, tuple[str, str]]

    @property
    def equal(self) -> bool:
        """Whether it is the same, bit for bit."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A version, and the folder in which it is made again.

    Attributes:
        report: of the version.
        request: what it was asked for.
    """

    folder: Path
    version: Version
    report: Report
    request: TrainRequested

    @property
    def arguments(self) -> list[str]:
        """Of `python`: what makes it again."""
        words = ["-m", "babbitt.training", "fit", str(self.folder / REQUEST), "--data", str(self.folder / DATA)]
        if self.bases:
            words += ["--bases", str(self.folder / BASES)]
        made = self.report.provenance
        words += ["--out", str(self.folder / MADE), "--threads", str(made.threads)]
        words += ["--device", made.device.partition(":")[0]]
        return words if made.processes == 1 else [*words, "--processes", str(made.processes)]

    @property
    def command(self) -> str:
        """The same as a line for a shell."""
        return shlex.join(["python", *self.arguments])

    @property
    def bases(self) -> list[tuple[str, int]]:
        """Versions of the model that it builds on, and what each is needed for."""
        base = [("base", self.request.base_version)] if self.request.base_version else []
        return [*base, *(("member", number) for number in self.request.members)]

    def fetch(self, babbitt: Babbitt, showing: Callable[[str], Any] | None = None) -> None:
        """Write and bring all that is missing in the folder.

        Args:
            babbitt: where it was made.
            showing: opens a context for what is brought, which gives what is told of each piece.

        Raises:
            DatasetGone: the dataset is not there any more.
            BabbittError: something else is not, or is not to be had now.
            DownloadFailed: what came is not what it must be.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        written = self.request.model_dump_json(indent=2) + "\n"
        (self.folder / REQUEST).write_text(written, encoding="utf-8")
        dataset = self.report.provenance.dataset
        data = self.folder / DATA
        try:
            _bring(lambda arrived: babbitt.download_dataset(dataset, data, arrived=arrived), "data", showing)
        except NotFound as error:
            raise DatasetGone(error.problem) from error
        if self.bases:
            _bring(lambda arrived: self._fetch_bases(babbitt, arrived), "bases", showing)

    def _fetch_bases(self, babbitt: Babbitt, arrived: Arrived) -> None:
        listed: list[dict[str, Any]] = []
        wanted: dict[str, Wanted] = {}
        for role, number in self.bases:
            found = babbitt.version(self.version.model, number)
            files = _files_of(found, weights=role == "base")
            wanted |= {one.file.name: one for one in files.values()}
            listed.append(_laid_out(role, found, files))
        babbitt.fill(Filling(self.folder / BASES, list(wanted.values()), arrived))
        (self.folder / BASES / BASES_LIST).write_text(json.dumps(listed), encoding="utf-8")

    def outcome(self) -> Outcome | None:
        """How what was made compares; None: nothing was made yet."""
        weights, made = self.version.weights, self.folder / MADE
        file, expected = (WEIGHTS, weights.sha256) if weights else (MODEL, self.version.artifact.sha256)
        if not (made / REPORT).is_file() or not (made / file).is_file():
            return None
        here = ModelReport.read((made / REPORT).read_bytes())
        return Outcome(f"{MADE}/{file}", expected, sha256_of(made / file), different(self.report, here))


def reproduction(babbitt: Babbitt, model: str, number: int, folder: Path) -> Reproduction:
    """How a version is made again.

    Raises:
        NotTrainedHere: it came from elsewhere.
        BabbittError: it is not there.
    """
    version, report = babbitt.version(model, number), babbitt.model_report(model, number)
    try:
        request = TrainRequested.model_validate(report.provenance.request)
    except ValidationError as error:
        raise NotTrainedHere(f"{model}@{number} was not trained here: there is nothing to train again") from error
    return Reproduction(folder, version, report, request)


def decisive(made: Provenance) -> dict[str, str]:
    """What has to be equal, or the last bits may differ."""
    told = {
        "commit": made.commit,
        "SHA-256 of requirements/training.lock": made.lock_sha256,
        "processor": " ".join(part for part in (made.cpu, made.machine) if part),
        "threads": str(made.threads),
        "processes": str(made.processes),
        "device": made.device,
        "Python": made.python,
        "packages": ", ".join(f"{name} {version}" for name, version in made.packages.items()),
        "seed": str(made.seed),
    }
    return {name: value or UNKNOWN for name, value in told.items()}


def different(there: ModelReport, here: ModelReport) -> dict[str, tuple[str, str]]:
    """What was otherwise: what was asked for, what has to be equal, and how many epochs each run learnt.

    A budget may end a run early.
    """
    first, second = (
        _asked(one.provenance) | decisive(one.provenance) | {"epochs": _epochs(one)} for one in (there, here)
    )
    sides = {name: (first.get(name, UNKNOWN), second.get(name, UNKNOWN)) for name in first | second}
    return {name: (value, found) for name, (value, found) in sides.items() if value != found}


def _asked(made: Provenance) -> dict[str, str]:
    return {"dataset": made.dataset} | {f"request: {name}": json.dumps(one) for name, one in made.request.items()}


def _epochs(report: ModelReport) -> str:
    return ", ".join(str(len(run.epochs)) for run in report.runs) or "none"


def _bring(work: Callable[[Arrived], object], what: str, showing: Callable[[str], Any] | None) -> None:
    if showing is None:
        work(untold)
        return
    with showing(what) as arrived:
        work(arrived)


def _files_of(found: Version, *, weights: bool) -> dict[str, Wanted]:
    told: dict[str, tuple[Any, ObjectReference | None]] = {
        "file": ("artifact", found.artifact),
        "weights": ("weights", found.weights if weights else None),
        "train_records": ("train-records", found.lineage.train_records),
    }
    return {
        name: Wanted(
            StoredFile(name=f"{found.version}-{kind}", sha256=reference.sha256, size_bytes=reference.size_bytes),
            version_file(found.model, found.version, kind),
        )
        for name, (kind, reference) in told.items()
        if reference
    }


def _laid_out(role: str, found: Version, files: Mapping[str, Wanted]) -> dict[str, Any]:
    """As training reads it: an entry of `bases.json`."""
    return {
        "role": role,
        "version": found.version,
        "sha256": found.artifact.sha256,
        "data_spec": found.data_spec.model_dump(mode="json"),
        "model_spec": found.model_spec.model_dump(mode="json"),
        **{name: one.file.name for name, one in files.items()},
    }
