"""The report of a study: a file, JSON, which TuningCompleted names. As open as an event."""

from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.model_scores import Part
from babbitt.contracts.names import FigureName
from babbitt.contracts.recipes import ConfigValue


class TrialReport(Part):
    """One trial of a study.

    Attributes:
        number: from 0; `job` ran it.
        settings: what was tried.
        validation_loss: of the weights that it kept, in nats; of a pruned one the last; None: it came to none.
        validation_losses: an epoch each, from the first.
    """

    number: int
    job: UUID
    state: Literal["completed", "pruned", "failed"] | str
    settings: dict[str, ConfigValue]
    validation_loss: float | None = None
    validation_losses: tuple[float, ...] = ()


class StudyReport(Part):
    """All that a study came to.

    Attributes:
        study: its job.
        request: as it was asked for.
        trials: by their numbers.
        best_trial: whose settings `job` trained once more.
        importance: share of the losses' variation that each setting explains (functional analysis of variance; Hutter
            et al., 2014); empty where too few trials tell.
        figures: PNG files by name: `history`, `importance`.
    """

    format: Literal[1] = 1
    study: UUID
    model: str
    request: dict[str, Any]
    trials: tuple[TrialReport, ...]
    best_trial: int
    job: UUID
    importance: dict[str, float] = Field(default_factory=dict[str, float])
    figures: dict[FigureName, ObjectReference] = Field(default_factory=dict[FigureName, ObjectReference])

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A report's JSON, of a later version of `training` too.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate_json(content, extra="ignore")
