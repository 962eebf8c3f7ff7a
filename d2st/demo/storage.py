"""Where visitors' files lie: a folder of this server's own, and what there is to say when nothing can be written."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from d2st.errors import D2STError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FULL = "The server's disk for visitors' files is full. Try again later; the examples that come along still work."
UNWRITABLE = (
    "The server cannot write visitors' files just now. Try again later; the examples that come along still work."
)
UNREADABLE = "The server could not read or write a file. Try again."
PREFIX = "d2st-visitors-"
JUST_MADE = 60  # seconds in which a folder may not be locked yet
_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR}


def sentence(error: OSError) -> str:
    """What to tell a visitor whose file could not be written or read."""
    if error.errno in _FULL:
        return FULL
    return UNWRITABLE if error.errno in _UNWRITABLE else UNREADABLE


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for all temporary files of this process, Gradio's too; deleted at the end, with all that is in it.

    Those of servers that died are deleted first. It lies where TMPDIR says, or GRADIO_TEMP_DIR. Raises
    `D2STError` where nothing can be written.
    """
    before, named = tempfile.tempdir, os.environ.get("GRADIO_TEMP_DIR")
    try:
        if named:
            Path(named).mkdir(parents=True, exist_ok=True)
        place = Path(named or tempfile.gettempdir())
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        (folder / "gradio").mkdir()
    except OSError as error:
        raise D2STError(
            f"No folder for visitors' files can be made: {error.strerror or error}. Free some room, or set TMPDIR to "
            "a folder that can be written."
        ) from None
    _delete_abandoned(place)
    lock = _locked(folder)
    tempfile.tempdir, os.environ["GRADIO_TEMP_DIR"] = str(folder), str(folder / "gradio")
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        os.environ.pop("GRADIO_TEMP_DIR") if named is None else os.environ.update(GRADIO_TEMP_DIR=named)
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder that lasts as long as this process; None where somebody holds it, or there are no locks."""
    if fcntl is None:
        return None
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return opened
    except OSError:
        os.close(opened)
        return None


def _delete_abandoned(place: Path) -> None:
    """Delete the folders whose processes ended without doing so: nobody locks these."""
    if fcntl is None:
        return
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            said = folder.stat()
            if said.st_uid != os.getuid() or time.time() - said.st_mtime < JUST_MADE:
                continue
            if (lock := _locked(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)
