"""How often a challenger passes `no_worse`, by how good it is and how much it was tested on; beside McNemar alone.

Challengers are drawn: champion and challenger disagree on a share of the records, and the challenger is better by a
difference. Where groups differ, each has a share of its own of records that are lost and gained, drawn from a beta
distribution with this intraclass correlation: bearings that one of the two does not understand. McNemar alone passes
who is not proved worse (p of 0.05 or more); `no_worse` passes who is proved to be no worse than the margin. Writes
build/bench/gates.json and prints a table. Takes some minutes of one thread.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from babbitt.registry.domain.paired_difference import LEAST_GROUPS, exact_mcnemar, lower_bound

CONSOLE = Console()
MARGIN = 0.02
SIGNIFICANT = 0.05
WHOLE = 1.0
"""The correlation where a group is lost, or gained, as a whole or not at all."""
DIFFERENCES = (-0.04, -0.02, 0.0, 0.02, 0.05)

type Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is tested on.

    Attributes:
        correlation: intraclass, of what is lost and gained within a group; 0: groups are alike; 1: whole groups.
        disagreement: share of records that only one of the two answers right, at least; 0: a challenger that is worse
            gains nothing, and one that is better loses nothing.
    """

    groups: int
    records_a_group: int
    correlation: float
    disagreement: float = 0.04

    @property
    def records(self) -> int:
        return self.groups * self.records_a_group


SETTINGS = (
    *(Setting(records, 1, 0.0) for records in (80, 160, 528, 5280)),
    *(
        Setting(groups, size, correlation, disagreement)
        for groups, size in ((8, 60), (20, 30), (60, 30))
        for correlation in (0.0, 0.1, 0.3, 0.6, WHOLE)
        for disagreement in (0.0, 0.04)
    ),
)


def rates(setting: Setting, share: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The share of a group's records that are lost, or gained: [group]."""
    if share == 0 or setting.correlation == 0:
        return np.full(setting.groups, share)
    if setting.correlation == WHOLE:
        return (rng.random(setting.groups) < share).astype(np.float64)
    concentration = 1 / setting.correlation - 1
    return rng.beta(share * concentration, (1 - share) * concentration, setting.groups)


def challengers(setting: Setting, difference: float, draws: int) -> Iterator[tuple[Counts, Counts]]:
    """Records gained and lost by group, again and again: [group] each."""
    rng = np.random.default_rng([setting.records, setting.groups, round(1000 * (1 + difference))])
    disagreement = max(setting.disagreement, abs(difference))
    for _ in range(draws):
        gained = rates(setting, (disagreement + difference) / 2, rng)
        lost = np.minimum(rates(setting, (disagreement - difference) / 2, rng), 1 - gained)
        drawn = rng.multinomial(setting.records_a_group, np.stack([gained, lost, 1 - gained - lost], axis=1))
        yield drawn[:, 0], drawn[:, 1]


@cache
def bound(changes: tuple[int, ...], records_a_group: int) -> float:
    """Kept: with single records few different samples are drawn; groups in order, which does not matter to it."""
    return lower_bound(np.array(changes), np.full(len(changes), records_a_group))


def passing(setting: Setting, difference: float, draws: int) -> dict[str, float]:
    """Shares of challengers that pass McNemar alone, and `no_worse`."""
    by_mcnemar = by_bound = 0
    for gained, lost in challengers(setting, difference, draws):
        by_mcnemar += exact_mcnemar(int(gained.sum()), int(lost.sum())) >= SIGNIFICANT
        changes = tuple(np.sort(gained - lost).tolist())
        enough = setting.groups >= LEAST_GROUPS
        by_bound += enough and bound(changes, setting.records_a_group) > -MARGIN
    return {"mcnemar": by_mcnemar / draws, "no_worse": by_bound / draws}


def show(draws: int, found: dict[tuple[Setting, float], dict[str, float]]) -> None:
    title = f"% of challengers that pass: McNemar alone / no_worse at {MARGIN:.0%}; {draws} drawn a cell"
    table = Table(title=title)
    for heading in ("records", "groups", "corr.", "disagree", *(f"{one:+.0%}" for one in DIFFERENCES)):
        table.add_column(heading, justify="right", no_wrap=True)
    for setting in SETTINGS:
        cells = [" / ".join(f"{100 * share:.0f}" for share in found[setting, one].values()) for one in DIFFERENCES]
        table.add_row(
            str(setting.records), str(setting.groups), f"{setting.correlation:g}", f"{setting.disagreement:g}", *cells
        )
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="challengers a cell (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build/bench/gates.json"))
    arguments = parser.parse_args()
    found = {(one, by): passing(one, by, arguments.draws) for one in SETTINGS for by in DIFFERENCES}
    results: list[dict[str, object]] = [
        {
            "records": setting.records,
            "groups": setting.groups,
            "intraclass_correlation": setting.correlation,
            "disagreement": max(setting.disagreement, abs(difference)),
            "difference": difference,
            "margin": MARGIN,
            "passes": shares,
        }
        for (setting, difference), shares in found.items()
    ]
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"draws": arguments.draws, "cells": results}, indent=2) + "\n")
    show(arguments.draws, found)
    CONSOLE.print(f"Written to {arguments.output}")


if __name__ == "__main__":
    main()
