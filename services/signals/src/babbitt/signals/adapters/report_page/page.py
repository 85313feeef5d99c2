"""The quality report as a page: one file without scripts, which asks for nothing from elsewhere."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from babbitt.contracts.quality import QualityReport
from babbitt.contracts.simulations import SEVERITIES
from babbitt.contracts.splits import SPLITS
from babbitt.signals.adapters.report_page.facts import facts_of, unit_of
from babbitt.signals.adapters.report_page.figures import HEIGHT, WIDTH, boxes_of, number, spectra_by_class
from babbitt.signals.domain.quality.findings import FEATURES

FOLDER = Path(__file__).parent

BOXES = (
    *(("rms", "RMS"), ("kurtosis", "Kurtosis"), ("crest", "Crest factor")),
    *(("dc", "Offset"), ("clipping", "Share of clipped samples")),
)


def page_of(report: QualityReport) -> str:
    """The page, readable without a browser's scripts, in light and dark, by keyboard and screen reader."""
    style = _style()
    places = list(dict.fromkeys(row.place for row in report.balance))
    labels = list(dict.fromkeys(row.label for row in report.balance))
    copies = sum(row.records for row in report.balance if row.place not in SPLITS)
    return _template().render(
        report=report,
        copies=copies,
        facts=facts_of(report.data_spec) if report.data_spec else (),
        portrayed=report.data_spec.channels[0] if report.data_spec else None,
        unit_of=unit_of,
        style=style,
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        places=[*SPLITS, *(place for place in places if place not in SPLITS)],
        labels=labels,
        counts={(row.place, row.label): row.records for row in report.balance},
        severities={(row.place, row.label): row.severities for row in report.balance},
        graded=[
            (label, level)
            for label in labels
            for level in SEVERITIES
            if any(level in row.severities for row in report.balance if row.label == label)
        ],
        most=max(row.records for row in report.balance),
        features=FEATURES,
        boxes=[boxes for statistic, title in BOXES for boxes in boxes_of(report, statistic, title)],
        spectra=spectra_by_class(report),
        request=json.dumps(report.configuration.model_dump(mode="json"), indent=2, ensure_ascii=False),
        width=WIDTH,
        height=HEIGHT,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["percent"] = "{:.0%}".format
    return environment.get_template("report.html.jinja")


@cache
def _style() -> str:
    return (FOLDER / "report.css").read_text(encoding="utf-8")
