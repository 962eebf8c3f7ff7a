"""What happens while a visitor's camera films: each picture asks, a stretch becomes a clip. Knows no Gradio."""

import base64
import binascii
import time
from typing import Any

from d2st.demo import bringing, events
from d2st.demo.html import live as html
from d2st.demo.living import Live
from d2st.demo.looking import Changed, attempted
from d2st.demo.reel import FAULT
from d2st.demo.workspace import Visit
from d2st.errors import D2STError
from d2st.video import Clip

NOT_HERE = "Live has ended here, and its pictures are gone. Start it again."


def watch(visit: Visit, data: Any) -> str:
    """A picture came, or the camera is left → what js/live.js is told."""

    def act() -> Changed:
        match events.parse(data):
            case events.WatchCamera() as event:
                return {"live": seen(visit, event)}
            case events.LeaveCamera(run):
                visit.ended, visit.live = run, None
        return {"live": ""}

    return attempted(act, lambda sentence: {"live": html.problem(data, sentence)})["live"]


def seen(visit: Visit, event: events.WatchCamera) -> str:
    workspace, live, began = visit.workspace, visit.live, time.monotonic()
    if event.run == visit.ended:
        return ""  # it was on its way when Live ended
    if live is None or event.run != live.run:
        live = visit.live = Live(workspace.recognizer.model, event.run)
    elif event.at <= live.latest:
        return ""  # it came late, and one after it is answered
    try:
        picture = base64.b64decode(event.picture, validate=True)
    except binascii.Error:
        raise D2STError(FAULT) from None
    live.see(picture, event.at, (event.height, event.width))
    answer = live.answer(workspace.recognizer, event.seconds)
    return html.answered(event, answer, workspace, time.monotonic() - began)


def take(visit: Visit, event: Any) -> Changed | None:
    """Do what is done with a stretch of what the camera saw; None where the event is none of these, or asks."""
    match event:
        case events.AskStretch(start, end):
            visit.workspace.ask(stretch(visit, start, end))
            assert visit.live  # else there is no stretch
            visit.ended, visit.live = visit.live.run, None
        case events.AddStretch(action, start, end):
            clip = stretch(visit, start, end)
            added, said = visit.workspace.add(action, [clip])
            if not added:
                raise D2STError(*said)
            return bringing.undoable(f"{end - start:.1f} s of the camera are an example of '{action.strip()}' now")
    return None


def stretch(visit: Visit, start: float, end: float) -> Clip:
    if not visit.live:
        raise D2STError(NOT_HERE)
    return visit.live.reel.clip(start, end, visit.workspace.recognizer.model.frames)
