import numpy as np
import pytest

from babbitt.chassis.errors import Malformed
from babbitt.contracts.simulations import SKF_6205
from babbitt.contracts.waveform import Encoding, encode_samples
from babbitt.inference.adapters.onnx_runtime import OnnxRuntime
from babbitt.inference.application.answer_questions import AnswerQuestions
from babbitt.inference.domain.diagnosis import Diagnosis
from babbitt.inference.domain.question import Question, Served
from babbitt.inference.errors import ModelBroke, UnsuitableWaveform


class Counting:
    """A model that notes the windows of each of its runs."""

    def __init__(self, model):
        self._model = model
        self.runs = []

    def run(self, inputs):
        self.runs.append(len(inputs["waveform"]))
        return self._model.run(inputs)


@pytest.fixture
def serve(tiny_onnx, assigned, data_spec, model_spec):
    def make(**more):
        content = tiny_onnx(**more)
        return Served(assigned(content), Counting(OnnxRuntime().load(content, data_spec, model_spec)))

    return make


@pytest.fixture
def ask(request_for, waveform):
    def make(served, level=1.0, length=64, **more):
        raw, encoding = encode_samples(waveform(level, length))
        return Question(**({"request": request_for(), "encoding": encoding, "samples": raw, "served": served} | more))

    return make


def test_a_batch_is_one_run_and_each_question_gets_its_own_answer(serve, ask):
    served = serve()
    levels = [1.0, -1.0, 0.5, -0.5]
    outcomes = AnswerQuestions(64)([ask(served, level) for level in levels])
    assert [outcome.fault for outcome in outcomes] == ["oilwhirl", "sain", "oilwhirl", "sain"]
    assert served.model.runs == [4]
    assert all(sum(outcome.probabilities.values()) == pytest.approx(1) for outcome in outcomes)


def test_a_longer_recording_is_answered_by_the_mean_of_its_windows(serve, ask):
    served = serve(gain=1.0)
    samples = np.concatenate([np.full(64, 2.0), np.full(64, -1.0)]).astype(np.float32)[None]
    raw, encoding = encode_samples(samples)
    (outcome,) = AnswerQuestions(64)([ask(served, samples=raw, encoding=encoding)])
    windows = np.stack([samples[:, start : start + 64] for start in (0, 32, 64)])
    each = served.model.run({"waveform": windows})["probabilities"]
    assert outcome.windows == 3
    assert list(outcome.probabilities.values()) == pytest.approx(np.mean(each, axis=0).tolist(), abs=1e-6)


@pytest.mark.parametrize("batch_windows", [64, 2])
def test_every_window_is_told_its_own_records_speed_and_orders(
    reading_onnx, reading_spec, assigned, data_spec, request_for, ask, batch_windows
):
    data = data_spec.model_copy(
        update={"shaft_speed": "constant", "shaft_speed_hz": 40.0, "bearing": SKF_6205}  # BPFO 143 times a second
    )
    content = reading_onnx()
    served = Served(
        assigned(content, data_spec=data, model_spec=reading_spec),
        Counting(OnnxRuntime().load(content, data, reading_spec)),
    )
    said = [{}, {"shaft_speed_hz": 20.0}, {"fault_orders": (2.0, 6.0, 2.0, 0.4)}, {"shaft_speed_hz": 60.0}]
    asked = [ask(served, length=64 + 32 * number, request=request_for(**one)) for number, one in enumerate(said)]
    outcomes = AnswerQuestions(batch_windows)(asked)
    assert [outcome.fault for outcome in outcomes] == ["oilwhirl", "sain", "sain", "oilwhirl"]
    assert [outcome.refined_speed_hz for outcome in outcomes] == pytest.approx([40.4, 20.2, 40.4, 60.6])
    assert [outcome.windows for outcome in outcomes] == [1, 2, 3, 4]
    assert sum(served.model.runs) == 10


def test_a_level_that_learning_saw_nothing_near_to_is_novel_and_said_to_be_whatever_the_model_says(
    tiny_onnx, assigned, data_spec, model_spec, ask, waveform
):
    learnt = model_spec.model_copy(update={"rms_range": (0.5, 2.0)})
    content = tiny_onnx()
    served = Served(assigned(content, model_spec=learnt), OnnxRuntime().load(content, data_spec, learnt))

    def swinging(amplitude):
        raw, encoding = encode_samples(3 + amplitude * np.resize([1, -1], (1, 64)).astype(np.float32))
        return ask(served, samples=raw, encoding=encoding)

    far = [outcome.novel for outcome in AnswerQuestions(64)([swinging(one) for one in (0.1, 0.13, 7.9, 8.1)])]
    assert far == [True, None, None, True]
    (outcome,) = AnswerQuestions(64)([swinging(8.1)])
    assert outcome.warnings == ("RMS 8.1 g of channel vibration is far from the 0.5 to 2 of the training data",)


def test_models_are_run_apart_and_answers_keep_their_places(serve, ask):
    one, other = serve(gain=10.0), serve(gain=-10.0)
    outcomes = AnswerQuestions(64)([ask(one), ask(other), ask(one), ask(other)])
    assert [outcome.fault for outcome in outcomes] == ["oilwhirl", "sain", "oilwhirl", "sain"]
    assert (one.model.runs, other.model.runs) == ([2], [2])


def test_many_windows_are_run_in_turn(serve, ask):
    served = serve()
    outcomes = AnswerQuestions(4)([ask(served, length=64 + 32 * 5), ask(served, level=-1.0), ask(served)])
    assert served.model.runs == [4, 4]
    assert [(outcome.fault, outcome.windows) for outcome in outcomes] == [("oilwhirl", 6), ("sain", 1), ("oilwhirl", 1)]


def infinite():
    return np.full((1, 64), np.inf, dtype="<f4").tobytes(), Encoding(dtype="<f4", shape=(1, 64))


def too_short():
    return b"\0" * 100, Encoding(dtype="<f4", shape=(1, 64))


def without_scale():
    return b"\0" * 128, Encoding(dtype="<i2", shape=(1, 64))


def beyond_float32():
    return np.full((1, 64), 1e300, dtype="<f8").tobytes(), Encoding(dtype="<f8", shape=(1, 64))


@pytest.mark.parametrize("bad", [infinite, too_short, without_scale, beyond_float32])
def test_malformed_samples_in_the_middle_of_a_batch_harm_no_neighbour(serve, ask, bad):
    served = serve()
    raw, encoding = bad()
    outcomes = AnswerQuestions(64)([ask(served), ask(served, samples=raw, encoding=encoding), ask(served, -1.0)])
    assert isinstance(outcomes[1], Malformed)
    assert [outcomes[0].fault, outcomes[2].fault] == ["oilwhirl", "sain"]


def test_when_a_batch_fails_as_a_whole_only_the_culprit_has_no_answer(serve, ask):
    served = serve(root=True)
    outcomes = AnswerQuestions(64)([ask(served, 4.0), ask(served, -1.0), ask(served, 9.0)])
    assert [type(outcome) for outcome in outcomes] == [Diagnosis, ModelBroke, Diagnosis]
    assert served.model.runs == [3, 1, 1, 1]


def test_what_nothing_measures_does_not_fit_any_model_and_what_just_could_be_is_answered(serve, ask):
    served = serve(centred=True)
    outcomes = AnswerQuestions(64)([ask(served, 1e9), ask(served, -3e38), ask(served, -1e9)])
    assert [type(outcome) for outcome in outcomes] == [Diagnosis, UnsuitableWaveform, Diagnosis]
    assert "channel vibration holds more than 1e+09" in outcomes[1].problem.detail
    assert served.model.runs == [2]


def test_integers_are_read_with_their_scale(serve, ask):
    stored = np.full((1, 64), -20_000, dtype="<i2").tobytes()
    encoding = Encoding(dtype="<i2", shape=(1, 64), scale=1e-4)
    (outcome,) = AnswerQuestions(64)([ask(serve(), samples=stored, encoding=encoding)])
    assert outcome.fault == "sain"
