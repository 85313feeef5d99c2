"""`python -m babbitt.training families`: which presets there are, what each reads, and what it costs."""

import argparse
import json
import sys
from collections.abc import Sequence

from babbitt.training.families.registry import Presets, load_presets

DESCRIPTION = """\
All presets, with what each is for a reference record: 5 s of one channel at 20,480 Hz on a known bearing, eleven
classes.
Cost is processor time of that record through the exported graph, one thread, measured now.
"""
HEADINGS = (
    "preset",
    "reads",
    "windows a record",
    "samples a window",
    "parameters",
    "embedding",
    "file, MB",
    "ms a record",
)
UNTIMED_COLUMNS = 5


def main(arguments: Sequence[str]) -> int:
    """Print as the command line says; the process's exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.training families",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a Markdown table")
    parser.add_argument(
        "--unmeasured", action="store_true", help="without what has to be measured, which takes a minute"
    )
    chosen = parser.parse_args(arguments)
    presets = load_presets()
    found = rows(presets, measured=not chosen.unmeasured)
    sys.stdout.write("".join(f"{json.dumps(row)}\n" for row in found) if chosen.json else table(found))
    return 0


def rows(presets: Presets, *, measured: bool) -> list[dict[str, object]]:
    """What is said of each preset, by name of the column."""
    from babbitt.training.families.catalogue import entries  # noqa: PLC0415 - builds modules, which loads torch
    from babbitt.training.families.costs import cost  # noqa: PLC0415

    found: list[dict[str, object]] = []
    for entry in entries(presets):
        row: dict[str, object] = {
            "preset": entry.preset.name,
            "family": entry.preset.family,
            "summary": entry.summary,
            "inputs": list(entry.spec.inputs),
            "task": entry.spec.task,
            "windows": entry.windows,
            "window_samples": entry.spec.window_samples,
            "parameters": entry.parameters,
        }
        if measured:
            took = cost(presets, entry)
            row |= {"embedding": took.embedding, "file_bytes": took.file_bytes, "record_ms": round(took.record_ms, 2)}
        found.append(row)
    return found


def table(found: Sequence[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = [_line(HEADINGS), _line(["---", "---", *["---:"] * (len(HEADINGS) - 2)])]
    lines += [_line(cells(row)) for row in found]
    return "".join(lines)


def cells(row: dict[str, object]) -> list[str]:
    """What a row of the table says; of what was not measured nothing."""
    inputs, size = row["inputs"], row.get("file_bytes")
    assert isinstance(inputs, list)
    return [
        f"`{row['preset']}`",
        ", ".join(f"`{name}`" for name in inputs),
        f"{row['windows']}",
        f"{row['window_samples']:,}",
        f"{row['parameters']:,}" if row["parameters"] else "by what it learns from",
        f"{row.get('embedding', '')}",
        f"{size / 1e6:.1f}" if isinstance(size, int) else "",
        f"{row.get('record_ms', '')}",
    ]


def _line(cells_of: Sequence[str]) -> str:
    return f"| {' | '.join(cells_of)} |\n"
