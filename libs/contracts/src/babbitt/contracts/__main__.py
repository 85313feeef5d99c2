"""`python -m babbitt.contracts check|write`: hold committed schemas and documents against the code, or write them.

`write` refuses a change that breaks what was promised: that is a new topic version.
"""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import yaml

from babbitt.contracts.asyncapi import asyncapi_document
from babbitt.contracts.catalogue import all_messages
from babbitt.contracts.compatibility import incompatibilities
from babbitt.contracts.envelope import Event
from babbitt.contracts.handbook import handbook
from babbitt.contracts.schemas import schema_of


def broken_promises(schemas: Path) -> list[str]:
    """What the code breaks of the committed schemas, a removed message included."""
    found: list[str] = []
    contracts = {contract.type_name(): contract for contract in all_messages()}
    for path in sorted(schemas.glob("*.json")):
        contract = contracts.get(path.stem)
        if contract is None:
            found.append(f"{path.stem}: removed")
            continue
        committed = json.loads(path.read_text())
        event = issubclass(contract, Event)
        found += [f"{path.stem} {reason}" for reason in incompatibilities(committed, schema_of(contract), event=event)]
    return found


def generated(root: Path) -> dict[Path, str]:
    """Every generated file and what it should hold."""
    files = {
        root / "libs/contracts/schemas" / f"{contract.type_name()}.json": json.dumps(schema_of(contract), indent=2)
        + "\n"
        for contract in all_messages()
    }
    document = asyncapi_document(version("babbitt-contracts"))
    files[root / "docs/asyncapi.yaml"] = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    files[root / "docs/contracts.md"] = handbook()
    return files


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m babbitt.contracts", description=__doc__)
    parser.add_argument("action", choices=["check", "write"])
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository (default: here)")
    arguments = parser.parse_args()
    if broken := broken_promises(arguments.root / "libs/contracts/schemas"):
        sys.exit("incompatible contracts, which need a new topic version:\n  " + "\n  ".join(broken))
    files = generated(arguments.root)
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text() != text]
    if arguments.action == "check":
        if stale:
            names = ", ".join(str(path.relative_to(arguments.root)) for path in stale)
            sys.exit(f"not up to date, `make contracts` writes them: {names}")
        return
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path])
        print(f"wrote {path.relative_to(arguments.root)}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
