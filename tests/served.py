"""The page on a free port, in this process, with what surrounds it on a server."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from starlette.middleware import Middleware

from d2st.demo import layout
from d2st.demo.guard import HANDLERS, Guard, Names
from d2st.demo.owners import Owners


def in_thread(function, *inputs):
    """Call a function where no event loop runs: once a browser was driven in this thread, its own does here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *inputs).result()


@contextmanager
def served_page(model, assistants: bool = False) -> Iterator[str]:
    """The address of a model's page while it is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = layout.build(model)
    guard = Middleware(Guard, Names(), 200, lambda word: None)
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        mcp_server=assistants,
        app_kwargs=dict(middleware=[guard, Middleware(Owners)], exception_handlers=HANDLERS),
        **layout.LAUNCH,
    )
    try:
        yield address.rstrip("/")
    finally:
        page.close()
