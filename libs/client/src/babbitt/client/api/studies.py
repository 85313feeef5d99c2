"""What a tuning came to: its report, and the figures of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import httpx
from pydantic import ValidationError

from babbitt.client.calls import Call, path_of
from babbitt.client.errors import unexpected
from babbitt.client.frames import axes_for, frame_of
from babbitt.contracts.study_reports import StudyReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

type StudyPart = Literal["trials", "importance", "losses"]


class Study(StudyReport):
    """All that a study tried."""

    def to_frame(self, part: StudyPart = "trials") -> "DataFrame":
        """A row a trial (its settings as columns), a setting, or an epoch of a trial.

        Raises:
            MissingExtra: pandas is not installed.
        """
        index = {"trials": "number", "importance": "setting"}
        return frame_of(self._rows(part), index.get(part))

    def plot(self, part: StudyPart = "trials", axes: "Axes | None" = None) -> "Axes":
        """Validation losses by trial, what each setting explains, or losses by epoch.

        Raises:
            MissingExtra: pandas or matplotlib is not installed.
        """
        frame, axes = self.to_frame(part), axes_for(part, axes)
        match part:
            case "trials":
                for state, trials in frame.groupby("state"):
                    axes.plot(trials.index, trials["validation_loss"], "o", label=str(state))
                axes.set(xlabel="trial", ylabel="validation loss, nats")
                axes.legend()
            case "importance":
                axes.barh(list(frame.index), frame["share"])
                axes.set(xlabel="share of the variation of the validation loss")
            case "losses":
                for trial, epochs in frame.groupby("trial"):
                    axes.plot(epochs["epoch"], epochs["validation_loss"], label=f"trial {trial}")
                axes.set(xlabel="epoch", ylabel="validation loss, nats")
        return axes

    def _rows(self, part: StudyPart) -> Iterator[dict[str, Any]]:
        match part:
            case "trials":
                kept = {"number", "state", "validation_loss", "job"}
                yield from (one.model_dump(include=kept) | one.settings for one in self.trials)
            case "importance":
                yield from ({"setting": name, "share": share} for name, share in self.importance.items())
            case "losses":
                yield from (
                    {"trial": one.number, "epoch": epoch, "validation_loss": loss}
                    for one in self.trials
                    for epoch, loss in enumerate(one.validation_losses, start=1)
                )


def study_report(job_id: UUID | str) -> Call[Study]:
    """Every trial of a tuning that has ended."""
    return Call("GET", path_of("training-jobs", job_id, "report"), _study, repeatable=True)


def study_figure(job_id: UUID | str, name: str) -> Call[bytes]:
    """A figure of it, `history` or `importance`: a PNG file's bytes."""
    path = path_of("training-jobs", job_id, "figures", name)
    return Call("GET", path, lambda response: response.content, repeatable=True)


def _study(response: httpx.Response) -> Study:
    try:
        return Study.read(response.content)
    except ValidationError as error:
        raise unexpected(response, str(error).partition("\n")[0]) from error
