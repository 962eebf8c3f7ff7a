"""A real server in a process of its own, on a free port, with a folder for temporary files of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path

import crowd
import httpx
import psutil

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds that a start may take on a busy machine


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """`python app.py` with these words; `with` waits until it answers, and ends it."""

    def __init__(
        self, folder: Path, *words: str, environment=None, cwd=ROOT, temporary=None, health="127.0.0.1", threads=1
    ):
        """threads: that the network computes with."""
        self.folder, self.port = folder, free_port()
        self.temporary = temporary or folder / "temporary"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"server-{self.port}.log"
        own = {"OMP_NUM_THREADS": str(threads), "TMPDIR": str(self.temporary)}
        base = os.environ | {"GRADIO_TEMP_DIR": ""} if environment is None else environment
        command = [sys.executable, str(ROOT / "app.py"), "--device", "cpu", "--port", str(self.port), *words]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=cwd, env={**base, **own}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.address = f"http://{health}:{self.port}"

    def __enter__(self) -> "Server":
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"The server ended by itself: {self.text}")
            try:
                if "The page is at" in self.text and self.get("/health").json()["ready"]:
                    return self
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.2)
        raise RuntimeError(f"The server does not answer: {self.text}")

    def __exit__(self, *error) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    @property
    def text(self) -> str:
        """What the server has written, to both streams."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str, **options) -> httpx.Response:
        return httpx.get(self.address + path, timeout=60, **options)

    def post(self, path: str, **options) -> httpx.Response:
        return httpx.post(self.address + path, timeout=60, **options)

    def upload(self, *files: tuple[str, bytes], **options) -> httpx.Response:
        return self.post("/gradio_api/upload", files=[("files", file) for file in files], **options)

    def ask(self, name: str, *inputs, session: str | None = None) -> str:
        """Ask a function through the queue: the stream of its messages, up to its end."""
        joined = self.post(f"/gradio_api/call/{name}", json={"data": inputs, "session_hash": session})
        joined.raise_for_status()
        return httpx.get(f"{self.address}/gradio_api/call/{name}/{joined.json()['event_id']}", timeout=240).text

    event = crowd.Server.event
    api = crowd.Server.api

    @cached_property
    def config(self) -> dict:
        return self.get("/config").json()

    def stop(self, number: int) -> tuple[float, int]:
        """Send a signal: after how many seconds the process ended, and with which status."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(60)
        return time.monotonic() - began, code

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


def uploaded(path: str) -> dict:
    """A file as a request names it."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}}
