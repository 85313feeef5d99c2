"""Commands that run to their end."""

import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: pwd.struct_passwd | None = None,
    deadline_s: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `command` and return its exit code and output; whether it failed is for the caller to see.

    Args:
        command: program and arguments.
        environment: all of its environment; None passes on this process's own.
        folder: the working directory.
        user: whom to run as, else the caller.
        deadline_s: after so many seconds it is killed, and `subprocess.TimeoutExpired` raised.
    """
    return subprocess.run(  # noqa: S603 - what is run is this package's own choice
        command,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        timeout=deadline_s,
    )
