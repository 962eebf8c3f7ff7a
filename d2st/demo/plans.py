"""What a heap of files was understood as, for a person to mend before anything of it is computed."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from d2st.data.folders import alike
from d2st.data.guesses import guessed
from d2st.demo.handed import NO_CLIP, File, HandedClip, handed_over
from d2st.demo.limits import VisitLimits
from d2st.errors import D2STError
from d2st.video.files import looks_like_a_clip, passed_over

SESSION = ".npz"
NOT_SENT = "no clip, by its name"
WHAT_TO_DROP = (
    "Drop a folder with a folder of clips for each action, a .zip of such folders, a saved session, or clips called "
    "action_1.mp4, action_2.mp4 and so on."
)


class Role(StrEnum):
    """What a clip is used for."""

    EXAMPLE = "example"
    QUERY = "query"
    OUT = "out"


@dataclass(frozen=True)
class Row:
    """A clip as it was understood, or as a person mended it."""

    path: PurePosixPath  # as it is called, with its folders
    role: Role
    action: str = ""  # of an example


@dataclass(frozen=True)
class Plan:
    """What was understood of some files; nothing of it is computed yet."""

    files: list[File]
    rows: list[Row] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)  # names, and why


def session_among(files: Sequence[File]) -> Path | None:
    """Where a saved session lies, if it is the only file."""
    return files[0].place if len(files) == 1 and files[0].path.suffix.lower() == SESSION else None


def understood(files: list[File], others: Sequence[str], known: Iterable[str], limits: VisitLimits) -> Plan:
    """What files are taken for: actions by the names of folders and files, `known` ones as these are spelt.

    others: names of what was not sent. Nothing is read but archives' lists and first bytes. Raises `D2STError` where
    no file is a clip, or they are more or larger than the limits allow.
    """
    limits.check_files([str(file.place) for file in files], limits.clips + limits.queries_at_once, "files")
    with ExitStack() as open_archives:
        good, skipped = clips_among(files, limits, open_archives)
    paths = [path for path, _ in good]
    skipped += [(name, NOT_SENT) for name in others if not _litter(PurePosixPath(name))]
    if not paths:
        why = f" {skipped[0][1]}" if len(skipped) == 1 and skipped[0][1].endswith(".") else ""
        raise D2STError(f"{_none_of(len(files) + len(others))} a clip.{why} {WHAT_TO_DROP}")
    spelt = {alike(action): action for action in known}
    rows = [
        Row(
            path,
            Role.QUERY if guess.query else Role.EXAMPLE,
            spelt.get(alike(guess.action), " ".join(guess.action.replace("_", " ").split())[: limits.letters]),
        )
        for path, guess in zip(paths, guessed(paths), strict=True)
    ]
    return Plan(files, rows, skipped)


def mended(plan: Plan, roles: Sequence[str], actions: Sequence[str]) -> Plan:
    """A plan as a person mended it: a role and an action for each row. Raises `D2STError` where they are not."""
    known = {role.value for role in Role}
    if len(roles) != len(plan.rows) or len(actions) != len(plan.rows) or not known.issuperset(roles):
        raise D2STError("The table is not whole. Drop the files again.")
    rows = [
        replace(row, role=Role(role), action=" ".join(action.split()))
        for row, role, action in zip(plan.rows, roles, actions, strict=True)
    ]
    return replace(plan, rows=rows)


def clips_among(
    files: list[File], limits: VisitLimits, open_archives: ExitStack
) -> tuple[list[tuple[PurePosixPath, HandedClip]], list[tuple[str, str]]]:
    """The clips with the names that they are shown by, and the names of what is none with a reason."""
    handed = handed_over(files, limits.megabytes_at_once, open_archives)
    good, skipped = [], []
    for clip in handed.clips:
        path = _called(clip)
        if clip.problem:
            skipped.append((str(path), clip.problem))
        elif clip.place is None or looks_like_a_clip(clip.place):
            good.append((path, clip))
        elif not _litter(path):
            skipped.append((str(path), NO_CLIP))
    return good, skipped + [(str(_called(other)), NO_CLIP) for other in handed.others]


def _called(clip: HandedClip) -> PurePosixPath:
    """What a clip is called: an entry of an archive as if this were a folder."""
    if clip.inside is None:
        return PurePosixPath(*clip.path.parts)
    archive = clip.inside.path
    return PurePosixPath(*archive.parent.parts, archive.stem, *clip.path.parts[2:])


def _litter(path: PurePosixPath) -> bool:
    return any(map(passed_over, path.parts))


def _none_of(count: int) -> str:
    return "This file is not" if count == 1 else f"None of these {count} files is"
