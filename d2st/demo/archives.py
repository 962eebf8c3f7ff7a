"""Archives from strangers: counted and measured by their ends before Python's reader sees them."""

import lzma
import os
import struct
import zipfile
import zlib
from typing import BinaryIO

from d2st.errors import D2STError

# What reading a damaged, encrypted or rarely packed archive, or an entry of one, may raise.
FAULTS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, struct.error)
MOST_LISTED = 1_000_000  # bytes of the list of entries, of which each takes 46 and its name
_END = struct.Struct("<4s4H2LH")  # the directory's end; with its size and the number of entries
_LOCATOR, _END64 = struct.Struct("<4sLQL"), struct.Struct("<4sQ2H2L4Q")  # and those of a large archive


def opened(file: BinaryIO, title: str, most_entries: int) -> zipfile.ZipFile:
    """An archive whose list of entries is short enough to be read.

    Python reads the whole list as soon as it opens an archive, which for a large one takes minutes and
    gigabytes; the list's length stands at the end of the file. Raises `D2STError` for one that is too
    long, and one of `FAULTS` for what is no archive.
    """
    entries, listed = _announced(file)
    if entries <= most_entries and listed <= MOST_LISTED:
        archive = zipfile.ZipFile(file)
        if len(archive.infolist()) <= most_entries:  # the end of a file may say anything
            return archive
    raise D2STError(f"{title} holds more than {most_entries:,} files. Take fewer at once.")


def _announced(file: BinaryIO) -> tuple[int, int]:
    """How many entries an archive has, and how many bytes their list, by the end of the file."""
    size = file.seek(0, os.SEEK_END)
    tail_at = max(0, size - _END.size - 65_535 - _LOCATOR.size - _END64.size)  # a remark may follow the end
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile
    _, _, _, _, entries, directory, _, _ = _END.unpack_from(tail, at)
    large = at - _LOCATOR.size - _END64.size
    if large >= 0 and tail[at - _LOCATOR.size :].startswith(b"PK\6\7") and tail[large:].startswith(b"PK\6\6"):
        said = _END64.unpack_from(tail, large)
        entries, directory = max(entries % 0xFFFF, said[7]), max(directory % 0xFFFFFFFF, said[8])
    return entries, directory
