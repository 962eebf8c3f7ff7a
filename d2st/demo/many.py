"""Many queries at once: answers, and how many of them are right where the truth is known."""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from d2st.data.folders import alike
from d2st.demo import storage
from d2st.demo.handed import UNPACKED, File, HandedClip, handed_over
from d2st.demo.kept import kept
from d2st.demo.limits import STANDARD as LIMITS
from d2st.demo.limits import VisitLimits
from d2st.errors import D2STError
from d2st.recognizer import Prediction, Recognizer
from d2st.video import Clip, read_ahead
from d2st.video.files import without_suffix


@dataclass(frozen=True)
class Answer:
    """What became of one query: a prediction, or a sentence that says why there is none."""

    name: str
    truth: str | None  # by its folder or name, where that is one of ours
    prediction: Prediction | None = None
    problem: str | None = None

    @property
    def right(self) -> bool:
        return bool(self.prediction and self.truth and alike(self.prediction.label) == alike(self.truth))


def answer_all(recognizer: Recognizer, files: list[str], progress=iter, limits: VisitLimits = LIMITS) -> list[Answer]:
    """Answer every file, and every clip in a .zip. `progress` wraps them, as tqdm does.

    A file, an entry or an archive that cannot be read costs only itself. Raises `D2STError`, before any
    is read, where there are more than the limits allow.
    """
    with ExitStack() as open_archives:
        limits.check_files(files, limits.queries_at_once, "queries")
        asked = _asked(files, limits, open_archives)
        limits.check_files(asked, limits.queries_at_once, "queries")
        return answers_to(recognizer, asked, progress)


def again(recognizer: Recognizer, files: Sequence[str], index: int, limits: VisitLimits = LIMITS) -> str | Clip:
    """A query of those that `answer_all` has answered, by its number: its file, or the clip in an archive.

    Raises `D2STError` where it is gone, or cannot be read.
    """
    with ExitStack() as open_archives:
        asked = _asked(files, limits, open_archives) if all(Path(file).exists() for file in files) else []
        if index >= len(asked):
            raise D2STError("That query is gone. Drop the clips once more and answer them again.")
        with asked[index].opened() as clip:
            return clip if isinstance(clip, str) else recognizer.read(clip, preview=True)


def _asked(files: Sequence[str], limits: VisitLimits, open_archives: ExitStack) -> list[HandedClip]:
    return handed_over([File.at(file) for file in files], limits.megabytes_at_once, open_archives).clips


def answers_to(recognizer: Recognizer, queries: Sequence[HandedClip], progress=iter) -> list[Answer]:
    """Answer clips that were handed over; one that cannot be read costs only itself. `progress` wraps them."""
    answers = []

    def read(query: HandedClip) -> Clip:
        with query.opened() as clip:
            return recognizer.read(clip)

    for query, clip in read_ahead(read, queries, progress):
        truth = true_action(query.path, list(recognizer.support))
        try:
            found = recognizer.predict(clip())
            small = replace(found, query=kept(found.query))  # a tenth of the memory
            answers.append(Answer(query.name, truth, small))
        except D2STError as error:
            answers.append(Answer(query.name, truth, problem=str(error)))
        except OSError as error:
            answers.append(Answer(query.name, truth, problem=storage.sentence(error)))
    return answers


def true_action(path: Path, actions: list[str]) -> str | None:
    """The action that a clip's folder is named after, or that its own name begins with; None where neither is ours.

    Names are compared as `alike` has them. In an archive every folder above the clip counts, the nearest first;
    the folder that it was unpacked into is ours, and is no label.
    """
    folders = _folders(path)
    named = alike(without_suffix(path.name))
    ours = sorted(actions, key=lambda action: len(alike(action)), reverse=True)  # "kick then punch" before "kick"
    told = {alike(action): action for action in reversed(ours)}
    for folder in folders:
        if alike(folder) in told:
            return told[alike(folder)]
    return next((action for action in ours if _begins(named, alike(action))), None)


def _folders(path: Path) -> list[str]:
    """The names of the folders that may tell a clip's action, the nearest first."""
    above = path.parts[:-1]
    if UNPACKED in above:
        inside = len(above) - above[::-1].index(UNPACKED) + 1
        return list(reversed(above[inside:]))
    return [] if str(path.parent) == tempfile.gettempdir() else list(above[-1:])


def _begins(name: str, action: str) -> bool:
    """Whether a clip's name is an action's, or goes on with another word or a number: not `kicking` for `kick`."""
    rest = name.removeprefix(action)
    if rest == name and name != action:
        return False
    return not rest or not (unicodedata.category(rest[0])[0] in "LM" or (rest[0].isdigit() and action[-1:].isdigit()))


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
