"""The official lists of the few-shot data sets: a line for each clip, such as test18//195025."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from d2st.errors import D2STError
from d2st.video.files import printable

_MARKS = {  # what a file may begin with: the longer ones first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Line:
    """A clip as a list names it: the number of its class, and its path, with slashes."""

    label: int
    clip: str
    guessed: bool  # whether some letters in it could be others, since the list does not say its encoding

    def __str__(self) -> str:
        return self.clip + " (the list is not UTF-8 and was read as Latin-1)" * self.guessed


def read_list(file: Path) -> list[Line]:
    """The clips of a list, in UTF-8, UTF-16 or Latin-1, with the line ends of any system.

    Raises `D2STError` for a line that is none, and for a text that can be none of these.
    """
    text, guessed = _decoded(file)
    lines = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip():
            continue
        parsed = re.fullmatch(r"[A-Za-z]+(\d+)(?://?|\\\\?)(.+)", line.strip())
        if not parsed:
            raise D2STError(
                f"Line {number} of '{printable(file)}' reads '{line.strip()}'. Expected a split, a class number, two "
                "slashes and a clip, such as test18//195025."
            )
        clip = parsed[2].replace("\\", "/")
        lines.append(Line(int(parsed[1]), clip, guessed and not clip.isascii()))
    return lines


def _decoded(file: Path) -> tuple[str, bool]:
    """The text, and whether its encoding is a guess."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise D2STError(f"'{printable(file)}' cannot be read: {error.strerror}. Check that you may read it.") from None
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), _without_mark(data))
    for guess in (encoding, "cp1252") if encoding == "utf-8" else (encoding,):  # cp1252: Latin-1 and what Windows adds
        try:
            return data.decode(guess), guess == "cp1252"
        except UnicodeDecodeError as error:
            number = data.count(b"\n", 0, error.start) + 1
    raise D2STError(
        f"The encoding of '{printable(file)}' cannot be told: line {number} is neither UTF-8 nor UTF-16 nor Latin-1. "
        "Save the list as UTF-8."
    )


def _without_mark(data: bytes) -> str:
    """UTF-16 where every other byte is nearly always zero, as in a list of plain letters, else UTF-8."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = data[first::2]
        if half and half.count(0) > 0.5 * len(half):
            return encoding
    return "utf-8"
