"""The same model behind a bare FastAPI that calls ONNX Runtime in-process, and behind the whole real path.

Writes build/bench/predictions.json and prints a table. The two are measured in turn, so that a machine that changes its
speed changes both; compare ratios, not absolutes.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import uvloop
from load import Target, measure, post
from rich.console import Console
from rich.table import Table

from babbitt.client.clients import Babbitt
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.recipes import TrainOverrides
from babbitt.contracts.simulations import JournalSource
from babbitt.native.ports import free_port
from babbitt.native.processes import Process
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings

MODEL = "bench"
SAMPLES = 20_480
RATE_HZ = 20_480
CLIENTS = (1, 16, 64)
CLASSES = ("sain", "desalignement", "desequilibre", "oilwhirl")
CONSOLE = Console()


def trained(client: Babbitt) -> str:
    """Train a model on a second's records and wait until it serves; the digest of its artifact."""
    source = JournalSource(classes=CLASSES, records_per_class=40, duration_s=SAMPLES / RATE_HZ, noise_copies_db=())
    configuration = DatasetConfiguration(source=source)
    client.create_dataset(configuration)
    job = client.train(MODEL, configuration.dataset_id(), preset="spectral_base", overrides=TrainOverrides(epochs=12))
    for _ in range(1200):
        job = client.training_job(job.id)
        if job.has_ended and job.state != "completed":
            sys.exit(f"the training ended without a model: {job.state}: {job.reason or job.problem}")
        serving = [one for replica in client.services().items for one in replica.serves if one.model == MODEL]
        if serving:
            return serving[0].digest
        time.sleep(0.1)
    sys.exit("no replica of inference serves the model")


@contextmanager
def direct_server(model: Path, folder: Path) -> Generator[int]:
    """The bare rival, as a process of its own; yields its port."""
    port = free_port()
    process = Process("direct", folder)
    command = [sys.executable, str(Path(__file__).with_name("direct_server.py")), str(model), str(port)]
    process.start(command, environment=os.environ | {"ORT_DISABLE_TELEMETRY": "1"}, end_with_parent=signal.SIGKILL)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/openapi.json")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield port
    finally:
        process.stop()


def targets(stack: Stack, direct_port: int, waveform: bytes) -> dict[str, Target]:
    """The same waveform for both, as ready requests."""
    path = f"/v1/models/{MODEL}/predictions?dtype=%3Cf4&sampling_rate_hz={RATE_HZ}"
    headers = {"Authorization": f"Bearer {stack.admin_key}"}
    url = httpx.URL(stack.gateway_url)
    kind = "application/octet-stream"
    return {
        "direct": Target("127.0.0.1", direct_port, post("/predict", waveform, content_type=kind)),
        "babbitt": Target(url.host, url.port or 80, post(path, waveform, content_type=kind, headers=headers)),
    }


def compare(both: dict[str, Target], seconds: float, rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """Measure in turn; the median round of each, by its rate."""
    results: dict[str, dict[str, dict[str, float]]] = {name: {} for name in both}
    for clients in CLIENTS:
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in both}
        for target in both.values():
            uvloop.run(measure(target, clients, 1.0))  # warms connections, caches and the CPU
        for turn in range(rounds):
            for name, target in both.items():
                CONSOLE.print(f"{clients:>3} clients, round {turn + 1} of {rounds}: {name}", style="dim")
                measured[name].append(uvloop.run(measure(target, clients, seconds)).summary())
        for name, found in measured.items():
            middle = statistics.median_low(one["rps"] for one in found)
            results[name][str(clients)] = next(one for one in found if one["rps"] == middle)
    return results


def show(results: dict[str, dict[str, dict[str, float]]], ratios: dict[str, float]) -> None:
    table = Table(title="80 KB waveforms; ratio is Babbitt's rate over the rate of the bare in-process server")
    for column in ("clients", "direct rps", "p50 ms", "p99 ms", "babbitt rps", "p50 ms", "p99 ms", "ratio"):
        table.add_column(column, justify="right")
    for clients, ratio in ratios.items():
        cells = [f"{results[name][clients][key]:g}" for name in results for key in ("rps", "p50_ms", "p99_ms")]
        table.add_row(clients, *cells, f"{ratio:.2f}")
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of one round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="the median one counts (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build/bench/predictions.json"))
    arguments = parser.parse_args()
    waveform = np.random.default_rng(1).normal(0, 0.05, SAMPLES).astype("<f4").tobytes()
    with tempfile.TemporaryDirectory(prefix="babbitt-bench-") as name:
        folder = Path(name)
        with Stack(StackSettings(folder=folder)) as stack, Babbitt(stack.gateway_url, stack.admin_key) as client:
            CONSOLE.print("Training the model that both serve")
            digest = trained(client)
            for service in ("signals", "training", "registry"):  # idle, but not free
                stack.service(service).stop()
            artifact = stack.environment.objects / "registry/artifacts" / digest
            with direct_server(artifact, folder) as port:
                results = compare(targets(stack, port, waveform), arguments.seconds, arguments.rounds)
    ratios = {
        clients: round(results["babbitt"][clients]["rps"] / results["direct"][clients]["rps"], 3)
        for clients in results["direct"]
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({**results, "ratio_rps": ratios}, indent=2) + "\n")
    show(results, ratios)
    CONSOLE.print(f"Written to {arguments.output}")


if __name__ == "__main__":
    main()
