"""Whose an upload is: its address serves the browser that brought it, and nobody else.

A browser is known by a cookie. One that takes none, as in a frame of another site, and a program are not:
what they bring is found by whoever knows its address, which holds a secret of the server's and cannot be guessed.
"""

import json
import secrets
import threading
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from gradio.utils import get_upload_folder
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from d2st.demo.guard import API, SAID, UPLOAD

COOKIE = "d2st_browser"
FILE = f"{API}/file"
REMEMBERED = 100_000  # uploads; of older ones, the files are gone


class Owners:
    """An ASGI application around Gradio's."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.lock = threading.Lock()
        self.owners: dict[Path, set[str]] = {}  # cookies of those who brought a file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, browser = scope["path"], known_browser(scope)
        if path.startswith(FILE) and not self.may_see(file_of(path), browser):
            await JSONResponse({"detail": SAID[403]}, 403)(scope, receive, send)
        elif path.rstrip("/") == UPLOAD and browser:
            await self.upload(browser, scope, receive, send)
        elif path == "/" and not browser:
            await self.app(scope, receive, named(send, scope))
        else:
            await self.app(scope, receive, send)

    def may_see(self, file: Path, browser: str | None) -> bool:
        owners = self.owners.get(file)
        return not owners or browser in owners

    async def upload(self, browser: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Note whose the files are, before the browser learns where they are."""
        body = b""

        async def noting(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    self.note(browser, paths_in(body))
            await send(message)

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, noting)

    def note(self, browser: str, files: Iterable[Path]) -> None:
        with self.lock:
            for file in files:
                # Of what several brought, each may see it; one without a cookie may then not.
                self.owners.setdefault(file, set()).add(browser)
            while len(self.owners) > REMEMBERED:
                del self.owners[next(iter(self.owners))]


def known_browser(scope: Scope) -> str | None:
    try:
        cookie = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def named(send: Send, scope: Scope) -> Send:
    """`send`, giving the browser a name that nobody else knows."""

    async def naming(message: Message) -> None:
        if message["type"] == "http.response.start":
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax{secure}"
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return naming


def file_of(path: str) -> Path:
    """The file that an address names: /gradio_api/file=PATH, or the older /gradio_api/file/PATH."""
    return Path(get_upload_folder(), path[len(FILE) + 1 :]).resolve()


def paths_in(body: bytes) -> list[Path]:
    """The files that Gradio says it has taken."""
    try:
        said = json.loads(body)
    except ValueError:
        return []
    return [Path(file).resolve() for file in said if isinstance(file, str)] if isinstance(said, list) else []
