"""Starts the page: for app.py and for `d2st demo`. Nothing slow is imported before the port is known to be free."""

import argparse
import os
import socket
import sys


class Parser(argparse.ArgumentParser):
    """Its help may name models and matchings by their rows, which take seconds to load: only when it is shown."""

    def format_help(self) -> str:
        for action in self._actions:
            if action.help and "{" in action.help:
                action.help = from_rows(action.help)
        return super().format_help()


def from_rows(text: str) -> str:
    from d2st.matching import DEFAULT as MATCHING
    from d2st.matching import MATCHINGS
    from d2st.models.zoo import DEFAULT, MODELS

    return text.format(models=", ".join(MODELS), model=DEFAULT, matchings=", ".join(MATCHINGS), matching=MATCHING)


def say_in_any_code_page() -> None:
    """What a console's code page cannot show is shown as its number from now on, and stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, with which adapters, on which device: what every command that loads one can be told."""
    parser.add_argument(
        "--model",
        help="{models}, or timm/NAME for any CNN or ViT of timm's (default: the checkpoint's, else {model})",
    )
    parser.add_argument(
        "--adapter",
        "--checkpoint",
        default="default",
        metavar="FILE",
        help="a checkpoint, 'untrained', or 'none' for the frozen backbone; by default the one that comes along",
    )
    parser.add_argument("--backbone-weights", metavar="FILE", help="read the backbone's weights here, download nothing")
    parser.add_argument("--device", default="auto", help="auto (default), cuda, mps or cpu")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the page can be told when it starts."""
    add_model_arguments(parser)
    # A Space says by Gradio's own variables where its page is expected.
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help="address to listen at; 0.0.0.0: all (default: %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port to listen at (default: %(default)s)")
    parser.add_argument("--mcp", action="store_true", help="offer the page's functions to assistants, as MCP tools")
    parser.add_argument("--share", action="store_true", help="a public address, through Gradio's servers")


def run(arguments: argparse.Namespace) -> int:
    """Start the page and serve it until it is stopped; 2 where it cannot start."""
    try:
        with socket.create_server((arguments.host, arguments.port)):
            pass  # free: better to know before the model is loaded
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports go up to 65535"
        return stop(f"Cannot listen at {arguments.host}, port {arguments.port}: {why}. Choose another with --port.")
    try:
        from starlette.middleware import Middleware

        from d2st.demo import layout
        from d2st.demo.device import lender
        from d2st.demo.owners import Owners
        from d2st.errors import D2STError
        from d2st.models.memory import keep_freed_memory
        from d2st.models.zoo import load_model
    except ImportError as error:
        library = any(name in str(error) for name in ("libGL", "libgthread", "libglib"))
        remedy = "what OpenCV needs: apt install libgl1 libglib2.0-0" if library else "the requirements again"
        return stop(f"{error}. Install {remedy}.")
    keep_freed_memory()
    lender()  # before the model asks for a CUDA device
    try:
        adapter = None if arguments.adapter == "none" else arguments.adapter
        model = load_model(arguments.model, adapter, arguments.backbone_weights, arguments.device)
        page = layout.build(model)
    except D2STError as error:
        return stop(error)
    page.launch(
        server_name=arguments.host,
        server_port=arguments.port,
        share=arguments.share,
        mcp_server=arguments.mcp,
        app_kwargs=dict(middleware=[Middleware(Owners)]),
        **layout.LAUNCH,
    )
    return 0


def stop(error) -> int:
    print(f"error: {error}", file=sys.stderr)
    return 2
