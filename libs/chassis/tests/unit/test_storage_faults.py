"""What an error of a disk or a store means."""

import errno

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from babbitt.chassis.errors import StorageRefused
from babbitt.chassis.storage_faults import storage_fault


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/a/place"), "No space left on device"),
        (OSError("(unable to extend file properly, errno = 122, error message = 'Disk quota exceeded')"), "quota"),
        (GenericError("Unable to create dir /a/place: Permission denied (os error 13)"), "Permission denied"),
        (PermissionDeniedError("403 Forbidden: /a/place"), "permission denied"),
        (GenericError("Server returned non-2xx status code: 507 Insufficient Storage: /a/place"), "no room is left"),
    ],
)
def test_what_no_waiting_cures_is_told_without_a_path(error, why):
    fault = storage_fault("object store", "signals/x", error)
    assert isinstance(fault, StorageRefused)
    assert str(fault).startswith("object store takes nothing: ")
    assert why in str(fault)
    assert "/a/place" not in str(fault)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOENT, "No such file or directory"),
        OSError(errno.EIO, "Input/output error"),
        GenericError("error sending request (os error 111)\n\nDebug source: much of it"),
    ],
)
def test_what_may_come_back_is_away_and_told_in_one_line(error):
    fault = storage_fault("object store", "signals/x", error)
    assert not isinstance(fault, StorageRefused)
    assert str(fault).startswith("object store is away: signals/x: ")
    assert "\n" not in str(fault)
