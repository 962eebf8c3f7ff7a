"""Starts the page: for app.py and for `d2st demo`. Nothing slow is imported before the port is known to be free."""

import argparse
import os
import sys

MOST_LOOKS = 8  # more would make a clip's page and its session large


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
    parser.add_argument(
        "--looks",
        type=looks,
        metavar="N",
        help="see a long clip in so many parts at most; 1 is the paper's way (default: the model's, 4 for {model})",
    )


def looks(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_LOOKS:
        raise argparse.ArgumentTypeError(f"{number} is no number of looks: 1 to {MOST_LOOKS}")
    return number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the page can be told when it starts."""
    add_model_arguments(parser)
    # A Space says by Gradio's own variables where its page is expected.
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help="address to listen at; 0.0.0.0 or ::: all (default: %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port to listen at (default: %(default)s)")
    parser.add_argument("--mcp", action="store_true", help="offer the page's functions to assistants, as MCP tools")
    parser.add_argument("--share", action="store_true", help="a public address, through Gradio's servers")
    parser.add_argument("--root-path", metavar="PATH", help="where a proxy shows the page, such as /d2st")
    parser.add_argument(
        "--allowed-host",
        action="append",
        metavar="NAME",
        help="serve under this name only, or *.name, or *; may be repeated (default: any; on this machine, its own)",
    )
    parser.add_argument(
        "--allowed-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site such as https://example.org whose pages may ask this one; may be repeated (default: none)",
    )
    parser.add_argument("--auth", metavar="FILE", help="let only these in: a line user:password for each person")
    parser.add_argument(
        "--limits", metavar="FILE", help="what visitors may ask for: YAML or JSON, see docs/operations.md"
    )
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="one of them, such as clips=100; may be repeated",
    )
    parser.add_argument("--log-format", choices=("plain", "json"), default="plain", help="(default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Start the page and serve it until it is stopped; 2 where it cannot start."""
    from d2st.demo import logs, server, storage
    from d2st.errors import D2STError

    host = arguments.host.strip("[]")
    try:
        server.check_free(host, arguments.port)  # better to know before the model is loaded
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports go up to 65535"
        return stop(f"Cannot listen at {host}, port {arguments.port}: {why}. Choose another with --port.")
    try:
        with (
            logs.written(arguments.log_format),
            server.listening_to_signals() as asked,
            storage.own_folder() as folder,
        ):
            serve(arguments, host, asked, folder)
            return 0
    except D2STError as error:
        return stop(error)
    except ImportError as error:
        library = any(name in str(error) for name in ("libGL", "libgthread", "libglib"))
        remedy = "what OpenCV needs: apt install libgl1 libglib2.0-0" if library else "the requirements again"
        return stop(f"{error}. Install {remedy}.")


def serve(arguments: argparse.Namespace, host: str, asked, folder) -> None:
    if ":" in os.environ.get("GRADIO_SERVER_NAME", ""):
        del os.environ["GRADIO_SERVER_NAME"]  # Gradio tries this name for a port with IPv4 alone
    from d2st import video
    from d2st.models.memory import keep_freed_memory, leave_what_is_loaded, look_for_garbage_rarely

    look_for_garbage_rarely()
    video.warm_up()  # the processes that decode clips start while torch and Gradio are loaded
    from d2st.demo import layout, server
    from d2st.demo.device import lender
    from d2st.demo.monitor import Monitor
    from d2st.demo.surroundings import launching, limits_of
    from d2st.models.zoo import load_model

    limits = limits_of(arguments.limits, arguments.limit, os.environ)
    monitor = Monitor()
    options = launching(arguments, host, limits.megabytes_at_once, monitor)
    keep_freed_memory()
    lender()  # before the model asks for a CUDA device
    adapter = None if arguments.adapter == "none" else arguments.adapter
    model = load_model(arguments.model, adapter, arguments.backbone_weights, arguments.device, arguments.looks)
    house = layout.build_house(model, limits=limits)
    house.turns.ended, monitor.busy = monitor.ended, house.turns
    house.handlers.warm_up()  # the first visitor finds an answer
    leave_what_is_loaded()
    server.serve(house.page, asked, folder, lambda: house.turns.running, **options, **layout.LAUNCH)


def stop(error) -> int:
    print(f"error: {error}", file=sys.stderr)
    return 2
