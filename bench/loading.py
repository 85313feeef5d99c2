"""How much of a step waits for its data, with batches made in line and one ahead in a thread: side by side in one run.

Windows of noise; presets whose front end learns make each batch anew, with the recipe's augmentations. One thread for
the net. Each step is awaited before the next batch is asked for, which a training on a GPU does not do: there the share
is at most what is told. Writes build/bench/loading.json. On a processor a thread ahead takes what the net would have:
what it wins there is what is idle beside it.
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.training.families.preset import Recipe
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.examples import Batch, LiveExamples
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.run import Learner
from babbitt.training.fitting.windows import Windows

RESULTS = Path("build/bench/loading.json")
CLASSES = ("healthy", "outer_race")
RATE_HZ = 12_000.0
CONSOLE = Console()


def windows(number: int, samples: int) -> Windows:
    """Windows of white noise, a record each."""
    names = [f"record-{row}" for row in range(number)]
    entries = tuple(
        RecordEntry(
            record=name,
            label=CLASSES[row % 2],
            split="train",
            group=name,
            shard=0,
            row=row,
            samples=samples,
            blake3="0" * 64,
        )
        for row, name in enumerate(names)
    )
    targets = torch.eye(len(CLASSES))[torch.arange(number) % len(CLASSES)]
    return Windows({"waveform": torch.randn(number, 1, samples)}, targets, torch.arange(number), entries)


def measured(step_of: Callable[[Batch], None], batches: Callable[[int], Batch], steps: int) -> dict[str, float]:
    """Seconds that steps take, and those of them that they wait for their batch."""
    waited, samples, began = 0.0, 0, time.perf_counter()
    for step in range(steps):
        before = time.perf_counter()
        batch = batches(step)
        waited += time.perf_counter() - before
        samples += len(batch)
        step_of(batch)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "waited_share": waited / seconds, "samples_per_second": samples / seconds}


def stepping(learner: torch.nn.Module, hardware: Hardware, recipe: Recipe) -> Callable[[Batch], None]:
    """A step as the trainer's: compiled and in the precision that the recipe has on this device."""
    module = hardware.spread(learner, recipe)
    optimiser = torch.optim.AdamW(module.parameters(), lr=recipe.learning_rate)
    mixed = hardware.mixed_precision(recipe)

    def step(batch: Batch) -> None:
        optimiser.zero_grad()
        with torch.autocast(hardware.device.type, dtype=torch.bfloat16, enabled=mixed):
            logits, _ = module(*batch.read)
        torch.nn.functional.cross_entropy(logits.float(), batch.targets).backward()
        optimiser.step()
        if hardware.device.type == "cuda":
            torch.cuda.synchronize()

    return step


def ahead(examples: LiveExamples, steps: int, worker: ThreadPoolExecutor) -> Callable[[int], Batch]:
    """Batches, of which the next one is made while a step is under way."""
    coming = {0: worker.submit(examples.batch, 1, 0)}

    def batch(step: int) -> Batch:
        if step + 1 < steps:
            coming[step + 1] = worker.submit(examples.batch, 1, step + 1)
        return coming.pop(step).result()

    return batch


def main() -> None:
    """Measure, print a table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=["resnet1d_small", "resnet1d_base", "tcn_base"])
    parser.add_argument("--steps", type=int, default=12)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    hardware = Hardware.chosen("auto")
    data = DataSpec(channels=(Channel(),), sampling_rate_hz=RATE_HZ, record_samples=6_000, class_names=CLASSES)
    table = Table("preset", "batches", "waiting for data", "samples a second", title=str(hardware.device))
    results: dict[str, dict[str, dict[str, float]]] = {}
    for name in arguments.presets:
        preset = load_presets().named(name)
        spec = preset.config.model_spec(name, data)
        recipe = replace(preset.recipe, batch_size=32)
        step_of = stepping(Learner(preset.config.build(data, spec).to(hardware.device)), hardware, recipe)
        pool = windows(32 * arguments.steps, spec.window_samples)
        examples = LiveExamples(pool, recipe, 0, hardware.device)
        measured(step_of, lambda step, source=examples: source.batch(1, step), 2)
        in_line = measured(step_of, lambda step, source=examples: source.batch(1, step), arguments.steps)
        with ThreadPoolExecutor(1) as worker:
            one_ahead = measured(step_of, ahead(examples, arguments.steps, worker), arguments.steps)
        results[name] = {"in_line": in_line, "one_ahead": one_ahead}
        for how, one in results[name].items():
            table.add_row(name, how, f"{one['waited_share']:.1%}", f"{one['samples_per_second']:.0f}")
    CONSOLE.print(table)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"device": str(hardware.device), "presets": results}, indent=1))


if __name__ == "__main__":
    main()
