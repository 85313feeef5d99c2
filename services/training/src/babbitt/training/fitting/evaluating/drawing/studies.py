"""Figures of a study."""

from itertools import accumulate
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from babbitt.contracts.study_reports import StudyReport
from babbitt.training.fitting.evaluating.drawing.style import COLOURS, figure


def draw_study(report: StudyReport, folder: Path) -> dict[str, Path]:
    """Write what there are numbers for, as `<name>.png`; by name. Equal reports give equal bytes."""
    history(report, folder / "history.png")
    names = ["history"]
    if report.importance:
        importance(report, folder / "importance.png")
        names.append("importance")
    return {name: folder / f"{name}.png" for name in names}


def history(report: StudyReport, path: Path) -> None:
    """Validation loss of each trial, and the lowest so far."""
    told = [(trial.number, trial.validation_loss, trial.state) for trial in report.trials]
    states = {"completed": ("o", COLOURS[0]), "pruned": ("x", "grey")}
    with figure(path, f"Trials of a study of {report.model}", width_in=5.5) as axes:
        for state, (marker, colour) in states.items():
            of_it = [(number, loss) for number, loss, its in told if its == state and loss is not None]
            if of_it:
                numbers, losses = zip(*of_it, strict=True)
                axes.scatter(numbers, losses, marker=marker, color=colour, s=14, label=state)
        done = [(number, loss) for number, loss, state in told if state == "completed" and loss is not None]
        lowest = list(accumulate((loss for _, loss in done), min))
        axes.step([number for number, _ in done], lowest, where="post", color=COLOURS[1], label="lowest so far")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("trial")
        axes.set_ylabel("validation loss, nats")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def importance(report: StudyReport, path: Path) -> None:
    """Share of the losses' variation that each setting explains."""
    shares = sorted(report.importance.items(), key=lambda one: one[1])
    with figure(path, "What the settings explain", height_in=1.0 + 0.3 * len(shares)) as axes:
        axes.barh([name for name, _ in shares], [share for _, share in shares], color=COLOURS[0])
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("share of the variation of the validation loss")
