"""Makes the data folder of a database server: `initdb`, with a superuser whose password is random."""

import os
import pwd
import secrets
import shutil
from pathlib import Path

from babbitt.native.commands import run
from babbitt.native.errors import NativeError
from babbitt.native.postgres_programs import let_in, postgres_program

SUPERUSER = "postgres"


def make_cluster(data: Path, password_file: Path, *, user: pwd.struct_passwd | None, durable: bool) -> None:
    """Make `data` and the superuser, once; a start broken off halfway leaves nothing that a later one would take.

    Args:
        data: the data folder.
        password_file: gets the superuser's password, readable by this process's user alone.
        user: who runs PostgreSQL and owns the folder; None: this process's user.
        durable: whether to wait until all is on disk.

    Raises:
        NativeError: `initdb` failed.
    """
    if data.is_dir():
        return
    partial, handed = data.with_name("data.partial"), data.with_name("password.once")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    password = secrets.token_urlsafe(24)
    for file in (password_file, handed):
        file.touch(mode=0o600)
        file.write_text(password)
    let_in(user, data.parent)
    if user is not None:
        for path in (partial, handed):
            os.chown(path, user.pw_uid, user.pw_gid)
    told = run(
        [
            *(postgres_program("initdb"), "-D", partial, "-U", SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={handed}", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
            *([] if durable else ["--no-sync"]),
        ],
        folder=data.parent,
        environment=plain_environment(),
        user=user,
    )
    handed.unlink()
    if told.returncode != 0:
        raise NativeError(f"PostgreSQL's data folder {data} could not be made: {told.stderr.strip()}")
    partial.rename(data)


def plain_environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: nothing of the caller's but the search path."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
