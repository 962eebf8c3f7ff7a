"""Clips that a person handed over: files, and entries of archives, which are read where they lie."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from d2st.demo import archives
from d2st.errors import D2STError
from d2st.video.files import has_clip_suffix, may_be_a_clip, passed_over
from d2st.video.reader import STANDARD

MOST_ENTRIES = 2_000  # of an archive
LONGEST_NAME = 120  # letters that are shown of a name
NO_CLIP = "no clip, by its name and its first bytes"
UNPACKED = "unpacked archives"  # what an entry's path begins with, and a number: no name from here up is a label


@dataclass(frozen=True)
class File:
    """A file that was handed over."""

    place: Path  # where it lies
    path: Path  # as its owner calls it, with its folders

    @classmethod
    def at(cls, file: str) -> "File":
        """A file that is called what it is called here."""
        return cls(Path(file), Path(file))


@dataclass(frozen=True)
class HandedClip:
    """A file, or an entry of an open archive; or why it can be no clip."""

    path: Path  # as it is called, with its folders
    place: Path | None = None  # of a file
    inside: File | None = None  # of an entry: its archive
    entry: ZipInfo | None = None
    archive: ZipFile | None = field(default=None, repr=False)
    problem: str | None = None

    @property
    def name(self) -> str:
        return shortened(self.path.name)

    @contextmanager
    def opened(self) -> Iterator[str | IO[bytes]]:
        """What the reader takes; an entry is unpacked while it is read, and nothing of it stays.

        Raises `D2STError` where there is nothing that can be read.
        """
        if self.problem:
            raise D2STError(self.problem)
        if self.archive is None or self.entry is None:
            yield str(self.place)
            return
        try:
            with self.archive.open(self.entry) as stream:
                yield stream
        except archives.FAULTS:
            raise D2STError(
                f"'{self.name}' cannot be unpacked: it is damaged, encrypted or packed in a rare way. Pack it again."
            ) from None


@dataclass(frozen=True)
class Handed:
    """What was handed over."""

    clips: list[HandedClip]
    others: list[HandedClip]  # of archives: what is no clip


def handed_over(files: Sequence[File], megabytes: float, open_archives: ExitStack) -> Handed:
    """The files, and in place of a .zip the clips in it; nothing is unpacked. The archives stay open in the stack.

    megabytes: that the clips in all archives may have.
    """
    clips: list[HandedClip] = []
    others: list[HandedClip] = []
    room = megabytes * 1e6
    for number, file in enumerate(files):
        if file.path.suffix.lower() != ".zip":
            clips.append(HandedClip(file.path, file.place))
            continue
        try:
            packed = _in_archive(file, number, room, open_archives)
        except D2STError as error:
            clips.append(HandedClip(file.path, problem=str(error)))
            continue
        clips += packed.clips
        others += packed.others
        room -= sum(clip.entry.file_size for clip in packed.clips if clip.entry)
    return Handed(clips, others)


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _in_archive(file: File, number: int, room: float, open_archives: ExitStack) -> Handed:
    """The clips of an archive in the order of their names; what is named because it is passed over is among them."""
    name = file.path.name
    try:
        source = open_archives.enter_context(file.place.open("rb"))
        archive = open_archives.enter_context(archives.opened(source, f"'{name}'", MOST_ENTRIES))
    except archives.FAULTS:
        raise D2STError(f"'{name}' cannot be unpacked. Pack it again as a plain .zip.") from None
    except OSError as error:
        raise D2STError(f"'{name}' cannot be opened: {error.strerror}. Upload it again.") from None
    entries = sorted((e for e in archive.infolist() if not e.is_dir() and not _litter(e)), key=lambda e: e.filename)
    place = Path(UNPACKED, str(number))
    taken = [e for e in entries if _is_packed(e) or _is_clip(archive, e)]
    if not taken:
        raise D2STError(f"'{name}' holds no clip. Pack videos, or a folder of them for each action.")
    clips = [_entry(e, archive, file, place) for e in taken]
    # Unpacking ends at the size that an entry is said to have, so what is said bounds what is unpacked.
    if sum(clip.entry.file_size for clip in clips if clip.entry) > room:
        raise D2STError(f"The clips in '{name}' are too large: no more than {room / 1e6:.3g} MB fit. Take fewer.")
    known = {id(e) for e in taken}
    others = [HandedClip(_below(place, e), inside=file, problem=NO_CLIP) for e in entries if id(e) not in known]
    return Handed(clips, others)


def _below(place: Path, entry: ZipInfo) -> Path:
    return place / entry.filename.lstrip("/\\")


def _entry(entry: ZipInfo, archive: ZipFile, file: File, place: Path) -> HandedClip:
    path = _below(place, entry)
    name, problem = shortened(path.name), None
    if _is_packed(entry):
        problem = f"'{name}' is an archive inside an archive. Unpack it first."
    elif entry.file_size > STANDARD.size:
        problem = f"'{name}' has more than {STANDARD.size / 1e6:.0f} MB. Trim the clip or save it smaller."
    if problem:
        return HandedClip(path, inside=file, problem=problem)
    return HandedClip(path, inside=file, entry=entry, archive=archive)


def _is_packed(entry: ZipInfo) -> bool:
    return entry.filename.lower().endswith(".zip")


def _litter(entry: ZipInfo) -> bool:
    return any(map(passed_over, Path(entry.filename).parts))


def _is_clip(archive: ZipFile, entry: ZipInfo) -> bool:
    name = Path(entry.filename).name
    if has_clip_suffix(name):
        return True
    try:
        with archive.open(entry) as file:
            return may_be_a_clip(name, file.read(1024))
    except archives.FAULTS:
        return False
