"""What every reference of every model points at: the alias topic as it stands now."""

from dataclasses import dataclass

from babbitt.contracts.models import AliasAssigned, alias_key


@dataclass(frozen=True, slots=True)
class _Standing:
    assigned: AliasAssigned
    sequence: str


class AliasBoard:
    """References and what they point at. The assertion with the higher sequence stands, of equals the later one."""

    def __init__(self) -> None:
        self._standing: dict[str, _Standing] = {}

    def assign(self, assigned: AliasAssigned, sequence: str) -> bool:
        """Take an assertion; False: a later one stands already.

        Args:
            assigned: what is asserted.
            sequence: the model's revision, zero-padded text, as the envelope carries it.
        """
        key = assigned.key()
        standing = self._standing.get(key)
        if standing is not None and sequence < standing.sequence:
            return False
        self._standing[key] = _Standing(assigned, sequence)
        return True

    def remove(self, key: str) -> None:
        """The reference is gone."""
        self._standing.pop(key, None)

    def find(self, model: str, reference: str) -> AliasAssigned | None:
        """What a reference points at; None: it is not known."""
        standing = self._standing.get(alias_key(model, reference))
        return standing.assigned if standing else None

    def aliases(self) -> list[AliasAssigned]:
        """What is to be served without being asked for: every reference that is a name, not a version number."""
        return [standing.assigned for standing in self._standing.values() if is_alias(standing.assigned.reference)]


def is_alias(reference: str) -> bool:
    """Whether a reference is a name; version numbers never move."""
    return not reference.isdigit()
