"""MATLAB 5 files (what MATLAB writes by `-v6` and `-v7`), read within stated bounds."""

from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from babbitt.recordings.errors import RecordingUnreadable, VariableNotFound
from babbitt.recordings.matlab_elements import BYTE_ORDERS, HEADER_BYTES, NUMERIC_CLASSES, Damaged, TooLarge, variables

MAX_CONTENT_BYTES = 512 * 1024 * 1024
"""What the variables of one file may take, uncompressed."""


class MatlabFile:
    """The variables of a MATLAB 5 file, by shell-style pattern.

    Args:
        content: the file.
        name: its name, for messages.

    Raises:
        RecordingUnreadable: no MATLAB 5 file, damaged, or larger than `MAX_CONTENT_BYTES` when uncompressed.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        check_matlab(content, name)
        try:
            self._variables = {variable.name: variable for variable in variables(content, MAX_CONTENT_BYTES)}
        except Damaged as error:
            raise RecordingUnreadable(f"{name}: damaged MATLAB 5 file: {error}") from error
        except TooLarge as error:
            raise RecordingUnreadable(f"{name}: its variables take more than {MAX_CONTENT_BYTES} bytes") from error

    def names(self, pattern: str) -> list[str]:
        """The variables that match `pattern`."""
        return sorted(name for name in self._variables if fnmatchcase(name, pattern))

    def vector(self, pattern: str) -> NDArray[np.float64]:
        """The samples of the one variable that matches `pattern`: [samples].

        Raises:
            VariableNotFound: none matches, or several.
            RecordingUnreadable: it is no vector of real numbers.
        """
        matches = self.names(pattern)
        if len(matches) != 1:
            found = f"{len(matches)} variables match" if matches else "no variable matches"
            listed = ", ".join(matches or sorted(self._variables)) or "none"
            raise VariableNotFound(f"{self._name}: {found} '{pattern}'; exactly one has to; there: {listed}")
        variable = self._variables[matches[0]]
        lengths = [length for length in variable.shape if length != 1]
        if variable.kind not in NUMERIC_CLASSES or variable.is_complex or len(lengths) > 1 or min(variable.shape) < 0:
            described = f"variable {variable.name} holds {variable.described}"
            raise RecordingUnreadable(f"{self._name}: {described}; a vector of real numbers is read")
        try:
            return variable.numbers()
        except Damaged as error:
            raise RecordingUnreadable(f"{self._name}: variable {variable.name} is damaged: {error}") from error


def check_matlab(head: bytes, name: str) -> None:
    """Let the first bytes of a MATLAB 5 file pass.

    Raises:
        RecordingUnreadable: they are none.
    """
    if not head.startswith(b"MATLAB 5"):
        later = " (a MATLAB 7.3 file: save it by -v7)" if head.startswith(b"MATLAB 7.3") else ""
        raise RecordingUnreadable(f"{name}: no MATLAB 5 file{later}")
    if head[HEADER_BYTES - 2 : HEADER_BYTES] not in BYTE_ORDERS:
        raise RecordingUnreadable(f"{name}: damaged MATLAB 5 file: no mark of the byte order")
