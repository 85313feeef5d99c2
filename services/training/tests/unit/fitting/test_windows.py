import numpy as np
import pytest
import torch

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec, ModelSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.windows import Windows

SPEC = ModelSpec(family="spectral_small", window_samples=4, hop_samples=4, class_names=("a", "b"))
READS_SPEED = SPEC.model_copy(update={"inputs": ("waveform", "shaft_speed_hz", "fault_orders")})
DATA = DataSpec(channels=(Channel(),), sampling_rate_hz=10.0, record_samples=4, class_names=("a", "b"))
SKF_6205 = BearingGeometry(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04)


def entry(name: str, label: str, **fields) -> RecordEntry:
    return RecordEntry(
        record=name, label=label, split="train", group=name, shard=0, row=0, samples=4, blake3="0" * 64, **fields
    )


def windows(*records: tuple[RecordEntry, int], spec=SPEC, data=DATA, class_map=None) -> Windows:
    entries = tuple(entry for entry, _ in records)
    waveforms = tuple(np.arange(samples, dtype=np.float32)[None] for _, samples in records)
    labelling = Labelling.of(data, None, class_map or {})
    return Windows.of(Records(tuple(one.record for one in entries), waveforms, entries), data, spec, labelling)


def test_a_record_shorter_than_a_window_is_unusable_and_named():
    with pytest.raises(DatasetUnusable, match="record short: 3 samples are fewer than a window of 4"):
        windows((entry("short", "a"), 3))


def test_a_records_answer_is_the_mean_of_its_windows():
    cut = windows((entry("long", "b"), 9), (entry("short", "a"), 4))
    assert cut.inputs["waveform"][:, 0, 0].tolist() == [0.0, 4.0, 5.0, 0.0]
    assert cut.targets.argmax(dim=1).tolist() == [1, 1, 1, 0]
    assert cut.record_targets().argmax(dim=1).tolist() == [1, 0]
    votes = cut.vote(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.8]]))
    assert torch.allclose(votes, torch.tensor([[0.5, 0.5], [0.2, 0.8]]))


def test_chosen_records_keep_their_windows_and_are_counted_anew():
    cut = windows((entry("x", "b"), 9), (entry("y", "a"), 4), (entry("z", "b"), 8)).chosen([2, 0])
    assert [one.record for one in cut.entries] == ["z", "x"]
    assert cut.record.tolist() == [0, 0, 1, 1, 1]
    assert cut.inputs["waveform"][:, 0, 0].tolist() == [0.0, 4.0, 0.0, 4.0, 5.0]


def test_records_that_the_class_map_drops_are_left_out():
    data = DATA.model_copy(update={"class_names": ("a", "b", "c")})
    cut = windows((entry("x", "c"), 4), (entry("y", "b"), 4), data=data, class_map={"c": None})
    assert [one.record for one in cut.entries] == ["y"]


def test_speed_and_fault_orders_are_the_records_own_or_the_datasets():
    data = DATA.model_copy(update={"bearing": SKF_6205})
    cut = windows((entry("x", "a", shaft_speed_hz=29.5), 9), spec=READS_SPEED, data=data)
    assert cut.inputs["shaft_speed_hz"].tolist() == [29.5] * 3
    assert cut.inputs["fault_orders"][0].tolist() == pytest.approx([3.5848, 5.4152, 2.3567, 0.3983], abs=2e-3)


@pytest.mark.parametrize(("fields", "said"), [({}, "shaft speed"), ({"shaft_speed_hz": 30.0}, "geometry")])
def test_a_record_without_what_the_model_reads_is_unusable(fields, said):
    with pytest.raises(DatasetUnusable, match=said):
        windows((entry("x", "a", **fields), 4), spec=READS_SPEED)
