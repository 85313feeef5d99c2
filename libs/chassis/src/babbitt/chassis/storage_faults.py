"""What an error of a disk or an object store means: is it away, or does it take nothing more."""

import errno
import os
import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from babbitt.chassis.errors import StorageRefused, Unavailable

_TAKES_NOTHING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS})
"""What no waiting cures."""
_NUMBER = re.compile(r"(?:os error |errno = )([0-9]+)")
"""How obstore and HDF5 tell the system's error within their own."""
_NO_BUCKET = re.compile(r"NoSuchBucket|InvalidBucketName|bucket does not exist|ContainerNotFound")
_FULL = re.compile(r"QuotaExceeded|status code: 507|InsufficientStorage|StorageFull")
"""How servers say that there is no room: 507 is no standard of S3, and most have a code of their own."""


def storage_fault(what: str, detail: str, error: Exception) -> Unavailable:
    """The error of a dependency `what` as those who wait for it know it.

    A reason that ends something is read by strangers: it names no path. One that is waited for is for operators.
    """
    said = str(error)
    found = _NUMBER.search(said)
    number = getattr(error, "errno", None) or (int(found[1]) if found else None)
    if number in _TAKES_NOTHING:
        return StorageRefused(what, os.strerror(number))
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return StorageRefused(what, "permission denied")
    if no_bucket(error):
        return StorageRefused(what, "there is no such bucket")
    if _FULL.search(said):
        return StorageRefused(what, "no room is left")
    return Unavailable(what, f"{detail}: {said.partition(chr(10))[0]}")


def no_bucket(error: Exception) -> bool:
    """Whether a server says that there is no such bucket. What it answers to HEAD has no words: it cannot say so."""
    return bool(_NO_BUCKET.search(str(error)))
