"""What every reference of every model points at: the alias topic as it stands now."""

from dataclasses import dataclass

from babbitt.contracts.models import AliasAssigned, alias_key
from babbitt.contracts.names import version_of


@dataclass(frozen=True, slots=True)
class _Standing:
    assigned: AliasAssigned
    revision: int


class AliasBoard:
    """References and what they point at. The assertion with the higher revision stands, of equals the later one."""

    def __init__(self) -> None:
        self._standing: dict[str, _Standing] = {}
        self._ended: dict[str, int] = {}

    def assign(self, assigned: AliasAssigned, revision: int) -> bool:
        """Take an assertion; False: a later one stands already, or the reference was gone since.

        Args:
            assigned: what is asserted.
            revision: the model's, as the envelope's sequence tells it.
        """
        key = assigned.key()
        standing = self._standing.get(key)
        if standing is not None and revision < standing.revision:
            return False
        if revision <= self._ended.get(key, -1):
            return False
        self._standing[key] = _Standing(assigned, revision)
        return True

    def remove(self, key: str) -> None:
        """The reference is gone: a late repeat of what was known here before does not bring it back."""
        standing = self._standing.pop(key, None)
        if standing is not None:
            self._ended[key] = standing.revision

    def find(self, model: str, reference: str) -> AliasAssigned | None:
        """What a reference points at; None: it is not known."""
        standing = self._standing.get(alias_key(model, reference))
        return standing.assigned if standing else None

    def aliases(self) -> list[AliasAssigned]:
        """What is to be served without being asked for: every reference that is a name, not a version number."""
        return [standing.assigned for standing in self._standing.values() if is_alias(standing.assigned.reference)]


def is_alias(reference: str) -> bool:
    """Whether a reference is a name; version numbers never move."""
    return version_of(reference) is None
