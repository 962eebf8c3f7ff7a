"""Many queries at once: answers, a confusion matrix where the truth is known, and a report to keep."""

import zipfile
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

from d2st.data.folders import CLIP_SUFFIXES
from d2st.demo.html import page
from d2st.demo.workspace import spoken
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


def unpacked(files: list[str], folder) -> list[str]:
    """The files, and in place of a .zip the clips in it, unpacked into `folder` with their folders.

    Raises `D2STError` for an archive that is damaged or too large.
    """
    clips = []
    for number, file in enumerate(files):
        if not str(file).lower().endswith(".zip"):
            clips.append(file)
            continue
        try:
            with zipfile.ZipFile(file) as archive:
                wanted = [
                    e
                    for e in archive.infolist()
                    if Path(e.filename).suffix.lower() in CLIP_SUFFIXES
                    and not Path(e.filename).name.startswith(".")
                    and "__MACOSX" not in e.filename
                ]
                if sum(entry.file_size for entry in wanted) > LARGEST:
                    raise D2STError(
                        f"'{Path(file).name}' holds more than {LARGEST / 1e9:.0f} GB of clips. Take fewer at once."
                    )
                clips += sorted(archive.extract(entry, Path(folder, str(number))) for entry in wanted)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):  # damaged, encrypted, packed in a rare way
            raise D2STError(f"'{Path(file).name}' cannot be unpacked. Pack it again as a plain .zip.") from None
    return clips


def summary(answers: list[Answer]) -> str:
    """One sentence: how many were answered, and how many right."""
    answered = [a for a in answers if a.prediction]
    known = [a for a in answered if a.truth]
    said = f"{len(answered)} of {len(answers)} queries answered"
    if known:
        right = sum(a.right for a in known)
        said += f"; {right} of the {len(known)} whose action is known are right ({100 * right / len(known):.0f} %)"
    return said + "."


def table(answers: list[Answer]) -> str:
    rows = []
    for a in answers:
        truth = escape(a.truth or "")
        if a.problem:
            rows.append(
                f'<tr><th scope="row">{escape(a.name)}</th><td>{truth}</td>'
                f'<td colspan="4">{escape(a.problem)}</td></tr>'
            )
            continue
        p = a.prediction
        verdict = "" if a.truth is None else "right" if a.right else "wrong"
        doubt = "" if p.matches else " (nothing matches well)"
        rows.append(
            f'<tr><th scope="row">{page.strip(p.query, 40)}{escape(a.name)}</th><td>{truth}</td>'
            f"<td>{escape(p.label)}{doubt}</td><td>{verdict}</td>"
            f"<td>{100 * p.shares[p.label]:.0f}&#8239;%</td><td>{p.margin:.2f}</td></tr>"
        )
    return (
        '<div class="wide"><table class="batch"><thead><tr>'
        '<th scope="col">Query</th><th scope="col">Its action</th><th scope="col">Answer</th>'
        '<th scope="col">Right?</th><th scope="col">Share</th><th scope="col">Margin</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def confusion(answers: list[Answer], actions: list[str]) -> str:
    """How often each action was taken for each; empty where no query's action is known."""
    counts = Counter((a.truth, a.prediction.label) for a in answers if a.truth and a.prediction)
    truths = [action for action in actions if any(truth == action for truth, _ in counts)]
    if not truths:
        return ""
    head = "".join(f'<th scope="col">{escape(action)}</th>' for action in actions)
    rows = []
    for truth in truths:
        total = sum(counts[truth, action] for action in actions)
        cells = "".join(
            f'<td style="--share:{counts[truth, action] / total:.2f}"{" class=best" if action == truth else ""}>'
            f"{counts[truth, action] or '·'}</td>"
            for action in actions
        )
        rows.append(f'<tr><th scope="row">{escape(truth)}</th>{cells}</tr>')
    return (
        '<div class="wide"><table class="what-if confusion">'
        "<caption>Rows: the true action. Columns: the answer.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def report(answers: list[Answer], recognizer: Recognizer) -> str:
    """All of it as one HTML page that needs no other file."""
    model = recognizer.model
    support = ", ".join(f"{action} ({len(clips)})" for action, clips in recognizer.support.items())
    matching = recognizer.matching + (", centred" if recognizer.centre else "")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Few-shot answers</title><style>{_STYLE}</style></head><body>
<h1>Few-shot answers</h1>
<p>{escape(summary(answers))}</p>
<p>Model: {escape(model.name)}, {escape(model.about)}. Matching: {matching}. \
Actions (with their shots): {escape(support)}.</p>
{confusion(answers, list(recognizer.support))}
{table(answers)}
</body></html>"""


_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1e2430; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; } \
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #d5d9e2; }
td[style] { background: rgb(79 70 229 / calc(var(--share) * 45%)); text-align: right; } .best { font-weight: bold; }
img { display: block; max-width: 340px; height: auto; } caption { text-align: left; color: #5b6474; }"""
