"""What surrounds the page on a server, from the arguments that it was started with: names, accounts, watch, limits."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from starlette.middleware import Middleware

from d2st.demo.accounts import read_accounts
from d2st.demo.guard import ANY, HANDLERS, LOOPBACK, Guard, Names
from d2st.demo.limits import VisitLimits
from d2st.demo.monitor import Monitor
from d2st.demo.owners import Owners
from d2st.demo.server import in_address
from d2st.errors import D2STError


def launching(arguments: argparse.Namespace, host: str, megabytes: float, monitor: Monitor) -> dict[str, Any]:
    """What Gradio is told when the page starts, besides what is so for every page."""
    hosts = served_names(arguments.allowed_host, host, arguments.share)
    guard = Middleware(Guard, Names(hosts, arguments.allowed_origin), megabytes, monitor.count_refused)
    return dict(
        server_name=in_address(host),
        server_port=arguments.port,
        share=arguments.share,
        mcp_server=arguments.mcp,
        root_path=arguments.root_path,
        auth=read_accounts(arguments.auth).allow if arguments.auth else None,
        app_kwargs=dict(middleware=[guard, Middleware(Owners)], routes=monitor.routes(), exception_handlers=HANDLERS),
    )


def served_names(allowed: Sequence[str] | None, host: str, share: bool) -> Sequence[str]:
    """The hosts to serve under: what was allowed; else any, but on this machine alone only its own.

    A page that only this machine should see is else shown to any site whose name leads here.
    """
    if allowed:
        return [*allowed, host]
    return (host,) if host in LOOPBACK and not share else (ANY,)


PREFIX = "D2ST_LIMIT_"  # of environment variables


def limits_of(file: str | None, settings: Sequence[str], environment: Mapping[str, str]) -> VisitLimits:
    """The limits that a server is told: in a file, by variables such as D2ST_LIMIT_CLIPS, by settings NAME=NUMBER.

    A later one of these counts more. Raises `D2STError` for what is no limit.
    """
    given = dict(read_limits(file)) if file else {}
    given |= {name[len(PREFIX) :].lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not (name and equals and value):
            raise D2STError(f"'{setting}' sets no limit. After --limit, write NAME=NUMBER, such as clips=100.")
        given[name.strip()] = value
    return VisitLimits.of(given)


def read_limits(file: str) -> Mapping[str, Any]:
    """The limits in a YAML or JSON file, by name. `D2STError` where it cannot be read or holds others."""
    try:
        said = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise D2STError(f"The limits in '{file}' cannot be read: {error.strerror}.") from None
    except (UnicodeError, yaml.YAMLError):
        raise D2STError(f"'{file}' is neither YAML nor JSON. Write a line NAME: NUMBER for each limit.") from None
    if not isinstance(said or {}, dict):
        raise D2STError(f"'{file}' holds no limits. Write a line NAME: NUMBER for each limit.")
    return {str(name): value for name, value in (said or {}).items()}
