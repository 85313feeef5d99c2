"""The registry's own events, told again to its tables: what was decided is not decided anew."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import cast

from babbitt.contracts.cloudevents import Delivery
from babbitt.contracts.envelope import Message
from babbitt.contracts.models import (
    AliasRemoved,
    ModelEvent,
    ModelGateEvaluated,
    ModelPolicyChanged,
    ModelPromoted,
    ModelRegistered,
    ModelRetired,
    ModelRolledBack,
)
from babbitt.registry.application.past import Beginning
from babbitt.registry.application.ports import Models, Policies, Story
from babbitt.registry.domain.gates.case import GateResult, Outcome
from babbitt.registry.domain.model import Model
from babbitt.registry.domain.version import Candidate, Version
from babbitt.registry.errors import PastIncomplete

SPLIT_DECISIONS = "split_decisions"


@dataclass(slots=True)
class Registration:
    """A version whose gates' results follow it."""

    version: Version
    gates: list[GateResult] = field(default_factory=list[GateResult])


@dataclass(slots=True)
class Retelling:
    """Tells events to one transaction's tables, of each model in order. Announces nothing.

    Every change of a model raised its revision by one, and its events carry it: a record that is not there is noticed
    at the next one of its model. Without that, version 2 would become version 1, and serve under its name.
    """

    models: Models
    policies: Policies
    beginning: Beginning
    known: dict[str, Model] = field(default_factory=dict[str, Model])
    open: dict[str, Registration] = field(default_factory=dict[str, Registration])

    async def tell(self, delivery: Delivery[Message]) -> None:
        """Do again what an event says was done; others are passed over.

        Raises:
            PastIncomplete, or another Refused: it cannot have been: the topic does not hold what came before it.
        """
        said, revision = delivery.message, delivery.envelope.revision
        if isinstance(said, ModelGateEvaluated):
            await self._judged(said)
        elif isinstance(said, ModelRegistered):
            await self._registered(await self._model(said.model, revision), said, delivery)
        elif isinstance(said, ModelPolicyChanged):
            await self.policies.keep(await self._model(said.model, revision), said.policy)
        elif isinstance(said, ModelRetired):
            model = await self._model(said.model, revision)
            version = model.retire(said.version)
            await self.models.retire(_at(model, revision), version)
        elif isinstance(said, ModelPromoted | ModelRolledBack | AliasRemoved):
            await self._moved(await self._model(said.model, revision), said, delivery)

    async def end(self) -> dict[str, Model]:
        """Keep what was still open; all models by name."""
        for name in list(self.open):
            await self._close(name)
        return self.known

    async def _registered(self, model: Model, said: ModelRegistered, delivery: Delivery[Message]) -> None:
        facts = {one.name: getattr(said, one.name) for one in fields(Candidate)}
        version = model.register(Candidate(**facts), _time(said, delivery))
        if version is None or version.number != said.version:
            raise PastIncomplete(f"version {said.version} of {said.model} is not the next one to be told")
        _at(model, delivery.envelope.revision)
        self.open[model.name] = Registration(version)

    async def _judged(self, said: ModelGateEvaluated) -> None:
        registration = self.open.get(said.model)
        if registration is None or registration.version.number != said.version:
            raise PastIncomplete(f"{said.gate} judged version {said.version} of {said.model}, which was not told")
        registration.gates.append(_result(said))
        if decisions := said.measured.get(SPLIT_DECISIONS):
            split = registration.version.candidate.evaluation.test_split_sha256
            await self.beginning.counted(said.model, split, round(decisions))

    async def _moved(
        self, model: Model, said: ModelPromoted | ModelRolledBack | AliasRemoved, delivery: Delivery[Message]
    ) -> None:
        revision = delivery.envelope.revision
        at = _time(said, delivery)
        if isinstance(said, AliasRemoved):
            removal = model.remove_alias(said.alias, at)
            _check(said, (removal.version, None))
            story = Story("removal", said.reason, said.requested_by)
            await self.models.remove_alias(_at(model, revision), removal, story)
            return
        if isinstance(said, ModelPromoted):
            story = Story("promotion", said.reason, said.requested_by, said.automatic)
            assignment = model.promote(said.version, said.alias, at)
        else:
            story = Story("rollback", said.reason, said.requested_by)
            assignment = model.roll_back(said.alias, at)
        if assignment is None:
            raise PastIncomplete(f"{said.alias} of {said.model} was version {said.version} already")
        _check(said, (assignment.version.number, assignment.replaced))
        await self.models.assign(_at(model, revision), assignment, story)

    async def _model(self, name: str, revision: int) -> Model:
        """The model that an event is about, made where it is the first; all that came before it is kept."""
        await self._close(name)
        if name not in self.known:
            self.known[name] = await self.models.locked_or_new(name)
        model = self.known[name]
        if revision not in {model.revision, model.revision + 1}:
            raise PastIncomplete(f"of {name} revision {revision} follows {model.revision}: what lay between is lost")
        return _at(model, revision)

    async def _close(self, name: str) -> None:
        if (registration := self.open.pop(name, None)) is not None:
            await self.models.add_version(self.known[name], registration.version, tuple(registration.gates))


def _at(model: Model, revision: int) -> Model:
    """The model at an event's revision: going on it says nothing with a sequence that was said before."""
    model.revision = revision
    return model


def _check(said: ModelPromoted | ModelRolledBack | AliasRemoved, found: tuple[int, int | None]) -> None:
    """Whether an alias moved as it was told to have moved: (version, what it replaced)."""
    told = said.version, None if isinstance(said, AliasRemoved) else said.replaced
    if found != told:
        raise PastIncomplete(f"{said.alias} of {said.model} went another way than was told: {found}, not {told}")


def _time(said: ModelEvent, delivery: Delivery[Message]) -> datetime:
    return said.at or delivery.envelope.time


def _result(said: ModelGateEvaluated) -> GateResult:
    return GateResult(said.gate, cast("Outcome", said.outcome), said.detail, said.measured, said.champion)
