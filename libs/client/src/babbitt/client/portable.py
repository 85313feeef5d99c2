"""A version on its own: a short script that answers a record by onnxruntime alone."""

from babbitt.client.api.models import Version
from babbitt.contracts.answers import DECIDED, STEEPNESS
from babbitt.contracts.dataspec import ModelSpec

MODEL_FILE, CARD_FILE, SCRIPT_FILE = "model.onnx", "card.md", "predict.py"

_SCRIPT = '''"""{title}: python predict.py RECORD.npy{usage}
RECORD.npy holds {channels} x samples at {rate_hz:g} Hz, in {units}."""
import json, pathlib, sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(pathlib.Path(__file__).with_name("{model}"))
record = numpy.atleast_2d(numpy.load(sys.argv[1])).astype("float32")
if record.shape[1] < {window}: sys.exit(f"{{record.shape[1]}} samples: a window has {window}")
starts = [*range(0, record.shape[1] - {window}, {hop}), record.shape[1] - {window}]
inputs = {{"waveform": numpy.stack([record[:, start : start + {window}] for start in starts])}}
for name, _, value in (text.partition("=") for text in sys.argv[2:]):
    inputs[name] = numpy.float32([json.loads(value)] * len(starts))
mean = session.run(["{output}"], inputs)[0].mean(axis=0, dtype="float64")
{rule}
'''
_CLASSES = """power, against = mean ** {power!r}, {against}
told = dict(zip({classes}, (power / (power + against)).tolist()))
inside = {inside}
answer = {{"probabilities": {{name: round(p, 6) for name, p in told.items()}}, "prediction_set": inside}}
{novelty}print(json.dumps(answer))"""
_NOVELTY = """score = float(session.run(["novelty"], inputs)[0].mean(dtype="float64"))
answer |= {{"novelty": score, "novel": score > {threshold!r}}}
"""
_SCORE = """beyond = {steepness} * (mean - {threshold!r}) / {scale!r}
told = round(float({half} * (1.0 - numpy.tanh({half} * beyond))), 6)
novel = bool(mean > {threshold!r})
print(json.dumps({{"probabilities": {{{name!r}: told}}, "novelty": float(mean), "novel": novel}}))"""
_AGAINST = {"multiclass": "(mean ** {power!r}).sum() - mean ** {power!r}"}
_BY_ITSELF = "(1 - mean) ** {power!r}"
_INSIDE = (
    "sorted((name for name in told if told[name] >= {threshold!r}{likeliest}), "
    "key=lambda name: told[name], reverse=True)"
)
_LIKELIEST = {"multiclass": " or name == max(told, key=told.get)"}
_SAID = {"shaft_speed_hz": "29.5", "fault_orders": "[3.58,5.42,2.36,0.4]"}
"""How the inputs beside the waveform are written on the command line."""


def predict_script(version: Version) -> str:
    """`predict.py`: prints what a record's windows mean, by the rules of inference (`babbitt.contracts.answers`).

    Probabilities, calibrated, the prediction set, and whether it is novel where there is a rule for that; of a
    one_class model with a threshold the probability of health that follows from its score, the score, and the alarm.
    """
    spec, data = version.model_spec, version.data_spec
    by_score = spec.task == "one_class" and spec.novelty is not None
    return _SCRIPT.format(
        title=f"{version.model} version {version.version}",
        usage="".join(f" {name}={_SAID.get(name, 'VALUE')}" for name in spec.inputs if name != "waveform"),
        channels=" + ".join(channel.name for channel in data.channels),
        rate_hz=data.sampling_rate_hz,
        units=", ".join(dict.fromkeys(channel.unit for channel in data.channels)),
        model=MODEL_FILE,
        window=spec.window_samples,
        hop=spec.hop_samples,
        output="novelty" if by_score else "probabilities",
        rule=_by_score(spec) if by_score else _by_class(spec),
    )


def _by_class(spec: ModelSpec) -> str:
    power = 1.0 / spec.calibration.temperature if spec.calibration else 1.0
    threshold = spec.calibration.set_threshold if spec.calibration else None
    inside = "None"
    if threshold is not None:
        inside = _INSIDE.format(threshold=threshold, likeliest=_LIKELIEST.get(spec.task, ""))
    against = _AGAINST.get(spec.task, _BY_ITSELF).format(power=power)
    novelty = _NOVELTY.format(threshold=spec.novelty.threshold) if spec.novelty else ""
    return _CLASSES.format(power=power, against=against, classes=spec.class_names, inside=inside, novelty=novelty)


def _by_score(spec: ModelSpec) -> str:
    assert spec.novelty is not None
    threshold = spec.novelty.threshold
    scale = abs(threshold) or 1.0
    return _SCORE.format(half=DECIDED, steepness=STEEPNESS, threshold=threshold, scale=scale, name=spec.class_names[0])
