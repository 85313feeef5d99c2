"""How right the models are that come out of the default recipes: JBFD-11, and recordings of Case Western's bearings.

Writes build/bench/accuracy.json. Takes long; `--quick` only shows that everything runs.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import accuracy_cwru
import accuracy_jbfd11
from rich.console import Console

RECORDINGS = Path("../shared/data/cwru")
CONSOLE = Console()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data, few epochs: the numbers mean nothing")
    parser.add_argument(
        "--recordings",
        type=Path,
        default=RECORDINGS,
        help="folder with Case Western's files, %(default)s unless told; where there is none they are left out",
    )
    parser.add_argument("--output", type=Path, default=Path("build/bench/accuracy.json"))
    arguments = parser.parse_args()
    found: dict[str, Any] = {"quick": arguments.quick}
    with tempfile.TemporaryDirectory(prefix="babbitt-bench-") as name:
        found |= accuracy_jbfd11.measured(Path(name), quick=arguments.quick)
    accuracy_jbfd11.show(found)
    if arguments.recordings.is_dir():
        recorded = accuracy_cwru.measured(arguments.recordings, quick=arguments.quick)
        accuracy_cwru.show(recorded)
        found |= recorded
    else:
        CONSOLE.print(f"{arguments.recordings} is no folder: Case Western's bearings are left out", style="yellow")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(found, indent=2) + "\n")
    CONSOLE.print(f"Written to {arguments.output}")


if __name__ == "__main__":
    main()
