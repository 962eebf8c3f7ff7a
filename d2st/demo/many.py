"""Many queries at once: answers, and how many of them are right where the truth is known."""

import tempfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from d2st.data.folders import alike
from d2st.errors import D2STError
from d2st.recognizer import Prediction, Recognizer
from d2st.video.files import has_clip_suffix, may_be_a_clip, passed_over, without_suffix

LARGEST = 2_000_000_000  # bytes of an archive's clips
UNPACKED = "unpacked archives"  # the folder that holds one for each archive: no name from here up is a label


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


def answer_all(recognizer: Recognizer, files: list[str], progress=iter) -> list[Answer]:
    """Answer every file. `progress` wraps the files, as tqdm does. A clip that cannot be read costs only itself."""
    answers = []
    for file in progress(files):
        path = Path(file)
        truth = true_action(path, list(recognizer.support))
        try:
            answers.append(Answer(path.name, truth, recognizer.predict(file)))
        except D2STError as error:
            answers.append(Answer(path.name, truth, problem=str(error)))
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


def unpacked(files: list[str], folder) -> list[str]:
    """The files, and in place of a .zip the clips in it, unpacked into `folder` with their folders.

    Raises `D2STError` for an archive that is damaged or too large.
    """
    clips: list[str] = []
    for number, file in enumerate(files):
        if str(file).lower().endswith(".zip"):
            clips += _unpack(file, Path(folder, UNPACKED, str(number)))
        else:
            clips.append(file)
    return clips


def _unpack(file, folder: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = [entry for entry in archive.infolist() if _is_clip(archive, entry)]
            if sum(entry.file_size for entry in wanted) > LARGEST:
                raise D2STError(
                    f"'{Path(file).name}' holds more than {LARGEST / 1e9:.0f} GB of clips. Take fewer at once."
                )
            return sorted(archive.extract(entry, folder) for entry in wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        # damaged, encrypted, packed in a rare way
        raise D2STError(f"'{Path(file).name}' cannot be unpacked. Pack it again as a plain .zip.") from None


def _is_clip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    *folders, name = Path(entry.filename).parts or ("",)
    if entry.is_dir() or any(map(passed_over, (*folders, name))):
        return False
    if has_clip_suffix(name):
        return True
    with archive.open(entry) as file:
        return may_be_a_clip(name, file.read(1024))
