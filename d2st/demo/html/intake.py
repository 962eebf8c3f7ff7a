"""A support set at once as HTML: where it comes in, what was understood, and what became of it."""

from html import escape
from pathlib import PurePosixPath

from d2st.demo.events import ForgetPlan, Undo
from d2st.demo.handed import shortened
from d2st.demo.html.pieces import button, local
from d2st.demo.html.report import answered
from d2st.demo.intake import Taken
from d2st.demo.limits import VisitLimits
from d2st.demo.plans import Plan, Role, Row
from d2st.video.files import CLIP_SUFFIXES

USES = {Role.EXAMPLE: "example", Role.QUERY: "query", Role.OUT: "left out"}


def ways_in(limits: VisitLimits) -> str:
    """Buttons for a whole set; what a browser needs to know of limits stands beside them, for js/intake.js."""
    folder = local("set-folder", "Folder", title="A folder that holds a folder of clips for each action")
    files = local("set-files", "Files, .zip", title="A .zip of such a folder, a saved session, or clips action_1.mp4 …")
    told = (
        f'data-suffixes="{" ".join(sorted(CLIP_SUFFIXES))} .zip .npz" data-megabytes="{limits.megabytes_at_once:g}" '
        f'data-files="{limits.clips + limits.queries_at_once}"'
    )
    return (
        f'<div class="row" id="whole-set" {told}><span class="quiet">A whole set</span>'
        f'<span class="together">{folder}{files}</span></div>'
        '<p class="said" id="sending-set" role="status" hidden></p>'
    )


def table(plan: Plan) -> str:
    """What was understood, an action at a time, in fields that can be mended; js/intake.js sends them."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(plan.rows, key=lambda row: list(Role).index(row.role)):
        groups.setdefault(_group(row), []).append(row)
    actions = [action for action in dict.fromkeys(row.action for row in plan.rows) if action]
    examples = sum(row.role is Role.EXAMPLE for row in plan.rows)
    queries = sum(row.role is Role.QUERY for row in plan.rows)
    summary = f"{_many(examples, 'example')} of {_many(len(_named(plan)), 'action')}" if examples else "No examples"
    summary += f", {_many(queries, 'query')}" if queries else ""
    numbers = {id(row): number for number, row in enumerate(plan.rows)}
    names = "".join(f'<option value="{escape(action)}"></option>' for action in actions)
    common = _common(plan.rows)
    body = "".join(_rows(title, rows, numbers, common) for title, rows in groups.items())
    return (
        '<form class="intake" aria-label="A whole set"><h2>What was understood</h2>'
        f"<p>{summary}. Mend what is wrong; nothing is read before you say so.</p>"
        f'<div class="wide" tabindex="0"><table><thead><tr><th scope="col">Clip</th><th scope="col">Use</th>'
        f'<th scope="col">Action</th></tr></thead>{body}</table></div><datalist id="set-actions">{names}</datalist>'
        f'{_skipped(plan)}<div class="row"><button type="submit" class="primary">Read these clips</button>'
        f"{button(ForgetPlan(), 'Cancel')}</div></form>"
    )


def _rows(title: str, rows: list[Row], numbers: dict[int, int], common: PurePosixPath) -> str:
    name = escape(title)
    label = f"Action of all clips of {name}"
    field = f'<input class="whole" value="{name}" maxlength="200" list="set-actions" aria-label="{label}">'
    field = field if title and rows[0].role is Role.EXAMPLE else ""
    head = f'<tr class="group"><th scope="rowgroup" colspan="2">{name or "No action yet"}</th><td>{field}</td></tr>'
    return f"<tbody>{head}{''.join(_row(row, numbers[id(row)], common) for row in rows)}</tbody>"


def _row(row: Row, number: int, common: PurePosixPath) -> str:
    name = escape(_short(row.path, common))
    uses = "".join(
        f'<option value="{role.value}"{" selected" if role is row.role else ""}>{text}</option>'
        for role, text in USES.items()
    )
    return (
        f'<tr data-row="{number}"><th scope="row" title="{escape(str(row.path))}">{name}</th>'
        f'<td><select name="role" aria-label="Use of {name}">{uses}</select></td>'
        f'<td><input name="action" value="{escape(row.action)}" maxlength="200" list="set-actions" '
        f'aria-label="Action of {name}"{"" if row.role is Role.EXAMPLE else " disabled"}></td></tr>'
    )


def _skipped(plan: Plan) -> str:
    if not plan.skipped:
        return ""
    listed = "".join(f"<li><b>{escape(shortened(name))}</b>: {escape(why)}</li>" for name, why in plan.skipped)
    count = len(plan.skipped)
    return f"<details><summary>{_many(count, 'file')} left aside</summary><ul>{listed}</ul></details>"


def taken(result: Taken, actions: list[str]) -> str:
    """What became of a plan."""
    lead = f"{result.summary}." + (f" {result.bad} of the clips could not be taken." if result.bad else "")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in result.said)
    answers = answered(result.answers, actions, opening=bool(result.queries)) if result.answers else ""
    return (
        f'<section class="intake" aria-label="A whole set"><p role="status"><strong>{escape(lead)}</strong> '
        f"{button(Undo(), 'Undo')} {button(ForgetPlan(), 'Close')}</p>"
        f"{f'<ul>{said}</ul>' if said else ''}{answers}</section>"
    )


def _group(row: Row) -> str:
    return {Role.QUERY: "Queries", Role.OUT: "Left out"}.get(row.role, row.action)


def _named(plan: Plan) -> set[str]:
    return {row.action for row in plan.rows if row.role is Role.EXAMPLE}


def _many(count: int, what: str) -> str:
    several = {"query": "queries"}.get(what, f"{what}s")
    return f"{count} {what if count == 1 else several}"


def _common(rows: list[Row]) -> PurePosixPath:
    """The folder that all clips lie in."""
    common = list(rows[0].path.parent.parts)
    for row in rows:
        pairs = list(zip(common, row.path.parent.parts, strict=False))
        common = common[: next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))]
    return PurePosixPath(*common)


def _short(path: PurePosixPath, common: PurePosixPath) -> str:
    rest = path.relative_to(common) if common.parts else path
    return "/".join([*rest.parts[:-1], shortened(rest.name)])
