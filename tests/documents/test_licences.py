"""What services are made of is permissively licensed, or the page of licences says why it is there."""

import re
from fnmatch import fnmatchcase
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "licences.md").read_text()
SERVICES = ("signals", "training", "registry", "inference", "gateway")
PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "PSF-2.0", "Zlib",
}  # fmt: skip
OLDER = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""Of classifiers and the old field."""
INSTALLED = {re.sub(r"[-_.]+", "-", one.name).lower(): one.metadata for one in distributions()}


def licence_of(metadata):
    """An SPDX expression, else what the classifiers say, else the old field."""
    if expression := metadata.get("License-Expression"):
        return expression
    classified = [one.rpartition(":: ")[2] for one in metadata.get_all("Classifier", []) if one.startswith("License")]
    if not classified:
        said = (metadata.get("License") or "none-declared").strip().partition("\n")[0]
        return OLDER.get(said, said)
    return " AND ".join(OLDER.get(one, re.sub(r"[\s()]+", "-", one)) for one in classified)


def is_permissive(expression):
    """Whether it asks no more than that notices go along; AND binds closer than OR, exceptions only allow more."""
    words = {"AND": "and", "OR": "or", "(": "(", ")": ")"}
    parts = re.split(r"([()]|\bAND\b|\bOR\b)", re.sub(r" WITH [\w.-]+", "", expression))
    tokens = [part.strip() for part in parts if part.strip()]
    return eval(" ".join(words.get(one, str(one in PERMISSIVE)) for one in tokens))


def locked(service):
    text = (ROOT / "requirements" / f"{service}.lock").read_text()
    return {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)(?:\[.*\])?==", text, re.MULTILINE)}


def excepted():
    """The distributions that the page gives a reason for."""
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return {name: row[2] for row in rows for name in re.findall(r"`([\w*-]+)`", row[0])}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_made_of_what_is_permissive_or_stands_on_the_page_of_licences(service):
    told = {name: licence_of(INSTALLED[name]) for name in locked(service) & INSTALLED.keys()}
    others = {name: licence for name, licence in told.items() if not is_permissive(licence)}
    assert {name: said for name, said in others.items() if not any(fnmatchcase(name, one) for one in excepted())} == {}


def test_every_exception_is_needed_by_a_service():
    needed = set().union(*map(locked, SERVICES))
    assert [one for one in excepted() if not any(fnmatchcase(name, one) for name in needed)] == []


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("MPL-2.0 AND MIT", False),
        ("MPL-2.0 OR MIT", True),
        ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception AND BSD-3-Clause", True),
        ("(MIT OR GPL-3.0-only) AND GPL-3.0-only", False),
        ("none-declared", False),
    ],
)
def test_an_expression_is_read_as_spdx_means_it(expression, permissive):
    assert is_permissive(expression) == permissive
