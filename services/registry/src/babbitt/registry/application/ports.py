"""What the use cases need from outside."""

from dataclasses import dataclass
from typing import Protocol

from babbitt.contracts.datasets import ObjectReference
from babbitt.registry.domain.gates import GateResult
from babbitt.registry.domain.model import Action, Assignment, Model
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
    """What became of an artifact: where it lies now, whether it is what its digest says, and what was found."""

    artifact: ObjectReference
    verified: bool
    finding: str


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

    async def retire(self, model: Model, version: Version) -> None:
        """Keep that a version is out of use, and the model's revision."""
        ...


class Artifacts(Protocol):
    """The registry's copies of what training made."""

    async def adopt(self, candidate: ObjectReference) -> Adopted:
        """Copy a candidate's artifact under the registry's own prefix and verify it.

        Raises:
            Unavailable: the object store is away, or the temporary folder is full.
        """
        ...
