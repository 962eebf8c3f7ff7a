"""Many queries at once: answers, and how many of them are right where the truth is known."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from d2st.data.folders import CLIP_SUFFIXES, spoken
from d2st.demo import archives, storage
from d2st.demo.kept import kept
from d2st.demo.limits import STANDARD as LIMITS
from d2st.demo.limits import VisitLimits
from d2st.errors import D2STError
from d2st.recognizer import Prediction, Recognizer
from d2st.video.reader import STANDARD

MOST_ENTRIES = 2_000  # of an archive
LONGEST_NAME = 120  # letters that are shown of an entry's


@dataclass(frozen=True)
class Answer:
    """What became of one query: a prediction, or a sentence that says why there is none."""

    name: str
    truth: str | None  # by its folder or name, where that is one of ours
    prediction: Prediction | None = None
    problem: str | None = None

    @property
    def right(self) -> bool:
        return self.prediction is not None and self.prediction.label == self.truth


@dataclass(frozen=True)
class Query:
    """A clip to answer: a file, or an entry of an open archive; or why it cannot be one."""

    path: Path  # as it is called, with its folders
    entry: ZipInfo | None = None
    archive: ZipFile | None = field(default=None, repr=False)
    problem: str | None = None

    @property
    def name(self) -> str:
        return self.path.name if len(self.path.name) <= LONGEST_NAME else self.path.name[: LONGEST_NAME - 1] + "…"

    @contextmanager
    def opened(self) -> Iterator[str | IO[bytes]]:
        """What the reader takes; an entry is unpacked while it is read, and nothing of it stays.

        Raises `D2STError` where there is nothing that can be read.
        """
        if self.problem:
            raise D2STError(self.problem)
        if self.archive is None or self.entry is None:
            yield str(self.path)
            return
        try:
            with self.archive.open(self.entry) as stream:
                yield stream
        except archives.FAULTS:
            raise D2STError(
                f"'{self.name}' cannot be unpacked: it is damaged, encrypted or packed in a rare way. Pack it again."
            ) from None


def answer_all(recognizer: Recognizer, files: list[str], progress=iter, limits: VisitLimits = LIMITS) -> list[Answer]:
    """Answer every file, and every clip in a .zip. `progress` wraps them, as tqdm does.

    A file, an entry or an archive that cannot be read costs only itself. Raises `D2STError`, before any
    is read, where there are more than the limits allow.
    """
    answers = []
    with ExitStack() as open_archives:
        limits.check_files(files, limits.queries_at_once, "queries")
        asked = queries(files, limits.megabytes_at_once, open_archives)
        limits.check_files(asked, limits.queries_at_once, "queries")
        for query in progress(asked):
            truth = true_action(query.path, list(recognizer.support))
            try:
                with query.opened() as clip:
                    found = recognizer.predict(clip)
                answers.append(
                    Answer(query.name, truth, replace(found, query=kept(found.query)))
                )  # a tenth of the memory
            except D2STError as error:
                answers.append(Answer(query.name, truth, problem=str(error)))
            except OSError as error:
                answers.append(Answer(query.name, truth, problem=storage.sentence(error)))
    return answers


def queries(files: list[str], megabytes: float, open_archives: ExitStack) -> list[Query]:
    """The files, and in place of a .zip the clips in it; nothing is unpacked. The archives stay open in the stack.

    megabytes: that the clips in all archives may have.
    """
    found: list[Query] = []
    room = megabytes * 1e6
    for file in files:
        path = Path(file)
        if path.suffix.lower() != ".zip":
            found.append(Query(path))
            continue
        try:
            packed = _in_archive(path, room, open_archives)
            found += packed
            room -= sum(query.entry.file_size for query in packed if query.entry)
        except D2STError as error:
            found.append(Query(path, problem=str(error)))
    return found


def _in_archive(path: Path, room: float, open_archives: ExitStack) -> list[Query]:
    """The clips of an archive in the order of their names, and what is named because it is passed over."""
    try:
        source = open_archives.enter_context(path.open("rb"))
        archive = open_archives.enter_context(archives.opened(source, f"'{path.name}'", MOST_ENTRIES))
    except archives.FAULTS:
        raise D2STError(f"'{path.name}' cannot be unpacked. Pack it again as a plain .zip.") from None
    except OSError as error:
        raise D2STError(f"'{path.name}' cannot be opened: {error.strerror}. Upload it again.") from None
    entries = sorted((e for e in archive.infolist() if not e.is_dir()), key=lambda e: e.filename)
    found = [_entry(e, archive) for e in entries if _is_clip(e.filename) or e.filename.lower().endswith(".zip")]
    if not found:
        raise D2STError(f"'{path.name}' holds no clip. Pack videos, or a folder of them for each action.")
    # Unpacking ends at the size that an entry is said to have, so what is said bounds what is unpacked.
    if sum(query.entry.file_size for query in found if query.entry) > room:
        raise D2STError(f"The clips in '{path.name}' are too large: no more than {room / 1e6:.3g} MB fit. Take fewer.")
    return found


def _entry(entry: ZipInfo, archive: ZipFile) -> Query:
    query = Query(Path(entry.filename), entry, archive)
    problem = None
    if not _is_clip(entry.filename):
        problem = f"'{query.name}' is an archive inside an archive. Unpack it first."
    elif entry.file_size > STANDARD.size:
        problem = f"'{query.name}' has more than {STANDARD.size / 1e6:.0f} MB. Trim the clip or save it smaller."
    return Query(query.path, problem=problem) if problem else query


def true_action(path: Path, actions: list[str]) -> str | None:
    """The action that a clip's folder is named after, or that its own name begins with; None where neither is ours."""
    named = spoken(path).casefold()
    for action in sorted(actions, key=len, reverse=True):  # "kick then punch" before "kick"
        told = action.casefold()
        if spoken(path.parent).casefold() == told or named == told or named.startswith(told + " "):
            return action
    return None


def confused(answers: list[Answer], actions: list[str]) -> dict[str, dict[str, int]]:
    """{true action: {answer: how often}}, for the actions whose truth is known of some answered query."""
    counts = Counter((a.truth, a.prediction.label) for a in answers if a.truth and a.prediction)
    truths = [action for action in actions if any(truth == action for truth, _ in counts)]
    return {truth: {action: counts[truth, action] for action in actions} for truth in truths}


def summary(answers: list[Answer]) -> str:
    """One sentence: how many were answered, and how many right."""
    answered = [a for a in answers if a.prediction]
    known = [a for a in answered if a.truth]
    said = f"{len(answered)} of {len(answers)} queries answered"
    if known:
        right = sum(a.right for a in known)
        said += f"; {right} of the {len(known)} whose action is known are right ({100 * right / len(known):.0f} %)"
    return said + "."


def _is_clip(name: str) -> bool:
    path = Path(name)
    return path.suffix.lower() in CLIP_SUFFIXES and not path.name.startswith(".") and "__MACOSX" not in path.parts
