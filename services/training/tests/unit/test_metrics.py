import numpy as np
import pytest

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.training.fitting.evaluation import Evaluation
from babbitt.training.fitting.metrics import Scores


def scores(truth: list[int], answer: list[int], classes: int = 3) -> Scores:
    return Scores.of(np.array(truth), np.array(answer), classes)


def test_the_confusion_matrix_has_truth_in_its_rows():
    assert scores([0, 0, 1, 2], [0, 1, 1, 0]).confusion.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_scores_follow_from_the_confusion_matrix():
    found = scores([0, 0, 1, 1], [0, 1, 1, 1], classes=2)
    assert found.accuracy == 0.75
    assert found.recall.tolist() == [0.5, 1.0]
    assert found.precision.tolist() == pytest.approx([1.0, 2 / 3])
    assert found.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)


def test_a_class_that_never_occurs_does_not_count():
    assert scores([0, 1], [0, 1]).macro_f1 == 1.0


def test_a_class_that_is_never_answered_has_no_precision():
    found = scores([0, 1, 2], [0, 0, 0])
    assert found.precision.tolist() == pytest.approx([1 / 3, 0.0, 0.0])
    assert np.isfinite(found.macro_f1)


def test_the_summary_tells_the_recall_of_tested_classes_and_why_leakage_was_accepted(data_spec):
    configuration = DatasetConfiguration(source=JournalSource(), split=SplitSpec(), accepted_leakage="a demonstration")
    manifest = DatasetManifest(
        dataset_id="d" * 64, configuration=configuration, data_spec=data_spec(), shards=(), records=()
    )
    found = scores([0, 0, 1], [0, 1, 1])
    evaluation = Evaluation("test", ("sain", "jeu", "untested"), np.eye(3), found, found)
    summary = evaluation.summary(manifest)
    assert summary.per_class == {"sain": 0.5, "jeu": 1.0}
    assert summary.accepted_leakage == "a demonstration"
    assert summary.record_accuracy_apart is None


@pytest.mark.parametrize(("in_time", "accuracy"), [(("sain",), 1 / 3), (("sain", "jeu"), None), ((), None)])
def test_the_accuracy_without_classes_that_are_divided_in_time_stands_beside_the_whole_one(
    data_spec, in_time, accuracy
):
    configuration = DatasetConfiguration(source=JournalSource(), split=SplitSpec(kind="group"))
    manifest = DatasetManifest(
        dataset_id="d" * 64,
        configuration=configuration,
        data_spec=data_spec(),
        shards=(),
        records=(),
        split_in_time=in_time,
    )
    found = scores([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 0, 2])
    summary = Evaluation("test", ("sain", "jeu", "untested"), np.eye(3), found, found).summary(manifest)
    assert summary.split_in_time == in_time
    assert summary.record_accuracy == 4 / 6
    assert summary.record_accuracy_apart == accuracy
