"""A model: a line of versions, what its aliases point at, and what they pointed at before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from babbitt.contracts.names import CHAMPION
from babbitt.registry.domain.version import Candidate, Version
from babbitt.registry.errors import (
    ArtifactUnverified,
    NothingToRollBackTo,
    UnknownAlias,
    UnknownVersion,
    VersionInUse,
    VersionRetired,
)

type Action = Literal["promotion", "rollback"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """An alias was pointed at a version; `replaced` is what it pointed at before."""

    model: str
    alias: str
    version: Version
    replaced: int | None
    at: datetime


def trails(moves: Iterable[tuple[str, int, Action]]) -> dict[str, list[int]]:
    """By alias, the versions that it came by, from all of its moves: (alias, version, action), the oldest first."""
    found: dict[str, list[int]] = {}
    for alias, number, action in moves:
        trail = found.setdefault(alias, [])
        if action == "promotion":
            trail.append(number)
        else:
            trail.pop()
    return found


@dataclass(slots=True)
class Model:
    """The aggregate. Every change raises `revision`, which is the sequence of all that is said of the model.

    Attributes:
        aliases: version numbers by alias.
        assigned_at: when each alias was pointed there.
        trails: by alias, the versions that it came by, the one it points at last. A promotion adds one and a rollback
            takes one off, so that who rolls back twice goes back twice.
    """

    name: str
    revision: int = 0
    versions: dict[int, Version] = field(default_factory=dict[int, Version])
    aliases: dict[str, int] = field(default_factory=dict[str, int])
    assigned_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    trails: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def register(self, candidate: Candidate, at: datetime) -> Version | None:
        """Make a candidate the next version; None: its job has made one already."""
        if any(version.candidate.job_id == candidate.job_id for version in self.versions.values()):
            return None
        version = Version(max(self.versions, default=0) + 1, candidate, at)
        self.versions[version.number] = version
        self.revision += 1
        return version

    def champion(self) -> Version | None:
        """What the champion alias points at."""
        return self.versions[self.aliases[CHAMPION]] if CHAMPION in self.aliases else None

    def promote(self, number: int, alias: str, at: datetime) -> Assignment | None:
        """Point `alias` at a version; None: it points there already.

        Raises:
            UnknownVersion, VersionRetired, ArtifactUnverified: it cannot serve.
        """
        version = self._usable(number)
        replaced = self.aliases.get(alias)
        if replaced == number:
            return None
        self.trails.setdefault(alias, []).append(number)
        return self._point(alias, version, replaced, at)

    def roll_back(self, alias: str, at: datetime) -> Assignment:
        """Undo the promotion by which `alias` came to the version that it points at.

        Raises:
            UnknownAlias: the model has no such alias.
            NothingToRollBackTo: it had none before.
            VersionRetired: that version is out of use.
        """
        if alias not in self.aliases:
            raise UnknownAlias(f"{self.name} has no alias {alias}: it has {', '.join(self.aliases) or 'none'}")
        current, earlier = self.aliases[alias], self.trails[alias][:-1]
        if not earlier:
            raise NothingToRollBackTo(f"{alias} of {self.name} had no version before {current}")
        version = self._usable(earlier[-1])
        self.trails[alias] = earlier
        return self._point(alias, version, current, at)

    def retire(self, number: int) -> Version:
        """Take a version out of use.

        Raises:
            UnknownVersion, VersionRetired: there is none to take.
            VersionInUse: an alias points at it.
        """
        version = self._known(number)
        if version.retired:
            raise VersionRetired(f"version {number} of {self.name} is out of use already")
        if pointing := [alias for alias, pointed in self.aliases.items() if pointed == number]:
            raise VersionInUse(f"version {number} of {self.name} is {', '.join(pointing)}: promote another first")
        version.retired = True
        self.revision += 1
        return version

    def _point(self, alias: str, version: Version, replaced: int | None, at: datetime) -> Assignment:
        self.aliases[alias] = version.number
        self.assigned_at[alias] = at
        self.revision += 1
        return Assignment(self.name, alias, version, replaced, at)

    def _usable(self, number: int) -> Version:
        version = self._known(number)
        if version.retired:
            raise VersionRetired(f"version {number} of {self.name} is out of use")
        if not version.candidate.verified:
            raise ArtifactUnverified(f"version {number} of {self.name}: {version.candidate.finding}")
        return version

    def _known(self, number: int) -> Version:
        if number not in self.versions:
            raise UnknownVersion(
                f"{self.name} has no version {number}: the last one is {max(self.versions, default=0)}"
            )
        return self.versions[number]
