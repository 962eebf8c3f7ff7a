"""Clips that a program brings along: files that it uploaded before, or data in the call itself.

No other file is read, whoever asks: a path of this machine is nobody's clip, a directory is packed as a .zip, and
addresses elsewhere are not fetched.
"""

import base64
import binascii
import mimetypes
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gradio.utils import get_upload_folder

from d2st.errors import D2STError

ADDRESS = "A file of this request is an address. Files are not fetched here: upload it."
ELSEWHERE = "A file of this request was not uploaded here. Upload it first; no other file is read."
NO_DATA = "A clip of this request is no data URL that can be read. Write it as data:video/mp4;name=kick.mp4;base64,…"
NO_CLIP = "A clip of this request is neither a file nor a text. Upload it, or give it as a data URL."
UPLOADED = "/gradio_api/file="  # stands before an upload's path in its address
DATA = "data:"
LONGEST_NAME = 60  # letters of the name of a clip that came as data


def brought(value: Any, number: int | None = None) -> str:
    """A file of Gradio's, the path or address of an upload, or a data URL → the path of a file that was brought here.

    number: the clip's in a list, for one that has no name. Raises `D2STError` for anything else.
    """
    path = value.get("path") if isinstance(value, dict) else value
    if not isinstance(path, str):
        raise D2STError(NO_CLIP)
    return kept(path, number) if path.startswith(DATA) else uploaded(path)


def uploaded(said: str) -> str:
    """The path of an upload, by its path or its address, whatever the server is called there."""
    _, here, path = said.rpartition(UPLOADED)
    if "://" in said[:20] and not here:
        raise D2STError(ADDRESS)
    try:
        file = Path(unquote(path) if here else said).resolve()
        if Path(get_upload_folder()).resolve() in file.parents and file.is_file():
            return str(file)
    except (OSError, ValueError):  # too long for a path, or no path at all
        pass
    raise D2STError(ELSEWHERE)


def kept(said: str, number: int | None = None) -> str:
    """A data URL → the path of a new file with what it holds, among the uploads."""
    head, _, data = said.partition(",")
    kind, *options = head[len(DATA) :].split(";")
    if "base64" not in options:
        raise D2STError(NO_DATA)
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise D2STError(NO_DATA) from None
    named = next((unquote(option[5:]) for option in options if option.startswith("name=")), "")
    plain = f"clip{f' {number}' if number else ''}{mimetypes.guess_extension(kind) or ''}"
    file = Path(get_upload_folder(), secrets.token_hex(32), Path(named).name.lstrip(".")[-LONGEST_NAME:] or plain)
    try:
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    except ValueError:  # a name that no file can have
        raise D2STError(NO_DATA) from None
    return str(file)
