"""A model: a line of versions, what its aliases point at, and what they pointed at before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from babbitt.contracts.names import CHAMPION
from babbitt.registry.domain.version import Candidate, Version
from babbitt.registry.errors import (
    AliasMoved,
    ArtifactUnverified,
    ChampionStays,
    NothingToRollBackTo,
    UnknownAlias,
    UnknownVersion,
    VersionInUse,
    VersionRetired,
)

type Action = Literal["promotion", "rollback", "removal"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """An alias was pointed at a version; `replaced` is what it pointed at before."""

    model: str
    alias: str
    version: Version
    replaced: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """An alias was taken away; `version` is what it pointed at."""

    model: str
    alias: str
    version: int
    at: datetime


def trails(moves: Iterable[tuple[str, int, Action]]) -> dict[str, list[int]]:
    """By alias, the versions that it came by, from all of its moves: (alias, version, action), the oldest first."""
    found: dict[str, list[int]] = {}
    for alias, number, action in moves:
        trail = found.setdefault(alias, [])
        if action == "promotion":
            trail.append(number)
        elif action == "rollback":
            trail.pop()
            while trail and trail[-1] != number:  # retired ones are passed over
                trail.pop()
        else:
            trail.clear()
    return found


@dataclass(slots=True)
class Model:
    """The aggregate. Every change raises `revision`, which is the sequence of all that is said of the model.

    Attributes:
        aliases: version numbers by alias.
        assigned_at: when each alias was pointed there.
        trails: by alias, the versions that it came by, the one it points at last. A promotion adds one and a rollback
            takes one off, so that who rolls back twice goes back twice. Empty: the alias was taken away.
        needs: by version number, the jobs that have not ended and read the version.
    """

    name: str
    revision: int = 0
    versions: dict[int, Version] = field(default_factory=dict[int, Version])
    aliases: dict[str, int] = field(default_factory=dict[str, int])
    assigned_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    trails: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    needs: dict[int, frozenset[UUID]] = field(default_factory=dict[int, frozenset[UUID]])

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

    def promote(self, number: int, alias: str, at: datetime, expected: int | None = None) -> Assignment | None:
        """Point `alias` at a version; None: it points there already, whatever was expected.

        Args:
            number: of the version.
            alias: new ones are made.
            at: now.
            expected: the version that it is thought to point at, 0: none; None: any.

        Raises:
            UnknownVersion, VersionRetired, ArtifactUnverified: it cannot serve.
            AliasMoved: the alias points elsewhere than expected.
        """
        version = self._usable(number)
        replaced = self.aliases.get(alias)
        if replaced == number:
            return None
        self._check_unmoved(alias, expected)
        self.trails.setdefault(alias, []).append(number)
        return self._point(alias, version, replaced, at)

    def roll_back(self, alias: str, at: datetime, expected: int | None = None) -> Assignment:
        """Point `alias` back at the version that it had before, passing over those that are out of use since.

        `expected` as in `promote`.

        Raises:
            UnknownAlias: the model has no such alias.
            AliasMoved: it points elsewhere than expected.
            NothingToRollBackTo: it had none before that is in use.
            ArtifactUnverified: that version cannot serve.
        """
        current = self._pointed(alias)
        self._check_unmoved(alias, expected)
        earlier = self.trails[alias][:-1]
        while earlier and (earlier[-1] == current or self.versions[earlier[-1]].retired):
            earlier.pop()
        if not earlier:
            raise NothingToRollBackTo(f"{alias} of {self.name} had no version before {current} that is in use")
        version = self._usable(earlier[-1])
        self.trails[alias] = earlier
        return self._point(alias, version, current, at)

    def remove_alias(self, alias: str, at: datetime, expected: int | None = None) -> Removal:
        """Take an alias away, with the trail that a rollback would have followed. `expected` as in `promote`.

        Raises:
            UnknownAlias: the model has no such alias.
            AliasMoved: it points elsewhere than expected.
            ChampionStays: predictions that name no alias are answered by the champion.
        """
        current = self._pointed(alias)
        if alias == CHAMPION:
            raise ChampionStays(f"{CHAMPION} of {self.name} answers who names no alias: promote another version")
        self._check_unmoved(alias, expected)
        del self.aliases[alias], self.assigned_at[alias]
        self.trails[alias] = []
        self.revision += 1
        return Removal(self.name, alias, current, at)

    def retire(self, number: int) -> Version:
        """Take a version out of use.

        Raises:
            UnknownVersion, VersionRetired: there is none to take.
            VersionInUse: an alias points at it, or a job that has not ended reads it.
        """
        version = self._known(number)
        if version.retired:
            raise VersionRetired(f"version {number} of {self.name} is out of use already")
        if pointing := [alias for alias, pointed in self.aliases.items() if pointed == number]:
            raise VersionInUse(f"version {number} of {self.name} is {', '.join(pointing)}: promote another first")
        if jobs := self.needs.get(number):
            raise VersionInUse(f"version {number} of {self.name} is read by {told_jobs(jobs)}: let it end or cancel it")
        version.retired = True
        self.revision += 1
        return version

    def _pointed(self, alias: str) -> int:
        if alias not in self.aliases:
            raise UnknownAlias(f"{self.name} has no alias {alias}: it has {', '.join(self.aliases) or 'none'}")
        return self.aliases[alias]

    def _check_unmoved(self, alias: str, expected: int | None) -> None:
        """Of two who move an alias at once, knowing the same of it, the second learns here that it was moved."""
        current = self.aliases.get(alias, 0)
        if expected is not None and expected != current:
            where = f"version {current}" if current else "nothing"
            raise AliasMoved(f"{alias} of {self.name} points at {where} by now, not at {expected or 'nothing'}")

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


def told_jobs(jobs: Iterable[UUID]) -> str:
    """Jobs as people read them."""
    return f"job {', '.join(sorted(str(job) for job in jobs))}"
