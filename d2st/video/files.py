"""Which files are clips: by their names and, where these say nothing, by their first bytes."""

import os
import re
import stat
from pathlib import Path

from d2st.errors import D2STError
from d2st.video.containers import begins_like_a_film

# What the reader reads, by the names that people's files have. Each is tried in tests/video/test_suffixes.py.
CLIP_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3gpp", ".3g2", ".f4v", ".mkv", ".mk3d", ".webm", ".avi", ".divx"),
        *(".mpg", ".mpeg", ".mpe", ".vob", ".ts", ".mts", ".m2ts", ".m2t", ".ogv", ".ogg", ".ogm", ".wmv", ".asf"),
        *(".flv", ".gif"),
    )
)
PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"))
# In containers of films, but without one: sound, and Canon's raw pictures.
_NO_FILMS = frozenset(
    (".m4a", ".m4b", ".m4p", ".m4r", ".aax", ".mka", ".weba", ".oga", ".opus", ".spx", ".wma", ".cr3")
)
# What systems put beside people's files.
_LITTER = frozenset(("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "desktop.ini"))

_HEAD = 1024  # bytes that tell a container


def looks_like_a_clip(path: str | os.PathLike) -> bool:
    """Whether a path is to be taken for a clip when a folder is gone through.

    By its suffix, in any case; without a known one by the file's first bytes. A folder is one where it holds
    several numbered pictures and no film. Hidden files, and those that systems leave, are none. Whether it can
    be read is another question.
    """
    path = Path(path)
    if passed_over(path.name):
        return False
    if path.is_dir():
        return len(numbered_pictures(path)) > 1 and not any(map(has_clip_suffix, os.listdir(path)))
    return has_clip_suffix(path.name) or may_be_a_clip(path.name, _head(path))


def has_clip_suffix(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in CLIP_SUFFIXES


def may_be_a_clip(name: str, head: bytes) -> bool:
    """Whether a file whose suffix is not of a clip is one all the same, by its first 1024 bytes."""
    return os.path.splitext(name)[1].lower() not in _NO_FILMS and begins_like_a_film(head)


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or what a system left, as `._clip.mp4` and `__MACOSX`."""
    return name in _LITTER or (name.startswith(".") and name not in (".", ".."))


def without_suffix(name: str) -> str:
    """A clip's name without its suffix; what stands behind another dot belongs to the name."""
    return os.path.splitext(name)[0] if has_clip_suffix(name) else name


def numbered_pictures(folder: str | os.PathLike) -> list[str]:
    """The pictures of a folder whose names end in a number, in the order of these; none where it is no such folder.

    Of several series (`img_00001.jpg`, `flow_x_00001.jpg`) the longest, of equally long ones that of the pictures.
    """
    series = picture_series(folder)
    return max(series.values(), key=len) if series else []


def picture_series(folder: str | os.PathLike) -> dict[str, list[str]]:
    """{what stands before the number: the pictures in the order of their numbers}, colour pictures first.

    Raises `D2STError` for a folder that may not be looked into.
    """
    series: dict[str, dict[tuple[int, ...], str]] = {}
    for path in listed(folder):
        found = re.fullmatch(r"(.*?)(\d+(?:\.\d+)*)", path.stem, re.DOTALL)  # img_00001, or a time: img_0.04
        if found and path.suffix.lower() in PICTURE_SUFFIXES and not passed_over(path.name):
            number = tuple(map(int, found[2].split(".")))
            series.setdefault(found[1], {}).setdefault(number, str(path))
    names = sorted(series, key=lambda name: (not re.search("img|image|frame|rgb", name, re.IGNORECASE), name))
    return {name: [series[name][number] for number in sorted(series[name])] for name in names}


def listed(folder: str | os.PathLike) -> list[Path]:
    """What is in a folder, by name; nothing where it is none. Raises `D2STError` where one may not look into it."""
    try:
        return sorted(Path(folder).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise D2STError(
            f"'{printable(folder)}' cannot be looked into: {error.strerror}. Check that you may read it."
        ) from None


def printable(path: str | os.PathLike) -> str:
    r"""A path that can be printed, whatever bytes it is made of: those that are not UTF-8 as `\xe9`."""
    text = re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", os.fsdecode(path))
    return text.encode(errors="backslashreplace").decode()


def check_encoding(path: str | os.PathLike) -> None:
    """Raise `D2STError` where a name in a path is not UTF-8; it says which."""
    *folders, name = Path(os.fsdecode(path)).parts or ("",)
    for part in (name, *folders):
        try:
            part.encode()
        except UnicodeEncodeError:
            what = "has a name" if part == name else f"lies in '{printable(part)}', a name"
            raise D2STError(
                f"'{printable(name)}' {what} that is not UTF-8 and cannot be shown as it is. "
                f"Rename the {'file or folder' if part == name else 'folder'}."
            ) from None


def _head(path: Path) -> bytes:
    try:
        if stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            with open(path, "rb") as file:
                return file.read(_HEAD)
    except OSError:
        pass
    return b""
