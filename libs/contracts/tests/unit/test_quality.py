import json

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.quality import Finding, Leakage, QualityReport, SplitResult
from babbitt.contracts.simulations import JournalSource

REPORT = QualityReport(
    dataset_id="d" * 64,
    configuration=DatasetConfiguration(source=JournalSource()),
    records=1,
    seconds=5.0,
    findings=(Finding(kind="split", level="note", text="told"),),
    split=SplitResult(kind="record"),
    leakage=Leakage(outcome="none"),
    balance=(),
)


def test_a_report_of_a_later_version_is_read_whatever_it_has_more():
    later = REPORT.model_dump(mode="json") | {"of_a_later_version": 1}
    later["leakage"]["outcome"] = "of a later kind"
    later["findings"][0]["of_a_later_version"] = {}
    later["configuration"]["source"]["of_a_later_version"] = 2
    read = QualityReport.read(json.dumps(later))
    assert read.leakage.outcome == "of a later kind"
    assert read.findings == REPORT.findings
    assert read.configuration == REPORT.configuration
