"""Settings of `registry`: `BABBITT_…` shared, `BABBITT_REGISTRY_…` its own."""

from typing import Annotated, ClassVar

from pydantic import Field

from babbitt.chassis.settings import DatabaseSettings


class RegistrySettings(DatabaseSettings):
    """What the registry reads.

    Attributes:
        accuracy_floor: share of test records that a version has to answer right to become champion by itself, 0 to 1.
        accuracy_margin: how far below the champion's record accuracy a version may lie and still be no worse, 0 to 1.
        condemned_hours: how long a copy that no version in use names still lies there.
    """

    service: ClassVar[str] = "registry"

    accuracy_floor: Annotated[float, Field(ge=0, le=1)] = 0.8
    accuracy_margin: Annotated[float, Field(ge=0, le=1)] = 0.0
    condemned_hours: Annotated[float, Field(ge=0, le=8760)] = 24.0
