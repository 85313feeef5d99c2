"""Settings of `registry`: `BABBITT_…` shared, `BABBITT_REGISTRY_…` its own."""

import base64
import binascii
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from babbitt.chassis.settings import DatabaseSettings
from babbitt.contracts.model_requests import GatePolicy, PromotionMode

KEY_BYTES = 32


def _keys(given: Any) -> Any:
    """`name=base64,name=base64` as raw keys by name."""
    if not isinstance(given, str):
        return given
    found = dict[str, bytes]()
    for part in filter(None, (one.strip() for one in given.split(","))):
        name, _, encoded = part.partition("=")
        try:
            found[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ValueError(f"{name}: a key in base64 is accepted") from error
        if not name or len(found[name]) != KEY_BYTES:
            raise ValueError(f"{name or 'a key without a name'}: name=key with a key of {KEY_BYTES} bytes is accepted")
    return found


class RegistrySettings(DatabaseSettings):
    """What the registry reads. The first six are the rules of a model that nobody has given other ones.

    Attributes:
        promotion: `automatic`, `manual` or `shadow_first`.
        accuracy_floor: share of test records that a version has to answer right to become champion by itself, 0 to 1.
        accuracy_margin: how far below the champion the lower 95 % bound of the paired difference may lie, 0 to 1.
        latency_budget_ms: for one record on one CPU thread; absent: any.
        retained_champions: former champions that are kept for a rollback.
        retained_days: how long every version is kept.
        trusted_keys: `name=public key in base64`, comma-separated; where there is one, only what one of them signed may
            serve.
        condemned_hours: how long a copy that no version in use names still lies there.
    """

    service: ClassVar[str] = "registry"

    promotion: PromotionMode = "automatic"
    accuracy_floor: Annotated[float, Field(ge=0, le=1)] = 0.8
    accuracy_margin: Annotated[float, Field(ge=0, lt=1)] = 0.02
    latency_budget_ms: Annotated[float, Field(gt=0)] | None = None
    retained_champions: Annotated[int, Field(ge=1, le=1000)] = 5
    retained_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    trusted_keys: Annotated[dict[str, bytes], BeforeValidator(_keys)] = Field(default_factory=dict[str, bytes])
    condemned_hours: Annotated[float, Field(ge=0, le=8760)] = 24.0

    @property
    def policy(self) -> GatePolicy:
        """The rules of a model that nobody has given other ones."""
        return GatePolicy(
            promotion=self.promotion,
            accuracy_floor=self.accuracy_floor,
            margin=self.accuracy_margin,
            latency_budget_ms=self.latency_budget_ms,
            retained_champions=self.retained_champions,
            retained_days=self.retained_days,
        )
