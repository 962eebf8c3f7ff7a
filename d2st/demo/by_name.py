"""Examples of a program's whose actions stand in their names: folders in a .zip, or files called kick_1.mp4."""

from dataclasses import replace
from pathlib import Path

from d2st.demo import intake
from d2st.demo.handed import File
from d2st.demo.limits import VisitLimits
from d2st.demo.plans import Plan, Role, understood
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.recognizer import Recognizer


def fill_by_name(recognizer: Recognizer, files: list[str], limits: VisitLimits) -> None:
    """Add the clips of some files, .zips among them, to a recognizer, each to the action that its name tells.

    Raises `D2STError` where a name tells none, a clip cannot be read, or they are more than the limits allow.
    """
    plan = examples_of(understood([File(Path(each), Path(Path(each).name)) for each in files], (), (), limits))
    nameless = [row.path.name for row in plan.rows if row.role is Role.EXAMPLE and not row.action]
    if nameless:
        raise D2STError(
            f"No folder and no name tells what '{nameless[0]}' shows. Give the action of each example, call clips "
            "kick_1.mp4 and so on, or pack a folder of them for each action as a .zip."
        )
    taken = intake.take(Workspace(recognizer, limits=limits), plan)
    if taken.bad:
        raise D2STError(taken.said[0])


def examples_of(plan: Plan) -> Plan:
    """A plan without its queries: a program names those apart."""
    rows = [replace(row, role=Role.OUT) if row.role is Role.QUERY else row for row in plan.rows]
    return replace(plan, rows=rows)
