"""The ways in, as Gradio knows them: who calls, whether they still wait, and what they brought."""

import contextlib
import ipaddress
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.server_messages import EstimationMessage, ProcessStartsMessage
from gradio.utils import get_upload_folder

from d2st.demo.brought import uploaded
from d2st.demo.turns import Refused, Stopped, Turns
from d2st.demo.visitors import Visitors
from d2st.demo.workspace import Visit
from d2st.errors import D2STError


@dataclass(frozen=True)
class Caller:
    """Who an event comes from."""

    page: str  # what a page or a client's session calls itself; one for all others at an address
    address: str
    user: str = ""  # who is logged in


def caller() -> Caller:
    """Who the event that this thread answers comes from."""
    request, event = LocalContext.request.get(None), LocalContext.event_id.get(None)
    client = request.request.client if request and request.request else None
    address = network_of(client.host if client else "")
    session = request.session_hash if request else None
    if not session or session == event:  # Gradio calls a session that has no name by its event's
        return Caller(f"all others at {address}", address)
    return Caller(session, address, (request.username if request else None) or "")


async def caller_of_function() -> Caller:
    """As `caller`, for a function that a script calls past Gradio's queue: its request holds the page's name."""
    request: Any = LocalContext.request.get()
    sent = await request.json() if request.headers.get("content-type") == "application/json" else {}
    page, address = sent.get("session_hash"), network_of(request.client.host if request.client else "")
    return Caller(page or f"all others at {address}", address)


def network_of(address: str) -> str:
    """What a subscriber has: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address


def watch() -> Callable[[], bool]:
    """A function that tells whether somebody still waits for the event that this thread answers."""
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if not (blocks and event_id):
        return lambda: True

    def alive() -> bool:
        event = blocks._queue.event_ids_to_events.get(event_id)
        return event is not None and event.alive

    return alive


def teller() -> Callable[[int, int], None]:
    """A function that shows whoever waits for the event that this thread answers the place in line, as Gradio does."""
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if not (blocks and event_id):
        return lambda position, of: None
    queue = blocks._queue

    def tell(position: int, of: int) -> None:
        if event := queue.event_ids_to_events.get(event_id):
            place = EstimationMessage(rank=position - 1, queue_size=of) if position else ProcessStartsMessage()
            queue.send_message(event, place)

    return tell


def uploads(inputs: Iterable[Any]) -> set[str]:
    """The paths among an event's inputs."""
    folder = Path(get_upload_folder()).resolve()
    named = [each for value in inputs for each in (value if isinstance(value, list) else [value])]
    return {each for each in named if isinstance(each, str) and len(each) < 4096 and folder in Path(each).parents}


def check_uploads(files: Iterable[str]) -> None:
    """Raise `D2STError` where one of the files that a page has named was not uploaded here."""
    for each in files:
        uploaded(each)


class Entrance:
    """Where every event comes in: it is one of a visitor's requests, and answered in turn."""

    def __init__(self, turns: Turns, visitors: Visitors, arrived: Callable[[], None] = lambda: None):
        """arrived: is called with every event."""
        self.turns, self.visitors, self.arrived = turns, visitors, arrived

    @contextmanager
    def admitted(
        self, kind: str, inputs: Iterable[Any] = (), secret: str | None = None, who: Caller | None = None
    ) -> Iterator[Visit]:
        """What is done inside is a request of the caller's, on their visit. Raises as `Turns.admitted` does.

        secret: what a tab keeps, where a page arrives; who: the caller, where it is no event of Gradio's.
        """
        who, waits = who or caller(), watch()
        self.arrived()
        with (
            self.visitors.guest(who.page, who.address, uploads(inputs), secret, who.user) as guest,
            self.turns.admitted(guest.name, who.address, kind, lambda: waits() and not guest.gone, teller()),
        ):
            yield guest.visit

    def on_page(self, kind: str, method: Callable, quiet: bool = False, secret: str | None = None) -> Callable:
        """A function of a visit and an event's inputs, as a function of the inputs; where it is refused, a warning.

        quiet: no warning, since the event before has given one; secret: as for `admitted`.
        """

        def answer(*inputs):
            try:
                with self.admitted(kind, inputs, secret) as visit:
                    return method(visit, *inputs)
            except (Refused, Stopped) as error:
                if not quiet:
                    gr.Warning(str(error))
                return gr.skip()

        return answer

    def for_programs(self, kind: str, function: Callable) -> Callable:
        """A function of a visit and inputs, for programs, as a function of the inputs; what they did wrong, and why
        they are refused, they are told."""

        def answer(*inputs):
            with Saying(), self.admitted(kind, inputs) as visit:
                return function(visit, *inputs)

        return answer

    def leave(self) -> None:
        """The page that this event comes from was closed."""
        self.visitors.leave(caller().page)

    def forget(self) -> None:
        """Whoever this event comes from wants nothing of theirs to be kept."""
        self.visitors.forget(caller().page)


class Saying:
    """Turns our errors into Gradio's, whose message reaches the caller."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, D2STError):
            raise gr.Error(str(error), print_exception=False) from None


def forget(blocks: gr.Blocks) -> Callable[[Iterable[str]], None]:
    """A function that takes deleted files off Gradio's lists, which would grow for ever."""

    def forget_files(files: Iterable[str]) -> None:
        for known in blocks.temp_file_sets:
            with contextlib.suppress(RuntimeError):
                known.difference_update(files)

    return forget_files
