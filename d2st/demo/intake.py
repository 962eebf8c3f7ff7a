"""A support set at once: what a heap of files was understood as, mended by a person, then read."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from d2st.data.folders import alike
from d2st.data.guesses import guessed
from d2st.demo import many, storage
from d2st.demo.handed import NO_CLIP, File, HandedClip, handed_over, shortened
from d2st.demo.limits import VisitLimits
from d2st.demo.many import Answer
from d2st.demo.support_set import clips_counted
from d2st.demo.turns import Stopped
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.video.files import looks_like_a_clip, passed_over

MOST_FILES = 2_000  # that a browser may name
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


@dataclass(frozen=True)
class Taken:
    """What became of a plan."""

    summary: str  # a sentence without its full stop
    bad: int  # examples that were not taken
    said: list[str]  # of these, and of others what a person should know
    answers: list[Answer] = field(default_factory=list)  # to its queries, where there are several


class Named(BaseModel):
    """A file as a browser names it: what its owner calls it, and where it was uploaded, if it was."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    path: Annotated[str, Field(max_length=4096)] | None = None


class Mended(BaseModel):
    """A row as a person mended it."""

    model_config = ConfigDict(frozen=True)

    role: Role
    action: Annotated[str, Field(max_length=1000)] = ""


_FILES: TypeAdapter[list[Named]] = TypeAdapter(Annotated[list[Named], Field(max_length=MOST_FILES)])
_ROWS: TypeAdapter[list[Mended]] = TypeAdapter(Annotated[list[Mended], Field(max_length=MOST_FILES)])


def named_files(text: str) -> list[Named]:
    """The files that a browser names, as JSON. Raises `D2STError` for what are none."""
    try:
        return _FILES.validate_json(text)
    except ValidationError:
        raise D2STError(f"The page sent no list of files, or more than {MOST_FILES:,}. Take fewer at once.") from None


def session_among(files: Sequence[Named]) -> str | None:
    """Where a saved session was uploaded, if it is the only file."""
    return files[0].path if len(files) == 1 and files[0].name.lower().endswith(SESSION) else None


def understood(files: Sequence[Named], known: Iterable[str], limits: VisitLimits) -> Plan:
    """What files are taken for: actions by the names of folders and files, `known` ones as these are spelt.

    Nothing is read but archives' lists and first bytes. Raises `D2STError` where no file is a clip, or they are
    more or larger than the limits allow.
    """
    sent = [File(Path(file.path), Path(file.name)) for file in files if file.path]
    limits.check_files([str(file.place) for file in sent], limits.clips + limits.queries_at_once, "files")
    with ExitStack() as open_archives:
        good, skipped = _clips_among(sent, limits, open_archives)
    paths = [path for path, _ in good]
    skipped += [(file.name, NOT_SENT) for file in files if not file.path and not _litter(PurePosixPath(file.name))]
    if not paths:
        why = f" {skipped[0][1]}" if len(skipped) == 1 and skipped[0][1].endswith(".") else ""
        raise D2STError(f"{_none_of(len(files))} a clip.{why} {WHAT_TO_DROP}")
    spelt = {alike(action): action for action in known}
    rows = [
        Row(
            path,
            Role.QUERY if guess.query else Role.EXAMPLE,
            spelt.get(alike(guess.action), " ".join(guess.action.replace("_", " ").split())[: limits.letters]),
        )
        for path, guess in zip(paths, guessed(paths), strict=True)
    ]
    return Plan(sent, rows, skipped)


def mended(plan: Plan, text: str) -> Plan:
    """A plan as a person mended it: JSON, a role and an action for each row. Raises `D2STError` for what is none."""
    try:
        said = _ROWS.validate_json(text)
    except ValidationError:
        said = []
    if len(said) != len(plan.rows):
        raise D2STError("The table is not whole. Drop the files again.")
    rows = [
        replace(row, role=each.role, action=" ".join(each.action.split()))
        for row, each in zip(plan.rows, said, strict=True)
    ]
    return replace(plan, rows=rows)


def check(plan: Plan, workspace: Workspace) -> None:
    """Raise `D2STError` where a plan cannot be followed: an example without an action, or no room for all."""
    limits, support = workspace.limits, workspace.recognizer.support
    examples = [row for row in plan.rows if row.role is Role.EXAMPLE]
    nameless = [row for row in examples if not row.action]
    if nameless:
        raise D2STError(f"{_are(nameless)} no action. Type one, or choose another use in the table.")
    for action in {row.action: None for row in examples}:
        limits.check_action(action)
    actions = len({*map(alike, support), *(alike(row.action) for row in examples)})
    if actions > limits.actions:
        raise D2STError(f"These would be {actions} actions, and {limits.actions} is the most. Leave some out.")
    count = sum(map(len, support.values()))
    if count + len(examples) > limits.clips:
        here = f" beside the {count} that are here already" if count else ""
        raise D2STError(f"These are {len(examples)} examples, and {limits.clips - count} fit{here}. Leave some out.")
    queries = sum(row.role is Role.QUERY for row in plan.rows)
    if queries > limits.queries_at_once:
        raise D2STError(f"These are {queries} queries, and {limits.queries_at_once} is the most. Leave some out.")
    if not examples and not queries:
        raise D2STError("Every clip is left out. Choose a use for one.")


def take(workspace: Workspace, plan: Plan, progress: Callable[[Any], Any] = iter) -> Taken:
    """Read a plan's clips into a workspace, and answer its queries; `progress` wraps the clips, as tqdm does.

    A clip that cannot be read costs only itself. Raises `D2STError`, before any is read, as `check` does, and where
    the files are gone.
    """
    check(plan, workspace)
    with ExitStack() as open_archives:
        clips = [clip for _, clip in _clips_among(plan.files, workspace.limits, open_archives)[0]]
        if len(clips) != len(plan.rows):
            raise D2STError("The files of this table are not here any more. Drop them again.")
        examples = [(row.action, clip) for row, clip in zip(plan.rows, clips, strict=True) if row.role is Role.EXAMPLE]
        queries = [clip for row, clip in zip(plan.rows, clips, strict=True) if row.role is Role.QUERY]
        taken = _examples(workspace, examples, progress)
        return replace(taken, answers=_answers(workspace, queries, progress))


def _examples(workspace: Workspace, examples: list[tuple[str, HandedClip]], progress: Callable[[Any], Any]) -> Taken:
    before, added, said = workspace.arranged(), Counter[str](), dict[str, None]()
    try:
        for action, clip in progress(examples):
            action = next((each for each in workspace.recognizer.support if alike(each) == alike(action)), action)
            count = len(workspace.recognizer.support.get(action, []))
            said |= dict.fromkeys(_example(workspace, action, clip))
            added[action] += len(workspace.recognizer.support.get(action, [])) - count
    finally:
        actions = sum(count > 0 for count in added.values())
        summary = f"Added {clips_counted(added.total())} to {actions} action{'' if actions == 1 else 's'}"
        workspace.changed(summary, before)
    return Taken(summary, len(examples) - added.total(), list(said))


def _example(workspace: Workspace, action: str, clip: HandedClip) -> list[str]:
    """Read one → what there is to tell of it."""
    try:
        with clip.opened() as source:
            return workspace.add_one(action, source)
    except Stopped:
        raise
    except D2STError as error:
        return [str(error)]
    except OSError as error:
        return [f"'{clip.name}': {storage.sentence(error)}"]


def _answers(workspace: Workspace, queries: list[HandedClip], progress: Callable[[Any], Any]) -> list[Answer]:
    """The first that can be read is the workspace's query from now on; of several, each is answered."""
    asked = next((True for query in queries if _asked(workspace, query)), False)
    if not queries or (asked and len(queries) == 1):
        return []
    return many.answers_to(workspace.recognizer, progress(queries))


def _asked(workspace: Workspace, query: HandedClip) -> bool:
    try:
        with query.opened() as source:
            workspace.ask(str(query.place) if query.place else workspace.recognizer.read(source))
        return True
    except Stopped:
        raise
    except (D2STError, OSError):  # said where it is answered
        return False


def _clips_among(
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


def _are(rows: list[Row]) -> str:
    first = f"'{shortened(rows[0].path.name)}'"
    return f"{first} has" if len(rows) == 1 else f"{first} and {len(rows) - 1} more have"
