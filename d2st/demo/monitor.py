"""What whoever runs the server can ask: /health and /metrics, numbers that hold nothing of visitors."""

import logging
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from d2st.demo import logs

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)  # upper edges of the times that are told apart
log = logging.getLogger(__name__)


class Busy(Protocol):
    """Who knows how many requests wait and run."""

    @property
    def waiting(self) -> int: ...

    @property
    def running(self) -> int: ...


class Monitor:
    """Counts what happens on one server."""

    def __init__(self) -> None:
        self.busy: Busy | None = None  # once there is a page
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "d2st_requests", "Visitors' requests that have ended", ["kind", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "d2st_request_seconds", "Seconds from a request's coming to its end", ["kind"], buckets=SECONDS,
            registry=self.registry, 
        )  # fmt: skip
        self.refused = Counter(
            "d2st_refused", "HTTP requests that did not come in, or failed", ["why"], registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Now(self))

    def ended(self, request: Any, seconds: float, outcome: str) -> None:
        """A request has ended: it has a `number`, and the `name` of its `kind`. Of those that come often, only what
        went wrong is written down."""
        self.requests.labels(request.name, outcome).inc()
        self.seconds.labels(request.name).observe(seconds)
        if request.kind.often and outcome in ("done", "refused"):
            return
        logs.event(
            log, "request", number=request.number, kind=request.name, milliseconds=round(1000 * seconds),
            outcome=outcome,
        )  # fmt: skip

    def count_refused(self, why: str) -> None:
        self.refused.labels(why).inc()

    def routes(self) -> list[Route]:
        return [Route("/health", self.health), Route("/metrics", self.metrics)]

    async def health(self, request: Request) -> Response:
        """Whether events are answered, how many wait, and what the processes of this server hold."""
        ready = self.busy is not None
        said = {
            "ready": ready,
            "waiting": self.busy.waiting if self.busy else 0,
            "running": self.busy.running if self.busy else 0,
            "memory_bytes": memory(),
            "version": own_version(),
        }
        return JSONResponse(said, 200 if ready else 503, {"Cache-Control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Now(Collector):
    """What is so at the moment that it is asked for."""

    def __init__(self, monitor: Monitor):
        self.monitor = monitor

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("d2st", "The program", {"version": own_version()})
        busy = self.monitor.busy
        for name, about, value in (
            ("waiting", "Requests that wait for their beginning", busy.waiting if busy else 0),
            ("running", "Requests that have begun", busy.running if busy else 0),
            ("memory_bytes", "Memory of the server and its decoding processes", memory()),
        ):
            yield GaugeMetricFamily(f"d2st_{name}", about, value)


def memory() -> int:
    """Bytes that this process and those that it started hold."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total


def own_version() -> str:
    try:
        return version("d2st-adapter")
    except PackageNotFoundError:  # a checkout
        return "checkout"
