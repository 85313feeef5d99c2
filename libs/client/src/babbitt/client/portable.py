"""A version on its own: a script that answers a record by onnxruntime alone."""

from babbitt.client.api.models import Version

MODEL_FILE, CARD_FILE, SCRIPT_FILE = "model.onnx", "card.md", "predict.py"

_SCRIPT = '''"""{title}: python predict.py RECORD.npy{usage}
RECORD.npy holds {channels} x samples at {rate_hz:g} Hz, in {units}."""
import json, pathlib, sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(pathlib.Path(__file__).with_name("{model}"))
record = numpy.atleast_2d(numpy.load(sys.argv[1])).astype("float32")
starts = [*range(0, record.shape[1] - {window}, {hop}), record.shape[1] - {window}]
inputs = {{"waveform": numpy.stack([record[:, start : start + {window}] for start in starts])}}
for name, _, value in (text.partition("=") for text in sys.argv[2:]):
    inputs[name] = numpy.float32([json.loads(value)] * len(starts))
mean = session.run(["probabilities"], inputs)[0].mean(axis=0, dtype="float64")
power, against = mean ** {power!r}, {against}
print(json.dumps(dict(zip({classes}, (power / (power + against)).round(6).tolist()))))
'''
_AGAINST = {"multiclass": "(mean ** {power!r}).sum() - mean ** {power!r}"}
_BY_ITSELF = "(1 - mean) ** {power!r}"
_SAID = {"shaft_speed_hz": "29.5", "fault_orders": "[3.58,5.42,2.36,0.4]"}
"""How the inputs beside the waveform are written on the command line."""


def predict_script(version: Version) -> str:
    """`predict.py`: prints the probabilities of a record, from its windows and calibrated as inference does it."""
    spec, data = version.model_spec, version.data_spec
    power = 1.0 / spec.calibration.temperature if spec.calibration else 1.0
    return _SCRIPT.format(
        title=f"{version.model} version {version.version}",
        usage="".join(f" {name}={_SAID.get(name, 'VALUE')}" for name in spec.inputs if name != "waveform"),
        channels=" + ".join(channel.name for channel in data.channels),
        rate_hz=data.sampling_rate_hz,
        units=", ".join(dict.fromkeys(channel.unit for channel in data.channels)),
        model=MODEL_FILE,
        window=spec.window_samples,
        hop=spec.hop_samples,
        power=power,
        against=_AGAINST.get(spec.task, _BY_ITSELF).format(power=power),
        classes=spec.class_names,
    )
