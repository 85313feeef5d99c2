"""What the use cases need from outside."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.learnt import LearntRecords
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.paired import PairedPredictions
from babbitt.contracts.signatures import Statement
from babbitt.registry.domain.gates.case import Finding, GateResult
from babbitt.registry.domain.model import Action, Assignment, Model, Removal
from babbitt.registry.domain.version import Version


@dataclass(frozen=True, slots=True)
class Story:
    """Why an alias was moved, and who asked for it."""

    action: Action
    reason: str
    requested_by: str | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of a candidate's files.

    Attributes:
        copies: where they lie now, by digest; what is missing or corrupt is not among them.
        finding: whether all of them are what their digests say.
    """

    copies: Mapping[str, ObjectReference]
    finding: Finding

    def of(self, file: ObjectReference) -> ObjectReference:
        """Where a file lies now; one that was not sound stays where it was told to be."""
        return self.copies.get(file.sha256, file)


@dataclass(frozen=True, slots=True)
class Signed:
    """Whether a version may serve as far as signatures go, and whose key signed it."""

    finding: Finding
    by: str | None = None


class FileUnreadable(Exception):
    """A file of a version cannot be read: missing, corrupt, too large, or something else than it should be."""


class Models(Protocol):
    """The registry's models, within one transaction."""

    async def expect_work(self, seconds: int) -> None:
        """This transaction will wait for work, for so long at most."""
        ...

    async def locked(self, name: str) -> Model | None:
        """A model, locked until the transaction ends; None: there is none."""
        ...

    async def locked_or_new(self, name: str) -> Model:
        """A model, locked until the transaction ends; made where there is none."""
        ...

    async def names(self) -> list[str]:
        """All models, in order."""
        ...

    async def add_version(self, model: Model, version: Version, gates: tuple[GateResult, ...]) -> None:
        """Keep a new version, its gate results, and the model's revision."""
        ...

    async def assign(self, model: Model, assignment: Assignment, story: Story) -> None:
        """Keep what an alias points at, its history, and the model's revision."""
        ...

    async def remove_alias(self, model: Model, removal: Removal, story: Story) -> None:
        """Keep that an alias is gone, its history, and the model's revision."""
        ...

    async def retire(self, model: Model, version: Version) -> None:
        """Keep that a version is out of use, and the model's revision."""
        ...


class Needs(Protocol):
    """Which versions the jobs that have not ended read."""

    async def add(self, job_id: UUID, model: str, versions: Collection[int]) -> None:
        """A job that reads these versions of a model is accepted."""
        ...

    async def drop(self, job_id: UUID) -> None:
        """A job has ended; one that needed nothing is fine."""
        ...


class Artifacts(Protocol):
    """The registry's copies of what training made."""

    async def adopt(self, files: Collection[ObjectReference]) -> Adopted:
        """Copy a candidate's files under the registry's own prefix and verify them.

        Raises:
            Unavailable: the object store is away, or the temporary folder is full.
        """
        ...


class Signatures(Protocol):
    """The keys that are trusted here."""

    def verify(self, statement: Statement, signature: str | None) -> Signed:
        """Whether a version may serve, by the signature of what is said of it."""
        ...


class TestFiles(Protocol):
    """What versions answered in tests, and what they learnt from, as files."""

    async def predictions(self, file: ObjectReference) -> PairedPredictions:
        """What a version answered.

        Raises:
            FileUnreadable: see there.
            Unavailable: the object store is away.
        """
        ...

    async def learnt(self, file: ObjectReference) -> LearntRecords:
        """What a version learnt from; raises as `predictions`."""
        ...


class TestSplits(Protocol):
    """How often each test split has decided, within one transaction."""

    async def decide(self, model: str, sha256: str) -> int:
        """Count a comparison of a model's versions on a split; how many there were, this one included."""
        ...


class ArtifactBook(Protocol):
    """Which of the registry's copies are needed, within one transaction."""

    async def enter(self, digests: Collection[str]) -> None:
        """Know digests, of which copies may be written once this transaction has ended; those that are known stay."""
        ...

    async def hold(self, digests: Collection[str]) -> None:
        """Lock digests until the transaction ends, before their copies are written: none of them is condemned."""
        ...

    async def condemn(self, at: datetime) -> None:
        """Condemn the digests that were entered, or that retired versions name, and that no version in use names."""
        ...

    async def condemned(self, before: datetime) -> list[str]:
        """The digests that were condemned by then."""
        ...

    async def give_up(self, digest: str, before: datetime) -> bool:
        """Lock a digest that was condemned by then and give it up; its copy may be deleted before the transaction ends.

        False: it is needed again, or another has it.
        """
        ...


type Books = Callable[[], AbstractAsyncContextManager[ArtifactBook]]
"""Transactions of the book of digests."""


class Copies(Protocol):
    """The objects under the registry's own prefix."""

    async def delete(self, digest: str) -> None:
        """Delete a copy; one that is not there is fine."""
        ...


class Policies(Protocol):
    """The rules of models, within one transaction."""

    async def of(self, model: str) -> GatePolicy:
        """Those that hold for a model: its own, or the installation's."""
        ...

    async def revision(self, model: str) -> int:
        """The model's revision by which its own became so; 0: it has none of its own."""
        ...

    async def keep(self, model: Model, policy: GatePolicy) -> None:
        """Keep a model's rules, and its revision, which is theirs too."""
        ...
