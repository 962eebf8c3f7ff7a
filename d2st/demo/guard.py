"""What every request passes before Gradio sees it, and what every answer passes on its way out.

Hosts and origins that are not ours are refused, bodies are bounded, a few of Gradio's addresses are closed,
and what fails is a sentence to the caller and one line in the log.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from d2st.demo import faults, logs, looking, storage

API = "/gradio_api"
UPLOAD = f"{API}/upload"
OPEN_TO_ALL = ("/health", "/metrics")  # hold nothing of visitors; who asks may call this machine anything
# What nobody needs here: one fetches any address for anybody, the others write files that no visit takes along,
# or print what a caller says.
NOT_WANTED = ("file=http:", "file=https:", "proxy=", "deep_link", "custom_component/", "run-history/")
CLOSED = tuple(f"{API}/{path}" for path in NOT_WANTED)
NAMED = f"{API}/call/v2/"  # takes a function's values by their names, which Gradio looks up without a net
LARGEST_QUESTION = 4_000_000  # bytes of a request that is no upload
LARGEST_CALL = 300_000_000  # of an assistant's, which brings clips along as text
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANY = "*"

HOST = "This page is not served under that name. Whoever runs it can allow the name with --allowed-host."
ORIGIN = "Another site has sent this request. Whoever runs this page can allow that site with --allowed-origin."
NOT_HERE = "There is nothing at this address. Look at /gradio_api/info for what programs can ask."
NO_FUNCTION = "There is no such function here. Look at /gradio_api/info for what programs can ask."
QUEUE = "Functions are asked in turn: send this to /gradio_api/call/NAME, and fetch /gradio_api/call/NAME/EVENT."
SAID = {
    400: "This request cannot be understood.",
    401: "Log in first.",
    403: "This file is not served here.",
    404: NOT_HERE,
    405: "This address does not take such requests.",
    413: "This is too large.",
    503: "There are too many requests just now. Try again in a while.",
}
log = logging.getLogger(__name__)


class TooLarge(Exception):
    """A body that is longer than it may be."""


@dataclass(frozen=True)
class Names:
    """Under which hosts the page is served, and which other sites' pages may ask it; `ANY` stands for all."""

    hosts: Sequence[str] = (ANY,)
    origins: Sequence[str] = ()

    def serve(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        return ANY in self.hosts or name in LOOPBACK or any(_matches(name, each) for each in self.hosts)

    def trust(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may ask; one of the same host may, whatever a proxy made of the port."""
        if ANY in self.origins or origin.rstrip("/") in [each.rstrip("/") for each in self.origins]:
            return True
        asking, asked = urlsplit(origin), urlsplit(f"//{host}")
        same_port = asked.port is None or (asking.port or _PORTS.get(asking.scheme)) == asked.port
        return bool(asking.hostname) and asking.hostname == asked.hostname and same_port


_PORTS = {"http": 80, "https": 443}


def _matches(name: str, allowed: str) -> bool:
    allowed = allowed.strip("[]").lower()
    return name.endswith(allowed[1:]) if allowed.startswith("*.") else name == allowed


class Guard:
    """The ASGI application around Gradio's."""

    def __init__(self, app: ASGIApp, names: Names, megabytes: float, counted: Callable[[str], None]):
        """megabytes: of an upload, at most; counted: is told why a request was refused, in a word."""
        self.app, self.names, self.megabytes, self.counted = app, names, megabytes, counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal:
            await answer(scope, *refusal)(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, bounded(receive, self.most(scope["path"])), watched)
        except (Exception, ClientDisconnect) as error:
            delete_unfinished(error)
            if started and isinstance(error.__cause__, HTTPException):  # Gradio has told it in the stream
                await send({"type": "http.response.body"})
                return
            status, sentence = self.told(error, scope)
            if not started and not isinstance(error, ClientDisconnect):
                await answer(scope, status, sentence)(scope, receive, send)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request does not come in: the status and the sentence."""
        headers, path = Headers(scope=scope), scope["path"]
        host, origin = headers.get("host", ""), headers.get("origin")
        why: tuple[str, int, str] | None = None
        with suppress(ValueError):  # a port that is none
            if path not in OPEN_TO_ALL and not self.names.serve(host):
                why = "host", 400, HOST
            elif origin is not None and not self.names.trust(origin, host):
                why = "origin", 403, ORIGIN
            elif path.startswith(CLOSED):
                why = "closed", 404, NOT_HERE
            elif int(headers.get("content-length") or 0) > self.most(path):
                why = "size", 413, self.too_large(path)
            else:
                return None
        word, status, sentence = why or ("header", 400, SAID[400])
        self.counted(word)
        logs.event(log, "refused", logging.WARNING, why=word, status=status)
        return status, sentence

    def most(self, path: str) -> float:
        """Bytes that a request may bring along."""
        if path.startswith(UPLOAD):
            return self.megabytes * 1e6
        return LARGEST_CALL if path.startswith(f"{API}/mcp") else LARGEST_QUESTION

    def too_large(self, path: str) -> str:
        return f"This is too large: {self.most(path) / 1e6:g} MB at once is the most. Send less."

    def told(self, error: BaseException, scope: Scope) -> tuple[int, str]:
        """The status and the sentence for an error; what is not the caller's is written down."""
        path = scope["path"]
        if isinstance(error, ClientDisconnect):
            self.counted("left")
            return 400, SAID[400]
        if isinstance(error, TooLarge):
            self.counted("size")
            logs.event(log, "refused", logging.WARNING, why="size", status=413)
            return 413, self.too_large(path)
        if isinstance(error, FnIndexInferError) or (isinstance(error, KeyError) and path.startswith(API)):
            self.counted("function")
            logs.event(log, "refused", logging.WARNING, why="function", status=404)
            return 404, NO_FUNCTION
        if isinstance(error, TypeError) and path.startswith(NAMED):
            self.counted("form")
            logs.event(log, "refused", logging.WARNING, why="form", status=422)
            return 422, faults.UNFIT
        self.counted("fault")
        if isinstance(error, OSError):
            full = storage.sentence(error) == storage.FULL
            logs.event(log, "a file could not be written or read", logging.ERROR, error=logs.places(error))
            return 507 if full else 500, storage.sentence(error)
        logs.event(log, "a fault", logging.ERROR, error=logs.places(error))
        return 500, looking.UNEXPECTED


def bounded(receive: Receive, most: float) -> Receive:
    """`receive`, raising `TooLarge` as soon as a body is longer than it may be."""
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b"") if message["type"] == "http.request" else b"")
        if size > most:
            raise TooLarge
        return message

    return counting


def delete_unfinished(error: BaseException) -> None:
    """Delete what Gradio's parser of uploads leaves behind where anything but an error of its own ends it."""
    for file in _unfinished(error):
        with suppress(OSError):
            file.close()
            Path(file.name).unlink(missing_ok=True)


def _unfinished(error: BaseException) -> Iterator:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield from getattr(frame.f_locals.get("self"), "_files_to_close_on_error", ())


def answer(scope: Scope, status: int, sentence: str) -> Response:
    """A sentence as JSON; as it stands where the page shows an upload's answer to its visitor."""
    if scope["path"].startswith(UPLOAD):
        return PlainTextResponse(sentence, status)
    return JSONResponse({"error": sentence, "detail": sentence}, status)


async def told_of_status(request: Request, error: Exception) -> Response:
    """What Gradio refuses by a status, with a sentence beside what its own clients look for."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, TooLarge):
        raise error.__cause__
    sentence = SAID.get(error.status_code, faults.UNFIT)
    if error.status_code == 404 and request.url.path.startswith((f"{API}/run/", f"{API}/api/")):
        sentence = QUEUE
    said = {"detail": error.detail, "error": sentence}
    return JSONResponse(said, error.status_code, error.headers)


async def told_of_form(request: Request, error: Exception) -> Response:
    """A request whose body is not of the form that it must have; what it held is not repeated."""
    assert isinstance(error, RequestValidationError)
    said = [{"loc": [str(each) for each in problem["loc"]], "msg": problem["msg"]} for problem in error.errors()]
    return JSONResponse({"detail": said[:5], "error": faults.UNFIT}, 422)


HANDLERS = {HTTPException: told_of_status, RequestValidationError: told_of_form}
