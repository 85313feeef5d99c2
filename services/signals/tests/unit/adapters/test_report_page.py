"""The page of the quality report: all that is said is on it, nothing of it is code, a browser needs nothing else."""

import base64
import hashlib
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import BearingGeometry, Channel
from babbitt.contracts.quality import Balance, Finding, Leakage, QualityReport, SharedSamples
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.signals.adapters.report_page.page import page_of
from babbitt.signals.domain.plan import plan_of
from babbitt.signals.domain.quality.measuring import Measuring
from babbitt.signals.domain.quality.report import Assessed, quality_report
from babbitt.signals.domain.records import MadeRecord, MadeShard, PlacedRecord, Waveform

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LABELS = ("sain", "oilwhirl")


@pytest.fixture(scope="module")
def report() -> QualityReport:
    """Of two classes, one of which is louder; with leakage that was accepted, and a label that is no HTML."""
    rng = np.random.default_rng(3)
    source = JournalSource(classes=LABELS, records_per_class=6, duration_s=0.5, sampling_rate_hz=8_192)
    configuration = DatasetConfiguration(source=source, split=SplitSpec(), accepted_leakage="a demonstration")
    measuring, made = Measuring(8_192), []
    for number in range(12):
        label = LABELS[number // 6]
        samples = rng.standard_normal((1, 4_096)).astype(np.float32) * (1 + 9 * (number // 6))
        measuring.add(Waveform(str(number), str(number), label, str(number), samples, 60.0))
        made.append(MadeRecord(f"r{number}", f"r{number}", label, f"r{number}", number, 4_096, 60.0, f"{number:064x}"))
    shard = MadeShard(0, None, tuple(made), (), quality=measuring.result())
    places = ("train", "train", "train", "train", "validation", "test") * 2
    placed = [PlacedRecord(record, 0, place) for record, place in zip(made, places, strict=True)]
    spec = plan_of(configuration).data_spec(placed)
    leaked = SharedSamples(records=("r0", "r5"), places=("train", "test"), labels=("sain", "sain"), shared="run")
    leakage = Leakage(outcome="accepted", reason="a demonstration", across=(leaked,), across_count=1, compared=1)
    dataset = Assessed("d" * 64, configuration, "<script>alert(1)</script>", (shard,), placed, spec, (), ("a note",))
    return quality_report(dataset, leakage)


def test_the_page_says_what_the_report_says(report):
    page = page_of(report)
    assert all(finding.text in page for finding in report.findings)
    for told in ("a demonstration", "r0", "r5", "a note", "Kurtosis", "Envelope spectrum", "tells", *LABELS):
        assert told in page
    assert page.count('class="curve"') == 4  # a portrait a class, two spectra each


def test_the_page_says_what_the_data_is_and_which_records_are_drawn(report):
    page = page_of(report)
    for told in ("12 records, together", "8192 Hz", "4,096 samples, 0.5 s", "vibration: dimensionless",
                 "known of each record", "r0 (shaft at 60 Hz)", "Channel vibration; decibels of an amplitude of 1,",
                 "Offset"):  # fmt: skip
        assert told in page
    assert "Share of clipped samples" not in page  # nothing is clipped: nothing is drawn
    bearing = BearingGeometry(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04)
    spec = report.data_spec.model_copy(update={"bearing": bearing, "channels": (Channel(position="fan end"),)})
    page = page_of(report.model_copy(update={"data_spec": spec}))
    assert "9 balls of 7.94 mm on 39.04 mm" in page
    assert "vibration: acceleration in g, fan end" in page
    assert "an amplitude of 1 g," in page


def test_noisy_copies_are_counted_apart_and_each_level_of_severity_has_a_row_with_a_column_a_place(report):
    graded = (
        Balance(place="train", label="oilwhirl", records=4, severities={"mild": 3, "severe": 1}),
        Balance(place="test", label="oilwhirl", records=2, severities={"mild": 2}),
        Balance(place="test_snr5", label="oilwhirl", records=2, severities={"mild": 2}),
        Balance(place="train", label="sain", records=2),
    )
    page = page_of(report.model_copy(update={"balance": graded, "records": 10}))
    assert "8 records and 2 noisy copies of test records" in page
    rows = re.findall(r"<tr><th scope=\"row\">(\w+, \w+)</th>(.*?)</tr>", page)
    cells = {name: re.findall(r"<td class=\"n\">(\d+)</td>", row) for name, row in rows}
    assert cells == {"oilwhirl, mild": ["3", "0", "2", "2"], "oilwhirl, severe": ["1", "0", "0", "0"]}


def test_the_page_never_says_that_nothing_leaks_where_runs_were_not_looked_for(report):
    unlooked = Leakage(outcome="none", runs_looked_for=False, reason="a demonstration")
    page = page_of(report.model_copy(update={"findings": (), "leakage": unlooked}))
    assert "no leakage" not in page
    assert "none found" not in page
    assert "no record is there twice; shared runs were not looked for; accepted beforehand: a demonstration" in page
    some = page_of(report.model_copy(update={"leakage": Leakage(outcome="none", not_looked_at=3)}))
    assert "in 3 recordings runs could not be looked for" in some


def test_remarks_stand_once_and_records_of_a_finding_are_named(report):
    finding = Finding(kind="clipping", level="warning", text="2 records are clipped.", records=("r3", "r9"))
    page = page_of(report.model_copy(update={"findings": (finding,), "remarks": ("a.mat: resampled.",)}))
    assert page.count("a.mat: resampled.") == 1
    assert "The first: r3, r9" in page


def test_text_from_elsewhere_is_shown_and_never_run(report):
    page = page_of(report.model_copy(update={"findings": (Finding(kind="k", level="note", text="<img src=x>"),)}))
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;img src=x&gt;" in page
    assert not re.search(r"<(script|img|link|iframe)", page)


def test_the_pages_own_policy_allows_its_style_and_nothing_else(report):
    page = page_of(report)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert not re.search(r"(src|href|style)=\"", page)


def test_every_figure_has_a_sentence_for_those_who_cannot_see_it_and_every_table_a_caption(report):
    drawings = re.findall(r"<svg.*?</svg>", page_of(report), re.DOTALL)
    assert len(drawings) > 4
    for drawing in map(ET.fromstring, drawings):
        assert drawing.get("aria-hidden") == "true" or len(drawing.get("aria-label", "")) > 20
    assert page_of(report).count("<caption>") == page_of(report).count("<table>") == 4


def test_a_report_without_statistics_is_a_page_too(report):
    bare = report.model_copy(update={"probes": (), "distributions": (), "spectra": None, "findings": ()})
    assert "Nothing that people should know" in page_of(bare)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page is not looked at in a real browser")
@pytest.mark.parametrize(("added", "complaints"), [("", 0), ('<img src="https://example.org/x.png">', 1)])
def test_a_real_browser_shows_the_page_and_complains_only_where_something_from_elsewhere_is_added(
    report, tmp_path, added, complaints
):
    file = tmp_path / "report.html"
    file.write_text(page_of(report).replace("</main>", f"{added}</main>"))
    shown = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"),
            *("--dump-dom", file.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = [line for line in shown.stderr.splitlines() if "CONSOLE" in line]
    assert len(said) == complaints, said
    assert "<h1>Quality report" in shown.stdout
    assert shown.stdout.count("<path") == 4
