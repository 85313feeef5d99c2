"""Runs the demonstration on a stack of its own."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiokafka.errors import KafkaError
from rich.console import Console

from babbitt.client.clients import Babbitt
from babbitt.client.errors import BabbittError
from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.contracts.names import new_id
from babbitt.contracts.topics import TRAINING_REQUESTS
from babbitt.native.demo.data import held_out, imported, recordings, simulated
from babbitt.native.demo.publish import publish_train_requested
from babbitt.native.demo.report import ACCURACY_NEEDED, Report, Told, accuracy_of, median_latency_ms, print_answers
from babbitt.native.demo.tell import tell
from babbitt.native.demo.watch import Watch
from babbitt.native.errors import NativeError
from babbitt.native.places import repository
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings
from babbitt.recordings.errors import RecordingError

MODEL = "demo"
MAPPING = repository() / "examples/mappings/cwru.yaml"
TOPICS = ("datasets.events", "training.events", "models.events", "system.heartbeats")


@dataclass(frozen=True, slots=True)
class Demo:
    """What is shown, and where its numbers go.

    Attributes:
        recordings: folder of CWRU recordings; None: simulated records.
        mapping: what the recordings are.
        preset, epochs: of the training; None: the preset's own.
        records_per_class, duration_s: of the simulation.
        replicas: of inference.
        output: the JSON file.
        deadline_s: after which it has failed.
    """

    recordings: Path | None
    mapping: Path
    output: Path
    preset: str = "spectral_base"
    epochs: int | None = 20
    records_per_class: int = 80
    duration_s: float = 5.0
    replicas: int = 2
    deadline_s: float = 600.0

    def run(self, console: Console) -> Report:
        """Start everything, go the whole way, stop everything.

        Raises:
            NativeError: a step failed, or the accuracy is below 95 %.
        """
        started = time.monotonic()
        if self.recordings is not None:
            recordings(self.recordings, self.mapping)  # what is missing is told before anything starts
        with tempfile.TemporaryDirectory(prefix="babbitt-demo-") as name:
            settings = StackSettings(folder=Path(name), replicas={"inference": self.replicas})
            with console.status("Starting Kafka, PostgreSQL and five services"):
                stack = Stack(settings)
                stack.start()
            try:
                return self.run_on(stack, console, started)
            finally:
                with console.status("Stopping everything"):
                    stack.stop()

    def run_on(self, stack: Stack, console: Console, started: float) -> Report:
        """Go the whole way on a stack that runs; `started` is when it was begun, on the monotonic clock.

        Raises:
            NativeError: a step failed, or the accuracy is below 95 %.
        """
        try:
            report = self._go(stack, console, started)
        except (BabbittError, KafkaError, RecordingError) as error:
            raise NativeError(str(error)) from error
        report.write(self.output)
        console.print(f"Accuracy {report.accuracy:.1%}; written to {self.output}")
        if report.accuracy < ACCURACY_NEEDED:
            raise NativeError(f"accuracy {report.accuracy:.1%}: at least {ACCURACY_NEEDED:.0%} is needed")
        return report

    def _go(self, stack: Stack, console: Console, started: float) -> Report:
        with (
            Babbitt(stack.gateway_url, stack.admin_key) as client,
            client.events(topics=TOPICS) as stream,
        ):
            watch = Watch(stream, self.deadline_s)
            ready = self._dataset(client, watch, console)
            job_id = new_id()
            topic = TRAINING_REQUESTS.full_name(stack.environment.kafka_prefix)
            console.print(f"Publishing TrainRequested on {topic}: job {job_id}")
            publish_train_requested(
                stack.kafka.bootstrap_servers, topic,
                job_id=job_id, model=MODEL, dataset=ready.dataset_id, preset=self.preset, epochs=self.epochs,
            )  # fmt: skip
            completed, completed_at, epochs = watch.train_completed(job_id, lambda message: tell(console, message))
            digest = completed.artifact.sha256
            promoted = watch.promoted(MODEL, digest, lambda message: tell(console, message))
            serving_at = watch.served(MODEL, digest, self.replicas)
            to_serving_s = (serving_at - completed_at).total_seconds()
            console.print(f"All {self.replicas} replicas of inference serve version {promoted.version}")
            answers = [*self._ask(client, stack.environment.objects, ready)]
        print_answers(console, answers, ready.split_kind)
        return Report(
            dataset=ready.dataset_id,
            split_kind=ready.split_kind,
            model=MODEL,
            version=promoted.version,
            epochs_streamed=len({epoch.epoch for epoch in epochs}),
            records=len(answers),
            accuracy=round(accuracy_of(answers), 4),
            train_completed_to_serving_s=round(to_serving_s, 3),
            median_latency_ms=median_latency_ms(answers),
            seconds=round(time.monotonic() - started, 1),
        )

    def _dataset(self, client: Babbitt, watch: Watch, console: Console) -> DatasetReady:
        configuration = self._configuration(client, console)
        console.print(f"Asking for dataset {configuration.dataset_id()}")
        client.create_dataset(configuration, label="demonstration")
        return watch.dataset_ready(configuration.dataset_id(), lambda message: tell(console, message))

    def _configuration(self, client: Babbitt, console: Console) -> DatasetConfiguration:
        if self.recordings is None:
            return simulated(self.records_per_class, self.duration_s)
        with console.status(f"Uploading the recordings of {self.recordings}"):
            return imported(client, *recordings(self.recordings, self.mapping))

    def _ask(self, client: Babbitt, objects: Path, ready: DatasetReady) -> Iterator[Told]:
        for record in held_out(objects, ready):
            sent = time.perf_counter()
            answer = client.predict(
                MODEL, record.waveform,
                sampling_rate_hz=record.sampling_rate_hz, shaft_speed_hz=record.shaft_speed_hz,
            )  # fmt: skip
            latency_ms = (time.perf_counter() - sent) * 1e3
            yield Told(record.record, record.truth, answer.fault, answer.confidence, latency_ms)
