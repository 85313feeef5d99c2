"""How many records of JBFD-11 are made a second, from request to DatasetReady, with one and two replicas of signals.

Without noisy copies, as the reference counts: it makes 76 records a second on one core, 34 with writing. That was on
another machine, so an ordinary generator is run beside ours: the same kind of record in double precision, a NumPy call
for each thing it is made of, written to HDF5 as the reference does it. Writes build/bench/generation.json and prints a
table; where the time of a record goes is measured in this process, on one thread, as CPU time.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import h5py
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from babbitt.chassis.objects import ObjectStore
from babbitt.client.clients import Babbitt
from babbitt.contracts.datasets import DatasetConfiguration, DatasetFailed, DatasetReady
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitSpec
from babbitt.contracts.topics import DATASETS_EVENTS
from babbitt.native.stack import Stack
from babbitt.native.stack_settings import StackSettings
from babbitt.recordings.digests import samples_blake3
from babbitt.recordings.shards import ShardWriter
from babbitt.signals.domain.gates import check_samples
from babbitt.signals.domain.journal.plan import JournalPlan
from babbitt.signals.domain.quality.measuring import Measuring

REFERENCE_PER_SECOND = {"made": 76, "made and written": 34}
TARGET_PER_SECOND = 760
TARGET_CORES = 2
REPLICAS = (1, 2)
CONSOLE = Console()


def configuration(seed: int, records_per_class: int = 320) -> DatasetConfiguration:
    source = JournalSource(seed=seed, records_per_class=records_per_class, noise_copies_db=())
    return DatasetConfiguration(source=source)


async def seconds_to_ready(stack: Stack, client: Babbitt, wanted: DatasetConfiguration) -> float:
    """From the request to the record of DatasetReady on its topic."""
    topic = DATASETS_EVENTS.full_name(stack.settings.kafka_prefix)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka.bootstrap_servers, group_id=None)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(DATASETS_EVENTS.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        begun = time.perf_counter()
        await asyncio.to_thread(client.create_dataset, wanted)
        async with asyncio.timeout(600):
            async for record in consumer:
                headers = dict(record.headers)
                ended = headers.get("ce_type", b"").decode()
                if headers.get("ce_subject", b"").decode() != wanted.dataset_id():
                    continue
                if ended == DatasetReady.type_name():
                    return time.perf_counter() - begun
                if ended == DatasetFailed.type_name():
                    raise SystemExit(f"the dataset failed: {record.value!r}")
    finally:
        await consumer.stop()
    raise SystemExit("the topic of events has ended")


def records_per_second(stack: Stack, client: Babbitt, seed: int) -> float:
    """Of the whole benchmark dataset, whose files are removed afterwards."""
    wanted = configuration(seed)
    plan = JournalPlan(JournalSource(noise_copies_db=()), SplitSpec())
    seconds = asyncio.run(seconds_to_ready(stack, client, wanted))
    shutil.rmtree(stack.environment.objects / "signals" / "datasets" / wanted.dataset_id())
    return plan.records / seconds


def whole_way(folder: Path, rounds: int) -> dict[str, float]:
    """Records a second by the number of replicas: the median round of each."""
    found: dict[str, float] = {}
    seeds = count()  # a dataset that is there is not made again
    with Stack(StackSettings(folder=folder)) as stack, Babbitt(stack.gateway_url, stack.admin_key) as client:
        for service in ("training", "registry", "inference"):  # idle, but not free
            stack.service(service).stop()
        for replicas in REPLICAS:
            while sum(one.name == "signals" for one in stack.services) < replicas:
                stack.add_replica("signals")
            asyncio.run(seconds_to_ready(stack, client, configuration(next(seeds), records_per_class=24)))
            measured: list[float] = []
            for turn in range(rounds):
                CONSOLE.print(f"{replicas} of signals, round {turn + 1} of {rounds}", style="dim")
                measured.append(records_per_second(stack, client, seed=next(seeds)))
            found[str(replicas)] = round(statistics.median(measured), 1)
    return found


class Stages:
    """CPU time of this process by stage, added up."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}

    def __call__[**P, R](self, stage: str, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        begun = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            self.spent_s[stage] = self.spent_s.get(stage, 0.0) + time.process_time() - begun


def stages_ms_per_record(folder: Path) -> dict[str, float]:
    """Where the CPU time of a record goes, on one thread: all shards, for the classes are not equally dear."""
    plan, stages = JournalPlan(JournalSource(noise_copies_db=()), SplitSpec()), Stages()
    store = ObjectStore((folder / "objects").as_uri(), "signals")
    path, made = folder / "shard.h5", 0
    for shard in plan.shards:
        measuring, waveforms = Measuring(plan.source.sampling_rate_hz), plan.waveforms(shard)
        with ShardWriter(path, sampling_rate_hz=20_480, values=plan.values(shard)) as writer:
            while (waveform := stages("physics", next, waveforms, None)) is not None:
                stages("gates", check_samples, waveform.record, waveform.samples, plan.time.samples)
                stages("statistics", measuring.add, waveform)
                stages("digests", samples_blake3, waveform.samples)
                stages("writing and digests", writer.add, waveform.record, waveform.label, waveform.samples)
                made += 1
        stages("digest of the file and storing", asyncio.run, store.move_addressed(f"bench/{shard.index}", path))
    spent = stages.spent_s
    spent["writing"] = spent.pop("writing and digests") - spent["digests"]
    return {stage: round(1000 * seconds / made, 3) for stage, seconds in spent.items()}


def ordinary_record(rng: np.random.Generator) -> NDArray[np.float32]:
    """An imbalance under six layers of noise, as one would write it down: [102,400]."""
    t = np.arange(102_400) / 20_480
    record = 0.02 * rng.standard_normal(t.size) + 0.03 * rng.standard_normal(t.size)
    walk = np.cumsum(rng.standard_normal(t.size))
    record += 0.02 * walk / walk.std()
    record += 0.01 * np.sin(2 * np.pi * 53.0 * t) + 0.015 * np.sin(2 * np.pi * t / 1.5)
    record = np.round(record / 0.001) * 0.001 + 0.001 * t / t[-1]
    growth = 0.3 + 0.2 * t / t[-1]
    return (record + growth * 0.5 * np.sin(2 * np.pi * 59.0 * t + 1.0)).astype(np.float32)


def ordinary_per_second(folder: Path, records: int = 100) -> dict[str, float]:
    """CPU time of the ordinary generator, made and then written with gzip, as records a second of one core."""
    rng, found = np.random.default_rng(0), dict[str, float]()
    begun = time.process_time()
    made = [ordinary_record(rng) for _ in range(records)]
    found["made"] = records / (time.process_time() - begun)
    with h5py.File(folder / "ordinary.h5", "w") as file:
        signals = file.create_dataset("signals", (records, 102_400), "f4", chunks=(1, 102_400), compression="gzip")
        for row, samples in enumerate(made):
            signals[row] = samples
    found["made and written"] = records / (time.process_time() - begun)
    return {what: round(rate, 1) for what, rate in found.items()}


def show(ordinary: dict[str, float], rates: dict[str, float], stages: dict[str, float]) -> None:
    asked = f"{TARGET_PER_SECOND} on {TARGET_CORES} cores is what is asked for"
    table = Table(title=f"JBFD-11, records a second on {os.cpu_count()} cores; {asked}")
    table.add_column("", justify="left")
    table.add_column("records a second", justify="right")
    for what, rate in REFERENCE_PER_SECOND.items():
        table.add_row(f"the reference on one core of its authors' machine, {what}", f"{rate}")
    for what, rate in ordinary.items():
        table.add_row(f"an ordinary generator on one core of this one, {what}", f"{rate:g}")
    for replicas, rate in rates.items():
        table.add_row(f"request to DatasetReady, {replicas} of signals", f"{rate:g}")
    CONSOLE.print(table)
    CONSOLE.print("ms of one core a record:", ", ".join(f"{stage} {spent:g}" for stage, spent in stages.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="the median one counts (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build/bench/generation.json"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="babbitt-bench-") as name:
        folder = Path(name)
        with threadpool_limits(1, user_api="blas"):
            ordinary = ordinary_per_second(folder)
            stages = stages_ms_per_record(folder)
        rates = whole_way(folder / "stack", arguments.rounds)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "cores": os.cpu_count(),
        "records_per_second": rates,
        "stages_ms_per_record": stages,
        "ordinary_generator_per_second": ordinary,
    }
    arguments.output.write_text(json.dumps(result, indent=2) + "\n")
    show(ordinary, rates, stages)
    CONSOLE.print(f"Written to {arguments.output}")


if __name__ == "__main__":
    main()
