"""Files that are there whole or not at all, and that are read only if they are what was written."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from normsim.errors import StoreError

_NO_FSYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS}
"""What a file system says that cannot flush a folder."""


def reached(place: str) -> None:
    """A named place in the order of a commit, where tests stop the program."""


def sha256(data: bytes) -> str:
    """Digest of a file's content."""
    return hashlib.sha256(data).hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, also if the power fails."""
    temporary = path.with_name(f".{path.name}.tmp")
    if not path.parent.exists():
        path.parent.mkdir()
        flush_folder(path.parent.parent)
    reached("before temporary")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        reached("after temporary")
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> bool:
    """Flush a folder's list of names to disk.

    Returns:
        whether the file system did; some network and FUSE file systems refuse, and order their writes themselves.
    """
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
        return False
    finally:
        os.close(handle)
    return True


def read_checked(directory: Path, name: str, digest: str | None, remedy: str) -> bytes:
    """The content of a file, read once, if it is what was written.

    Args:
        directory: where it lies.
        name: its path in the directory.
        digest: SHA-256 of what was written, None if it was not noted.
        remedy: what to do if it is not, for the message.

    Raises:
        StoreError: it is gone, cannot be read, or is something else.
    """
    try:
        data = (directory / name).read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{directory}: {name} is gone; {remedy}") from None
    except OSError as error:
        raise StoreError(f"{directory}: {name} cannot be read ({error.strerror}); {remedy}") from None
    if digest is not None and sha256(data) != digest:
        raise StoreError(f"{directory}: {name} is not what was committed; {remedy}")
    return data


def is_whole(path: Path, digest: str) -> bool:
    """Whether a file is there and is what was written; it is read piece by piece."""
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest
    return False
