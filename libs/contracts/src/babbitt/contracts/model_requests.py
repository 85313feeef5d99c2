"""What may be asked of the registry: to point an alias, to let other rules hold, to retire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from babbitt.contracts.dataspec import Spec
from babbitt.contracts.envelope import Request, only_said, strictly
from babbitt.contracts.names import CHAMPION, AliasName, Label, ModelName, Reason, VersionNumber
from babbitt.contracts.topics import MODELS_REQUESTS


class ModelRequest(Request):
    """What every request about a model says. `request_id` names the request; absent: it follows from the message."""

    model: ModelName
    request_id: UUID | None = None
    requested_by: Label | None = None

    def key(self) -> str:
        return self.model


type Expected = Annotated[int, Field(ge=0, le=999_999_999)]


class PromotionRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Point an alias at a version, by hand.

    Attributes:
        expected: the version that the alias points at by the asker's knowledge, 0: none; refused with 409 where it
            points elsewhere by now, so that of two who promote at once one wins. Absent: whatever it points at.
    """

    version: VersionNumber
    alias: AliasName = CHAMPION
    expected: Expected | None = None
    reason: Reason


class RollbackRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Point an alias back at the version it had before. `expected`: as in PromotionRequested."""

    alias: AliasName = CHAMPION
    expected: Expected | None = None
    reason: Reason


class AliasRemovalRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Take an alias away; the champion stays. `expected`: as in PromotionRequested."""

    alias: AliasName
    expected: Expected | None = None
    reason: Reason


type PromotionMode = Literal["automatic", "manual", "shadow_first"]


class GatePolicy(Spec, frozen=True):
    """What a model's versions have to pass to become champion without a person.

    Attributes:
        promotion: `automatic`: by gates alone; `manual`: a person decides always; `shadow_first`: what passes becomes
            `shadow`, and a person decides.
        accuracy_floor: share of test records that have to be answered right, 0 to 1.
        margin: how far below the champion the lower 95 % bound of the paired difference may lie, 0 to 1.
        latency_budget_ms: for one record on one CPU thread; None: any.
        retained_champions: former champions that are kept for a rollback.
        retained_days: how long every version is kept.
    """

    promotion: PromotionMode = "automatic"
    accuracy_floor: Annotated[float, Field(ge=0, le=1)] = 0.8
    margin: Annotated[float, Field(ge=0, lt=1)] = 0.02
    latency_budget_ms: Annotated[float, Field(gt=0)] | None = None
    retained_champions: Annotated[int, Field(ge=1, le=1000)] = 5
    retained_days: Annotated[int, Field(ge=1, le=36_500)] = 90


class PolicyChangeRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Let other rules hold for a model's next versions.

    Attributes:
        policy: what is not said of it stays as it is, for a model to come as the installation has it.
        expected: the sequence of the ModelPolicyChanged that holds by the asker's knowledge, 0: none was told; refused
            with 409 where others hold by now. Absent: whatever holds.
    """

    policy: Annotated[GatePolicy, strictly(GatePolicy), only_said()]
    expected: Expected | None = None
    reason: Reason


class RetentionRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Retire what the model's policy does not keep. `dry_run`: only say what that would be."""

    dry_run: bool = True
    reason: Reason


class RetirementRequested(ModelRequest, topic=MODELS_REQUESTS):
    """Take a version out of use."""

    version: VersionNumber
    reason: Reason
