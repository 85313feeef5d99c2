"""Kafka's jars: resolved once by Maven from the pinned `pom.xml`, then kept in the repository's `.tools` folder."""

import hashlib
import re
import shutil
from functools import cache
from pathlib import Path

from babbitt.native.commands import run
from babbitt.native.errors import NativeError
from babbitt.native.java import java, maven
from babbitt.native.places import locked, repository

# Small, quick to start, and content with two cores: a broker for one machine.
_JVM_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
_STAMP = "pom.sha256"
_RESOLVE_DEADLINE_S = 600


def java_command(main_class: str) -> list[str]:
    """Return the command line that runs a class of Kafka's; its arguments are appended by the caller.

    Raises:
        NativeError: Java is missing or too old, or the jars cannot be fetched.
    """
    log_settings = f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}"
    return [str(java()), *_JVM_OPTIONS, log_settings, "-cp", str(kafka_jars() / "*"), main_class]


@cache
def kafka_jars() -> Path:
    """Return the folder of the jars. The first call on a machine has Maven fetch them (45 MB); a second waits for it.

    Raises:
        NativeError: Maven is missing, or could not resolve them.
    """
    root = repository()
    pom = root / "deploy" / "native" / "pom.xml"
    jars = root / ".tools" / f"kafka-{_pinned_version(pom)}"
    stamp = hashlib.sha256(pom.read_bytes()).hexdigest()
    with locked(jars.with_name(f"{jars.name}.lock")):
        if _stamp_of(jars) != stamp:
            _resolve(pom, jars, stamp)
    return jars


def _pinned_version(pom: Path) -> str:
    found = re.search(r"<kafka\.version>([\d.]+)</kafka\.version>", pom.read_text())
    assert found is not None, "pom.xml pins kafka.version"
    return found[1]


def _stamp_of(jars: Path) -> str | None:
    stamp = jars / _STAMP
    return stamp.read_text() if stamp.is_file() else None


def _resolve(pom: Path, jars: Path, stamp: str) -> None:
    """Copy what `pom` names beside `jars`, then put it in place in one step: a broken download leaves nothing."""
    partial = jars.with_name(f"{jars.name}.partial")
    for leftover in (partial, jars):
        shutil.rmtree(leftover, ignore_errors=True)
    told = run(
        [
            maven(),
            *("--batch-mode", "--quiet", "--file", pom),
            *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={partial}"),
        ],
        deadline_s=_RESOLVE_DEADLINE_S,
    )
    if told.returncode != 0:
        reason = next((line for line in told.stdout.splitlines() if "[ERROR]" in line), "no reason given")
        raise NativeError(f"Maven could not fetch Kafka's jars: {reason}")
    (partial / _STAMP).write_text(stamp)
    partial.rename(jars)
