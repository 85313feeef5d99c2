"""The Java and Maven a broker needs, checked before they are used."""

import os
import re
import shutil
from functools import cache
from pathlib import Path

from babbitt.native.commands import run
from babbitt.native.errors import NativeError

MINIMUM_JAVA = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@cache
def java() -> Path:
    """Return the `java` program: of JAVA_HOME, else on the path.

    Raises:
        NativeError: there is none, or it is too old.
    """
    wanted = f"Java {MINIMUM_JAVA} or newer is needed to run Kafka"
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise NativeError(f"{wanted}, and no java was found {where}")
    told = run([found, "-version"])
    version = _VERSION.search(told.stderr + told.stdout)
    if version is None or int(version[1]) < MINIMUM_JAVA:
        raise NativeError(f"{wanted}, and {found} is version {version[1] if version else 'unknown'}")
    return Path(found)


def maven() -> Path:
    """Return the `mvn` program.

    Raises:
        NativeError: there is none.
    """
    found = shutil.which("mvn")
    if found is None:
        raise NativeError("Maven (mvn) is needed once, to fetch Kafka's jars, and was not found on the PATH")
    return Path(found)
