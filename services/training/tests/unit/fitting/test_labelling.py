import pytest

from babbitt.contracts.dataspec import Channel, DataSpec, Targets
from babbitt.contracts.manifests import RecordEntry
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.labelling import Labelling

DATA = DataSpec(
    channels=(Channel(),), sampling_rate_hz=10.0, record_samples=4, class_names=("sain", "jeu", "usure", "both")
)


def targets(labelling: Labelling, *labels: str) -> list[list[float]]:
    fields = {"split": "train", "group": "g", "shard": 0, "row": 0, "samples": 4, "blake3": "0" * 64}
    return labelling.targets([RecordEntry(record="r", label=label, **fields) for label in labels]).tolist()


def test_classes_that_are_not_named_stay_and_those_with_one_name_are_merged():
    labelling = Labelling.of(DATA, None, {"usure": "jeu", "both": None})
    assert labelling.class_names == ("sain", "jeu")
    assert targets(labelling, "sain", "jeu", "usure") == [[1, 0], [0, 1], [0, 1]]
    assert labelling.columns["both"] is None


def test_a_class_may_stand_for_several_faults_and_health_for_none():
    labelling = Labelling.of(DATA, "multilabel", {"both": ("jeu", "usure")})
    assert labelling.class_names == ("jeu", "usure")
    assert targets(labelling, "sain", "jeu", "both") == [[0, 0], [1, 0], [1, 1]]
    assert labelling.data_spec(DATA).targets.fault == "multilabel"


def test_where_health_alone_is_known_all_else_is_not_it():
    labelling = Labelling.of(DATA, "one_class", {"usure": None})
    assert labelling.class_names == ("healthy",)
    assert targets(labelling, "sain", "jeu") == [[1], [0]]


@pytest.mark.parametrize(
    ("task", "class_map", "said"),
    [
        (None, {"rust": "jeu"}, "no class rust; it has sain, jeu, usure, both"),
        (None, dict.fromkeys(("jeu", "usure", "both")), "it leaves 1 classes"),
        ("multiclass", {"both": ("jeu", "usure")}, "class_map/both: several faults"),
        ("multiclass", {"both": ("rust",)}, "class_map/both: several faults"),
        ("one_class", {"sain": "idle"}, "a class that is mapped to 'healthy'"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused_naming_what_is_accepted(task, class_map, said):
    with pytest.raises(BadRequest, match=said):
        Labelling.of(DATA, task, class_map)


def test_a_dataset_for_a_task_that_nobody_knows_needs_one_that_is_known():
    data = DATA.model_copy(update={"targets": Targets(fault="regression")})
    with pytest.raises(BadRequest, match="multiclass, multilabel, one_class are accepted"):
        Labelling.of(data, None, {})
    assert Labelling.of(data, "multiclass", {}).task == "multiclass"
