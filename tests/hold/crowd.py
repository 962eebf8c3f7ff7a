"""Visitors and programs at a real server, as plain HTTP."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
from small import EXAMPLES

PEOPLE = EXAMPLES / "people"
API = "/gradio_api"


class Server:
    """A server in a process of its own, its temporary files in a folder of their own."""

    def __init__(self, folder: Path, **limits):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder, self.lock = folder, threading.Lock()
        environment = os.environ | {"TMPDIR": str(folder), "OMP_NUM_THREADS": "1", "GRADIO_TEMP_DIR": ""}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("serve.py")), str(port), json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "log.txt").open("w"),
            text=True,
            env=environment,
        )
        self.address = f"http://127.0.0.1:{port}"
        assert self._line() == "ready", self.log()
        self.config = httpx.get(f"{self.address}/config").json()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    def state(self) -> dict:
        with self.lock:
            assert self.process.stdin
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            return json.loads(self._line())

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def event(self, element: str, trigger: str) -> int:
        """The number of the page's event that a component's trigger starts."""
        [component] = [c["id"] for c in self.config["components"] if c["props"].get("elem_id") == element]
        return next(d["id"] for d in self.config["dependencies"] if [component, trigger] in d["targets"])

    def api(self, name: str) -> int:
        return next(d["id"] for d in self.config["dependencies"] if d["api_name"] == name)


@contextmanager
def served(**limits):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), **limits)
        try:
            yield server
        finally:
            server.stop()


class Visitor:
    """A page or a program: a session of its own."""

    def __init__(self, server: Server, session: str | None = None, address: str | None = None):
        """address: of this machine's own, 127.0.0.1 to 127.255.255.254, that the visitor comes from."""
        self.server = server
        self.session = session or secrets.token_hex(8)
        self.shown: dict[int, object] = {}  # what each of the page's components shows
        there = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(base_url=server.address, timeout=300, transport=there)

    def upload(self, path: Path, name: str | None = None) -> dict:
        with path.open("rb") as file:
            [there] = self.http.post(f"{API}/upload", files={"files": (name or path.name, file)}).json()
        return {"path": there, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def join(self, event: int, data: list, event_data=None, trigger: int | None = None) -> httpx.Response:
        body = {"fn_index": event, "data": data, "session_hash": self.session, "event_data": event_data}
        return self.http.post(f"{API}/queue/join", json=body | {"trigger_id": trigger})

    def messages(self):
        """What the server sends to this session, until nothing more is on its way."""
        with self.http.stream("GET", f"{API}/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line[6:])

    def do(self, event: int, data: list, event_data=None) -> tuple[dict, list[dict]]:
        """An event and its end → what came out, and all messages before."""
        joined = self.join(event, data, event_data)
        assert joined.status_code == 200, joined.text
        before: list[dict] = []
        for message in self.messages():
            if message["msg"] == "process_completed" and message["event_id"] == joined.json()["event_id"]:
                return message, before
            before.append(message)
        raise AssertionError("no end")

    def call(self, name: str, *data) -> dict:
        """A function for programs → its message of completion."""
        return self.do(self.server.api(name), list(data))[0]

    def press(self, **data) -> str:
        """A button of the page, or files dropped on it → all that the page shows then, as one text."""
        event = self.server.event("wire", "click")
        message, before = self.do(event, ["bi-mhm", True], data)
        assert message["success"], message
        parts = next(each["outputs"] for each in self.server.config["dependencies"] if each["id"] == event)
        for part, value in zip(parts, message["output"]["data"], strict=True):
            if not stays(value):
                self.shown[part] = value
        return json.dumps([*(self.shown.get(part) for part in parts), before], ensure_ascii=False)

    def add(self, action: str, *clips: dict) -> str:
        return self.press(do="add", action=action, files=[clip["path"] for clip in clips])

    def ask(self, clip: dict) -> str:
        return self.press(do="ask", files=[clip["path"]])


def stays(value) -> bool:
    """Whether a part is to stay as it was: an update that names nothing, as Gradio sends it for a part or for all."""
    return isinstance(value, dict) and value.get("__type__") == "update" and not value.keys() - {"__type__", "props"}


def examples_of(visitor: Visitor, actions=("jump", "kick")) -> tuple[list[dict], list[str]]:
    return [visitor.upload(PEOPLE / "support" / action / "1.mp4") for action in actions], list(actions)
