"""Answers to many queries as HTML: a table, a confusion matrix, and both as a page to keep."""

from html import escape

from d2st.demo.events import OpenAnswer
from d2st.demo.html.pieces import button, strip
from d2st.demo.html.saving import savable
from d2st.demo.many import Answer, confused, summary
from d2st.explain.numbers import Numbers, Value
from d2st.matching import MATCHINGS
from d2st.recognizer import Recognizer


def answered(answers: list[Answer], actions: list[str], opening: bool = True) -> str:
    """What the page shows: a row a query, which opens in the stage where its file stays."""
    shown = f"<p>{escape(summary(answers))}</p>{confusion(answers, actions)}{table(answers, opening)}"
    return savable(shown, numbers(answers, actions))


def numbers(answers: list[Answer], actions: list[str]) -> Numbers:
    """A row for each query: its answer, and the score of each action."""
    columns = ["query", "its action", "answer", "right", "share", "margin", "matches", "problem"]
    rows: list[list[Value]] = []
    for a in answers:
        p, right = a.prediction, a.right if a.truth and a.prediction else None
        said = [p.label, right, p.shares[p.label], p.margin, p.matches] if p else [None] * 5
        scores = [p.scores[action] if p else None for action in actions]
        rows.append([a.name, a.truth, *said, a.problem, *scores])
    return Numbers("many-queries", [*columns, *(f"score of {action}" for action in actions)], rows)


def table(answers: list[Answer], opening: bool = False) -> str:
    """opening: with a button in each row that opens it in the stage, which is there on the page alone."""
    rows = []
    for index, a in enumerate(answers):
        truth = escape(a.truth or "")
        if a.prediction is None:
            rows.append(
                f'<tr><th scope="row">{escape(a.name)}</th><td>{truth}</td>'
                f'<td colspan="4">{escape(a.problem or "")}</td></tr>'
            )
            continue
        p = a.prediction
        verdict = "" if a.truth is None else "right" if a.right else "wrong"
        doubt = "" if p.matches else " (nothing matches well)"
        label = f"Open {a.name} in the stage"
        name = (
            button(OpenAnswer(index), escape(a.name), aria_label=label, data_to="#middle")
            if opening
            else escape(a.name)
        )
        rows.append(
            f'<tr><th scope="row">{strip(p.query, 40)}{name}</th><td>{truth}</td>'
            f"<td>{escape(p.label)}{doubt}</td><td>{verdict}</td>"
            f"<td>{100 * p.shares[p.label]:.0f}&#8239;%</td><td>{p.margin:.2f}</td></tr>"
        )
    return (
        '<div class="wide" tabindex="0"><table class="batch"><thead><tr>'
        '<th scope="col">Query</th><th scope="col">Its action</th><th scope="col">Answer</th>'
        '<th scope="col">Right?</th><th scope="col">Share</th><th scope="col">Margin</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def confusion(answers: list[Answer], actions: list[str]) -> str:
    """How often each action was taken for each; empty where no query's action is known."""
    counts = confused(answers, actions)
    if not counts:
        return ""
    head = "".join(f'<th scope="col">{escape(action)}</th>' for action in actions)
    rows = []
    for truth, taken in counts.items():
        total = sum(taken.values())
        cells = "".join(
            f'<td style="--share:{count / total:.2f}"{" class=best" if action == truth else ""}>{count or "·"}</td>'
            for action, count in taken.items()
        )
        rows.append(f'<tr><th scope="row">{escape(truth)}</th>{cells}</tr>')
    return (
        '<div class="wide" tabindex="0"><table class="what-if confusion">'
        "<caption>Rows: the true action. Columns: the answer.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def report(answers: list[Answer], recognizer: Recognizer) -> str:
    """All of it as one HTML page that needs no other file."""
    model = recognizer.model
    support = ", ".join(f"{action} ({len(clips)})" for action, clips in recognizer.support.items())
    matching = MATCHINGS[recognizer.matching].title + (", centred" if recognizer.centre else "")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Few-shot answers</title><style>{_STYLE}</style></head><body>
<h1>Few-shot answers</h1>
<p>{escape(summary(answers))}</p>
<p>Model: {escape(model.name)}, {escape(model.described)}. Matching: {escape(matching)}. \
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
