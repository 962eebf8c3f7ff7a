"""Where visitors' files lie: a folder of this server's own, and what there is to say when nothing can be written."""

import errno

FULL = "The server's disk for visitors' files is full. Try again later; the examples that come along still work."
UNWRITABLE = "The server cannot write visitors' files. Whoever runs it should look at its folder for temporary files."
_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR}


def sentence(error: OSError) -> str:
    """What to tell a visitor whose file could not be written or read."""
    if error.errno in _FULL:
        return FULL
    if error.errno in _UNWRITABLE:
        return UNWRITABLE
    return "The server could not read or write a file. Try again; if it stays so, tell whoever runs it."
