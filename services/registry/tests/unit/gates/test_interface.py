import pytest

from babbitt.contracts.dataspec import Channel
from babbitt.registry.domain.gates.interface import Interface


def changed(candidate, completed, name):
    """A candidate that differs from the others in one thing that clients see."""
    made = completed()
    data, model = made.data_spec, made.model_spec
    return {
        "sampling rate": lambda: candidate(rate_hz=2e3),
        "channels": lambda: candidate(data_spec=data.model_copy(update={"channels": (Channel(unit="m/s2"),)})),
        "inputs": lambda: candidate(model_spec=model.model_copy(update={"inputs": ("waveform", "shaft_speed_hz")})),
        "classes": lambda: candidate(model_spec=model.model_copy(update={"class_names": ("sain", "usure")})),
        "task": lambda: candidate(model_spec=model.model_copy(update={"task": "multilabel"})),
    }[name]()


@pytest.mark.parametrize("name", ["sampling rate", "channels", "inputs", "classes", "task"])
def test_what_clients_would_have_to_follow_fails_and_is_named(case, candidate, completed, name):
    result = Interface().judge(case(changed(candidate, completed, name), against=candidate()))
    assert (result.outcome, result.champion) == ("failed", 3)
    assert result.detail.startswith(name)


def test_what_clients_do_not_see_may_change(case, candidate, completed):
    model = completed().model_spec
    other = model.model_copy(update={"family": "other", "class_names": model.class_names[::-1], "hop_samples": 7})
    assert Interface().judge(case(candidate(model_spec=other), against=candidate())).outcome == "passed"
    assert Interface().judge(case()).outcome == "passed"
