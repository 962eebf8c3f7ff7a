"""Turns: what stands between every way in (page, programs, assistants) and the network.

A request is admitted at its way in, or refused with a sentence. Once it runs, each clip that it reads and
each call of the network takes a turn of its own, so that a long request lets others in between. The
network itself asks for the turn (`SharedModel`), so there is no way around it. Knows no Gradio.
"""

import contextvars
import itertools
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from d2st.adapter import NOTHING, Ablation
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.lines import Line
from d2st.errors import D2STError
from d2st.models.model import Model, around
from d2st.trace import Encoding
from d2st.video.processes import MOST_PROCESSES, paying


@dataclass(frozen=True)
class Kind:
    """What a request costs."""

    seconds: float  # that it may take, waiting included
    turns: str = "one"  # how many it may take: "one", one for each of a "few" clips, or "many"; few of each run at once
    works: bool = True  # False where it asks for nothing that is not computed yet
    often: bool = False  # whether one comes after the other all the time: it gives way at each, and counts in no minute


KINDS = {
    "look": Kind(60, works=False),
    "ask": Kind(300),
    "live": Kind(10, often=True),
    "inspect": Kind(120),
    "add": Kind(600, "few"),
    "session": Kind(600, "few"),
    "predict": Kind(600, "few"),  # reads its examples too
    "what if": Kind(900, "many"),
    "compare": Kind(900, "many"),
    "many": Kind(1800, "many"),
    "scan": Kind(1800, "many"),
}
HOUSE = Kind(float("inf"))  # what the server computes for everybody
MINUTE = 60  # seconds
COMPUTED, READ = "Your requests have used the network for", "Reading your clips has used the processor for"


class Refused(D2STError):
    """A request that was not admitted."""


class Stopped(D2STError):
    """A request that may not go on."""


@dataclass(eq=False)
class Request:
    """Something that a visitor asked for, from its admission to its end."""

    visitor: str
    address: str
    name: str
    kind: Kind
    alive: Callable[[], bool] = lambda: True  # whether somebody still waits for it
    tell: Callable[[int, int], None] = lambda position, of: None  # its place in a line, for who waits; 0 after it
    number: int = field(default_factory=itertools.count().__next__)
    began: float = field(default_factory=time.monotonic)
    reading: float = 0  # seconds of processor time for its clips so far
    told: bool = False  # whether its place was told

    @property
    def names(self) -> tuple[str, str]:
        return f"address {self.address}", self.visitor

    def go_on(self, position: int = 0, of: int = 0) -> None:
        if not self.alive():
            raise Stopped("Nobody waits for this any more.")
        if time.monotonic() - self.began > self.kind.seconds:
            raise Stopped(
                f"This took longer than {self.kind.seconds:.0f} s, and was stopped. Ask for less at once, or later."
            )
        if position:
            self.told = True
            self.tell(position, of)

    def is_in(self) -> None:
        if self.told:
            self.told = False
            self.tell(0, 0)


_request: contextvars.ContextVar[Request | None] = contextvars.ContextVar("request", default=None)


def for_the_house(function: Callable, *inputs: Any) -> Any:
    """Call a function whose turns count for nobody, since everybody uses what it computes."""

    def call():
        _request.set(None)
        paying.set(None)
        return function(*inputs)

    return contextvars.copy_context().run(call)


class Turns:
    """Who may use the network and the readers of clips, and when."""

    def __init__(self, limits: VisitLimits = STANDARD, ended: Callable[[Request, float, str], None] | None = None):
        """ended: is told each request's end, its seconds and its outcome: "done", "failed", "stopped" or "refused"."""
        self.limits = limits
        self.ended = ended or (lambda request, seconds, outcome: None)
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.begun = Line(self._may_begin)
        self.device = Line(lambda request, inside: not inside)
        readers = max(1, min(MOST_PROCESSES, os.cpu_count() or 1))
        self.readers = Line(lambda request, inside: len(inside) < readers)
        self.last = time.monotonic()  # when the last request ended
        # One thread for the network: every thread that computes gets threads and memory of its own from its library.
        self._network = ThreadPoolExecutor(1, thread_name_prefix="network")
        self._spent: dict[tuple[str, str], deque[tuple[float, float]]] = {}

    @property
    def waiting(self) -> int:
        """Requests that wait for their beginning."""
        return len(self.begun.waiting)

    @property
    def running(self) -> int:
        return len(self.begun.inside)

    @contextmanager
    def admitted(self, visitor: str, address: str, name: str, alive=None, tell=None) -> Iterator[Request]:
        """What is done inside is a request of a visitor; it begins when the visitor's earlier ones have ended.

        name: its row in `KINDS`; alive: tells whether somebody still waits for the answer; tell: is told
        the place in line. Raises `Refused` where the visitor, the address or everybody has asked for too
        much, and `Stopped` where nobody waits any more or the time is up, here and in every turn.
        """
        request = Request(visitor, address, name, KINDS[name])
        request.alive, request.tell = alive or request.alive, tell or request.tell
        outcome = "refused"
        try:
            self._admit(request)
            outcome = "failed"
            with self.begun.place(request):
                tokens = _request.set(request), paying.set(Payer(self, request))
                try:
                    yield request
                finally:
                    _request.reset(tokens[0])
                    paying.reset(tokens[1])
            outcome = "done"
        except Stopped:
            outcome = "stopped"
            raise
        finally:
            with self.lock:
                if request in self.requests:
                    self.requests.remove(request)
                self.last = time.monotonic()
            self.ended(request, self.last - request.began, outcome)

    def _admit(self, request: Request) -> None:
        limits = self.limits
        with self.lock:
            for mine, most, whose in (
                (lambda other: other.names == request.names, limits.waiting_visitor, "Your requests"),
                (lambda other: other.address == request.address, limits.waiting_address, "Requests from your address"),
                (lambda other: True, limits.waiting, "Requests of all visitors"),
            ):
                if sum(map(mine, self.requests)) >= most:
                    raise Refused(f"{whose} are waiting already, {most} of them. Wait for an answer, then ask again.")
            if request.kind.works and not request.kind.often:
                self.refuse_spent(request, "turns", limits.turns_a_minute, COMPUTED)
                self.refuse_spent(request, "reading", limits.reading_a_minute, READ)
            self.requests.append(request)

    def _may_begin(self, request, inside) -> bool:
        """Beside those that run: a visitor's requests one after the other, of an address half of the places."""
        alike = [other for other in inside if other.kind.turns == request.kind.turns]
        neighbours = sum(other.address == request.address for other in alike)
        return (
            all(other.visitor != request.visitor for other in inside)  # nor from two addresses
            and len(alike) < self.limits.running
            and neighbours < max(1, self.limits.running // 2)
        )

    # What a visitor has used within a minute counts only while others are there.

    def refuse_spent(self, request: Request, what: str, most: float, sentence: str) -> None:
        """Raise `Refused` where a visitor used too much; `lock` is held."""
        if all(other.names == request.names for other in self.requests):
            return
        now = time.monotonic()
        spent = self._recent(request, what, now)
        total = sum(seconds for _, seconds in spent)
        if total >= most:
            wait = max(1, round(spent[0][0] + MINUTE - now))
            raise Refused(f"{sentence} {total:.0f} s within a minute, and others are waiting. Go on in {wait} s.")

    def _recent(self, request: Request, what: str, now: float) -> deque[tuple[float, float]]:
        spent = self._spent.setdefault((what, request.names[1]), deque())
        while spent and spent[0][0] < now - MINUTE:
            spent.popleft()
        return spent

    def spend(self, request: Request, what: str, seconds: float) -> None:
        with self.lock:
            now = time.monotonic()
            self._recent(request, what, now).append((now, seconds))
            if len(self._spent) > 1000:
                recent = {key: spent for key, spent in self._spent.items() if spent and spent[-1][0] > now - MINUTE}
                self._spent = recent

    # The network.

    def take(self, call: Callable[..., Any], *inputs: Any) -> Any:
        """Call the network in the next turn of whoever's request this is."""
        request = _request.get()
        with self.device.place(request or Request("", "", "house", HOUSE)):
            began = time.monotonic()
            try:
                return self._network.submit(contextvars.copy_context().run, call, *inputs).result()
            finally:
                if request and not request.kind.often:
                    self.spend(request, "turns", time.monotonic() - began)

    def counts(self) -> dict[str, int]:
        """How many requests run or wait, by kind."""
        with self.lock:
            return dict(Counter(request.name for request in self.requests))


@dataclass(frozen=True)
class Payer:
    """Who reads clips, and pays for the processor time that this takes."""

    turns: Turns
    request: Request

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Around the reading of a clip. Raises `D2STError` where the time that one has is used up."""
        limits = self.turns.limits
        if self.request.reading > limits.reading_seconds:
            raise D2STError(
                f"Reading the clips of this request took more than {limits.reading_seconds:.0f} s of processor time. "
                "Take fewer clips, or save them with fewer pixels."
            )
        with self.turns.lock:
            self.turns.refuse_spent(self.request, "reading", limits.reading_a_minute, READ)
        with self.turns.readers.place(self.request):
            yield

    def pay(self, seconds: float) -> None:
        self.request.reading += seconds
        self.turns.spend(self.request, "reading", seconds)


@dataclass(frozen=True)
class SharedModel(Model):
    """As the model that it is made of, but every call of its network takes a turn."""

    model: Any = None
    turns: Any = None

    def encode(self, frames, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        return self.turns.take(self.model.encode, frames, inspect, ablation)

    def stem(self, frames):
        return self.turns.take(self.model.stem, frames)

    def adapt(self, stem, inspect: bool = False, ablation: Ablation = NOTHING) -> Encoding:
        return self.turns.take(self.model.adapt, stem, inspect, ablation)


def shared(model: Model, turns: Turns) -> SharedModel:
    """The model, its network to be had by turns."""
    return around(SharedModel, model, model=model, turns=turns)
