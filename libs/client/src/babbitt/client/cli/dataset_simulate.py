"""`babbitt datasets simulate`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, cast

import typer

from babbitt.client.cli.bearing_option import HELP as BEARING_HELP
from babbitt.client.cli.bearing_option import bearing_of
from babbitt.client.cli.dataset_making import LEAVE_ONE_GROUP_OUT, configuration, make, make_series, split_of
from babbitt.client.cli.dataset_options import AcceptLeakage, HoldOut, Label, Test, Validation, Wait
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json
from babbitt.contracts.simulations import (
    EFFECTS,
    JOURNAL_FAULTS,
    NOISE_LAYERS,
    ROLLING_FAULTS,
    SKF_6205,
    JournalSource,
    RollingSource,
)
from babbitt.contracts.splits import SplitSpec

SPLIT = SplitSpec()
JOURNAL, ROLLING = JournalSource(), RollingSource(profile="rolling")
BOTH, OF_JOURNAL, OF_ROLLING = "Both profiles", "Profile jbfd11", "Profile rolling"
NONE = "none"


class Profile(StrEnum):
    """What is simulated."""

    JBFD11 = "jbfd11"
    ROLLING = "rolling"


class SplitKind(StrEnum):
    """What is kept apart."""

    GROUP = "group"
    RECORD = "record"
    LEAVE_ONE_GROUP_OUT = LEAVE_ONE_GROUP_OUT


OPTIONS: Mapping[str, tuple[str, Profile]] = {
    "records_per_class": ("--records-per-class", Profile.JBFD11),
    "noise_layers": ("--without", Profile.JBFD11),
    "effects": ("--effects", Profile.JBFD11),
    "machines_per_class": ("--machines-per-class", Profile.ROLLING),
    "records_per_machine": ("--records-per-machine", Profile.ROLLING),
    "bearings": ("--bearing", Profile.ROLLING),
    "shaft_speed_hz": ("--speed", Profile.ROLLING),
    "signal_to_noise_db": ("--snr", Profile.ROLLING),
}
"""The option of each field that only one profile has."""


def _said(value: object, between: str = ",") -> str:
    """A value as one would type it."""
    if isinstance(value, tuple):
        return between.join(_said(one) for one in cast("tuple[object, ...]", value)) or NONE
    return f"{value:g}" if isinstance(value, float) else str(value)


def _either(name: str) -> str:
    """The default of a field that both profiles have."""
    values = [_said(getattr(source, name)) for source in (JOURNAL, ROLLING)]
    return values[0] if len(set(values)) == 1 else f"{values[0]}; rolling: {values[1]}"


def simulate(
    context: typer.Context,
    profile: Annotated[
        Profile, typer.Option(help="jbfd11: journal bearings, the whole benchmark; rolling: rolling-element bearings.")
    ] = Profile.JBFD11,
    classes: Annotated[
        str | None,
        typer.Option(
            help=f"Faults, by commas. jbfd11: {', '.join(JOURNAL_FAULTS)}; rolling: {', '.join(ROLLING_FAULTS)}.",
            show_default="all",
            rich_help_panel=BOTH,
        ),
    ] = None,
    duration_s: Annotated[
        float | None,
        typer.Option(help="Seconds of one record.", show_default=_either("duration_s"), rich_help_panel=BOTH),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="HZ", help="Sampling rate.", show_default=_either("sampling_rate_hz"), rich_help_panel=BOTH
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="The same seed gives the same bytes.", show_default=_either("seed"), rich_help_panel=BOTH),
    ] = None,
    noise_copies: Annotated[
        str | None,
        typer.Option(
            metavar="DB,…",
            help="Signal-to-noise ratios at which the test records are there once more; or none.",
            show_default=_either("noise_copies_db"),
            rich_help_panel=BOTH,
        ),
    ] = None,
    split: Annotated[
        SplitKind | None,
        typer.Option(
            help="What is kept apart; leave-one-group-out: a dataset for each machine.",
            show_default="record; rolling: group",
            rich_help_panel=BOTH,
        ),
    ] = None,
    validation: Validation = SPLIT.validation,
    test: Test = SPLIT.test,
    records_per_class: Annotated[
        int | None,
        typer.Option(
            help="Records of each class.", show_default=_said(JOURNAL.records_per_class), rich_help_panel=OF_JOURNAL
        ),
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER,…",
            help=f"Layers of noise to leave out: {', '.join(NOISE_LAYERS)}.",
            rich_help_panel=OF_JOURNAL,
        ),
    ] = None,
    effects: Annotated[
        str | None,
        typer.Option(
            metavar="EFFECT,…",
            help=f"What the benchmark does not have: {', '.join(EFFECTS)}.",
            rich_help_panel=OF_JOURNAL,
        ),
    ] = None,
    machines_per_class: Annotated[
        int | None,
        typer.Option(
            help="Machines of each class; each is a group.",
            show_default=_said(ROLLING.machines_per_class),
            rich_help_panel=OF_ROLLING,
        ),
    ] = None,
    records_per_machine: Annotated[
        int | None,
        typer.Option(
            help="Records of each machine.", show_default=_said(ROLLING.records_per_machine), rich_help_panel=OF_ROLLING
        ),
    ] = None,
    bearing: Annotated[
        list[str] | None,
        typer.Option(
            help=BEARING_HELP,
            show_default=f"{SKF_6205.balls},{SKF_6205.ball_diameter_mm:g},{SKF_6205.pitch_diameter_mm:g}",
            rich_help_panel=OF_ROLLING,
        ),
    ] = None,
    speed: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="Range of shaft speeds in Hz.",
            show_default=_said(ROLLING.shaft_speed_hz, " "),
            rich_help_panel=OF_ROLLING,
        ),
    ] = None,
    snr: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="Range of the impacts' power over the noise's in dB.",
            show_default=_said(ROLLING.signal_to_noise_db, " "),
            rich_help_panel=OF_ROLLING,
        ),
    ] = None,
    hold_out: HoldOut = None,
    accept_leakage: AcceptLeakage = None,
    label: Label = None,
    *,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Make a dataset of simulated records. Without options: the benchmark JBFD-11.

    Example: babbitt datasets simulate --profile rolling --bearing 8,15.1,65 --speed 24 26 --rate 25600 --wait
    """
    wished: dict[str, Any] = {
        "classes": _words(classes),
        "duration_s": duration_s,
        "sampling_rate_hz": rate,
        "seed": seed,
        "noise_copies_db": _words(noise_copies),
        "records_per_class": records_per_class,
        "noise_layers": None if without is None else _layers_but(_words(without) or []),
        "effects": _words(effects),
        "machines_per_class": machines_per_class,
        "records_per_machine": records_per_machine,
        "bearings": [bearing_of(text) for text in bearing] if bearing else None,
        "shaft_speed_hz": speed,
        "signal_to_noise_db": snr,
    }
    chosen = {name: value for name, value in wished.items() if value is not None}
    _refuse_others(profile, chosen)
    kind = split or (SplitKind.GROUP if profile is Profile.ROLLING else SplitKind.RECORD)
    if kind is SplitKind.LEAVE_ONE_GROUP_OUT and profile is Profile.JBFD11:
        raise typer.BadParameter(f"--split {kind}: every record of profile jbfd11 is drawn by itself: it has no groups")
    wanted = configuration(
        {"kind": "simulated", "profile": profile.value} | chosen,
        split_of(kind.value, validation, test, hold_out),
        accept_leakage,
    )
    with connect(context) as babbitt:
        if kind is SplitKind.LEAVE_ONE_GROUP_OUT:
            groups = wanted.source.groups() if isinstance(wanted.source, RollingSource) else {}
            make_series(babbitt, wanted, groups, label, wait=wait, as_json=as_json)
            return
        make(babbitt, wanted, label, wait=wait, as_json=as_json)


def _words(text: str | None) -> list[str] | None:
    if text is None or text == NONE:
        return None if text is None else []
    return [word.strip() for word in text.split(",")]


def _layers_but(left_out: list[str]) -> list[str]:
    if unknown := [layer for layer in left_out if layer not in NOISE_LAYERS]:
        raise typer.BadParameter(f"--without {', '.join(unknown)}: layers of noise are {', '.join(NOISE_LAYERS)}")
    return [layer for layer in NOISE_LAYERS if layer not in left_out]


def _refuse_others(profile: Profile, chosen: Mapping[str, Any]) -> None:
    for name in chosen:
        option, owner = OPTIONS.get(name, ("", profile))
        if owner is not profile:
            raise typer.BadParameter(
                f"{option}: an option of profile {owner}, and what is asked for is of profile {profile}"
            )
