"""Many queries at once: answers, and how many of them are right where the truth is known."""

import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from d2st.data.folders import CLIP_SUFFIXES, spoken
from d2st.errors import D2STError
from d2st.recognizer import Prediction, Recognizer

LARGEST = 2_000_000_000  # bytes of an archive's clips


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


def unpacked(files: list[str], folder) -> list[str]:
    """The files, and in place of a .zip the clips in it, unpacked into `folder` with their folders.

    Raises `D2STError` for an archive that is damaged or too large.
    """
    clips: list[str] = []
    for number, file in enumerate(files):
        if str(file).lower().endswith(".zip"):
            clips += _unpack(file, Path(folder, str(number)))
        else:
            clips.append(file)
    return clips


def _unpack(file, folder: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = [entry for entry in archive.infolist() if _is_clip(entry.filename)]
            if sum(entry.file_size for entry in wanted) > LARGEST:
                raise D2STError(
                    f"'{Path(file).name}' holds more than {LARGEST / 1e9:.0f} GB of clips. Take fewer at once."
                )
            return sorted(archive.extract(entry, folder) for entry in wanted)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):  # damaged, encrypted, packed in a rare way
        raise D2STError(f"'{Path(file).name}' cannot be unpacked. Pack it again as a plain .zip.") from None


def _is_clip(name: str) -> bool:
    path = Path(name)
    return path.suffix.lower() in CLIP_SUFFIXES and not path.name.startswith(".") and "__MACOSX" not in path.parts
