"""What training knows of other models' versions, by what points at them."""

from dataclasses import dataclass
from typing import Literal

from babbitt.contracts.models import AliasAssigned

type Role = Literal["base", "member", "champion", "tested"]
"""What a job needs a version for."""


@dataclass(frozen=True, slots=True)
class NeededVersion:
    """A version that a job needs, and what for."""

    role: Role
    assigned: AliasAssigned


@dataclass(slots=True)
class KnownReference:
    """An alias or version number of a model as its last record left it. Changed only while its row is locked.

    Attributes:
        sequence: of the last record; older ones that come late change nothing.
        assigned: what it points at; None: nothing any more.
    """

    model: str
    reference: str
    sequence: str = ""
    assigned: AliasAssigned | None = None

    def heard(self, sequence: str | None, assigned: AliasAssigned | None) -> bool:
        """Take note of a record; False: a newer one came before."""
        if sequence is not None and sequence < self.sequence:
            return False
        self.sequence = sequence or self.sequence
        self.assigned = assigned
        return True
