"""A real S3 server for tests: versitygw over a folder, built once by Go into the repository's `.tools`."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from babbitt.native.errors import NativeError
from babbitt.native.places import locked, repository
from babbitt.native.ports import LOOPBACK, free_port
from babbitt.native.processes import Process
from babbitt.native.waiting import wait_until

VERSION = "v1.8.0"
MODULE = "github.com/versity/versitygw/cmd/versitygw"
BUCKET = "babbitt"
READY_DEADLINE_S = 20.0
_NICE = "19"


class Build:
    """The building of the program, at the lowest priority: it takes Go some minutes, once on a machine.

    Raises:
        NativeError: there is no Go.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.program = repository() / ".tools" / f"versitygw-{VERSION}" / "versitygw"
        if self.program.is_file():
            return
        go = shutil.which("go")
        if go is None:
            raise NativeError("Go is needed once, to build a real S3 server (versitygw), and was not found on the PATH")
        self._partial = self.program.parent.with_name(f"{self.program.parent.name}.{os.getpid()}.partial")
        self._log = self._partial.with_suffix(".log")
        self._log.parent.mkdir(exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - what is run is this package's own choice
                ["/usr/bin/env", "nice", "-n", _NICE, go, "install", f"{MODULE}@{VERSION}"],
                env=os.environ | {"GOBIN": str(self._partial)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> Path:
        """The program, once it is there.

        Raises:
            NativeError: it could not be built.
        """
        if self._process is None:
            return self.program
        code = self._process.wait()
        said = self._log.read_text(errors="replace").splitlines()
        self._log.unlink()
        if code != 0:
            raise NativeError(f"Go could not build versitygw: {said[-1] if said else f'exit code {code}'}")
        with locked(self.program.parent.with_name(f"{self.program.parent.name}.lock")):
            if not self.program.is_file():
                self._partial.rename(self.program.parent)
        shutil.rmtree(self._partial, ignore_errors=True)
        self._process = None
        return self.program

    def abandon(self) -> None:
        """End it where nobody waits for it any more."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._log.unlink()
            shutil.rmtree(self._partial, ignore_errors=True)


class S3Server:
    """Serves the buckets under a folder on the loopback interface; one of them, `BUCKET`, is there.

    As a context manager it is started and stopped. Its credentials are random, and given to it by its environment.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self.port = free_port()
        self.buckets = folder / "buckets"
        self._program = program
        self._process = Process("s3", folder)
        self._access, self._secret = secrets.token_hex(8), secrets.token_hex(16)
        (self.buckets / BUCKET).mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a client reads from its environment."""
        return {
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self.port}",
            "AWS_ACCESS_KEY_ID": self._access,
            "AWS_SECRET_ACCESS_KEY": self._secret,
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }

    def start(self) -> None:
        """Start it, and wait until it serves.

        Raises:
            NativeError: it does not within 20 s.
        """
        self._process.start(
            [self._program, "--port", f"{LOOPBACK}:{self.port}", "--quiet", "posix", "--nometa", self.buckets],
            environment={"ROOT_ACCESS_KEY": self._access, "ROOT_SECRET_KEY": self._secret},
            end_with_parent=signal.SIGKILL,
        )
        if not wait_until(self._answers, deadline_s=READY_DEADLINE_S):
            raise NativeError(f"the S3 server does not answer; {self._process.end_of_log()}")

    def stop(self) -> None:
        """Stop it; what it holds stays."""
        self._process.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()

    def _answers(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True
