"""The quality report as a page."""

from babbitt.contracts.quality import QualityReport


def page_of(report: QualityReport) -> str:
    return report.dataset_id
