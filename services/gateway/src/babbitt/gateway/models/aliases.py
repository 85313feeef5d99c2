"""What every reference of every model points at, in memory, from the compacted alias topic. Needs no database."""

from collections.abc import Mapping
from typing import Any

from aiokafka import ConsumerRecord

from babbitt.chassis.kafka import origin_of
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.names import CHAMPION
from babbitt.contracts.topics import MODELS_ALIASES
from babbitt.gateway.errors import UnknownModel, UnknownReference


class Aliases:
    """The alias read model: of two assignments of one reference the one with the higher sequence stays."""

    def __init__(self) -> None:
        self._models: dict[str, dict[str, AliasAssigned]] = {}
        self._sequences: dict[str, int] = {}

    def heard(self, record: ConsumerRecord[Any, Any]) -> None:
        """Take a record of the alias topic.

        Raises:
            MalformedMessage: it is none of its contracts.
        """
        if record.value is None:
            self._remove((record.key or b"").decode("utf-8", "replace"))
            return
        delivery = decode(MODELS_ALIASES, record.value, record.headers, origin_of(MODELS_ALIASES, record))
        assigned = delivery.message
        if not isinstance(assigned, AliasAssigned):
            return
        key, sequence = assigned.key(), delivery.envelope.revision
        if sequence >= self._sequences.get(key, 0):
            self._sequences[key] = sequence
            self._models.setdefault(assigned.model, {})[assigned.reference] = assigned

    def of(self, model: str) -> Mapping[str, AliasAssigned]:
        """The references of a model; empty: it is unknown."""
        return self._models.get(model, {})

    def models(self) -> Mapping[str, Mapping[str, AliasAssigned]]:
        """All models that have references, by name."""
        return self._models

    def resolve(self, name: str) -> AliasAssigned:
        """What `pump`, `pump@challenger` or `pump@7` points at; none named means champion.

        Raises:
            UnknownModel: no model of that name has a reference.
            UnknownReference: the model has no such alias or version.
        """
        model, at, reference = name.partition("@")
        references = self._models.get(model)
        if references is None:
            raise UnknownModel(f"there is no model {model!r} that could answer")
        assigned = references.get(reference if at else CHAMPION)
        if assigned is None:
            known = ", ".join(sorted(references))
            raise UnknownReference(f"model {model!r} has no {reference if at else CHAMPION!r}: it has {known}")
        return assigned

    def _remove(self, key: str) -> None:
        model, _, reference = key.partition("/")
        references = self._models.get(model, {})
        if references.pop(reference, None) is not None:
            self._sequences[key] += 1  # a late repeat of what was said before does not bring it back
        if not references:
            self._models.pop(model, None)
