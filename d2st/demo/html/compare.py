"""The same query under other adapters and matchings, as a table."""

from html import escape

from d2st.demo.events import ShowAdapters
from d2st.demo.html.pieces import button
from d2st.demo.html.saving import savable
from d2st.demo.workspace import Workspace
from d2st.explain import numbers
from d2st.explain.compare import OWN, Answer, Row, ways
from d2st.matching import MATCHINGS

LONGEST = 160  # letters of what a checkpoint says of itself
CENTRED = {False: "as is", True: "centred"}


def table(workspace: Workspace) -> str:
    """A row for each contender, with a button that shows it on the stage, and a column for each matching."""
    matchings = "".join(f'<th scope="colgroup" colspan="2">{escape(row.title)}</th>' for row in MATCHINGS.values())
    centrings = "".join(f'<th scope="col">{CENTRED[centred]}</th>' for _, centred in ways())
    rows = "".join(_row(row, workspace) for row in workspace.compared)
    shown = (
        f'<p role="status">{summary(workspace)}</p><div class="wide" tabindex="0"><table class="compare">'
        f'<thead><tr><th scope="col" rowspan="2">Adapters</th>{matchings}</tr><tr>{centrings}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    query = workspace.query
    return savable(shown, numbers.of_comparison(query, workspace.compared)) if query else shown


def summary(workspace: Workspace) -> str:
    """How many answers differ from the page's, in a sentence or two."""
    found, recognizer = workspace.prediction, workspace.recognizer
    answers = [answer for row in workspace.compared for answer in row.answers]
    other = sum(answer.differs for answer in answers)
    matching = MATCHINGS[recognizer.matching].title + (", centred" if recognizer.centre else "")
    said = f"{other} of {len(answers)} answers differ from it; they are marked ≠." if other else "All others agree."
    return f"The page's answer is “{escape(found.label if found else '')}” ({escape(matching)}, framed below). {said}"


def _row(row: Row, workspace: Workspace) -> str:
    contender, seen = row.contender, workspace.seen_by.contender.name if workspace.seen_by else OWN
    shown = button(
        ShowAdapters(contender.name),
        escape(contender.title),
        aria_pressed=str(contender.name == seen).lower(),
        title="Show on the stage where these adapters read",
    )
    own = "; the page's own" if contender.name == OWN else ""
    recognizer = workspace.recognizer
    cells = "".join(
        _cell(a, contender.name == OWN and (a.matching, a.centre) == (recognizer.matching, recognizer.centre))
        for a in row.answers
    )
    about = contender.model.described
    about = about if len(about) <= LONGEST else about[: LONGEST - 1] + "…"
    return f'<tr><th scope="row">{shown}<small class="quiet">{escape(about)}{own}</small></th>{cells}</tr>'


def _cell(answer: Answer, now: bool) -> str:
    found = answer.prediction
    if found is None:
        return f'<td title="{escape(answer.problem)}">no answer</td>'
    kinds = " ".join(["differs"] * answer.differs + ["now"] * now)
    mark = '<span aria-label="differs">≠</span> ' if answer.differs else ""
    share = f"{100 * found.shares[found.label]:.0f}&#8239;%"
    return f'<td class="{kinds}">{mark}{escape(found.label)}<small class="quiet">{share}</small></td>'
