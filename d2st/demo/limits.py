"""What strangers may ask of a server: one row a limit, each with its default and what it bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from d2st.errors import D2STError


def _limit(default: float, about: str) -> Any:
    return field(default=default, metadata={"help": about})


@dataclass(frozen=True)
class VisitLimits:
    """Every limit; a field's metadata say in `help` what it bounds."""

    actions: int = _limit(50, "actions in a workspace")
    clips: int = _limit(200, "examples in a workspace")
    letters: int = _limit(60, "letters of an action's name")
    clips_at_once: int = _limit(60, "clips in a request")
    queries_at_once: int = _limit(500, "queries in a request for many")
    megabytes_at_once: float = _limit(1000, "megabytes of all files in a request")
    film_seconds: float = _limit(600, "seconds that a long file lasts")
    reading_seconds: float = _limit(120, "seconds of processor time that reading may take in a request")
    reading_a_minute: float = _limit(30, "seconds of processor time for a visitor's clips in a minute, if others wait")
    turns_a_minute: float = _limit(30, "seconds of the network for a visitor in a minute, if others wait")
    waiting_visitor: int = _limit(12, "requests of a visitor that run or wait")
    waiting_address: int = _limit(32, "requests from an address that run or wait")
    waiting: int = _limit(48, "requests that run or wait, of everybody")
    running: int = _limit(
        8, "requests of one turn, as many of a few turns, and as many of many, that run at the same time"
    )
    visits: int = _limit(200, "visits that are kept")
    idle_seconds: float = _limit(7200, "seconds that a visit is kept without an event")
    away_seconds: float = _limit(3600, "seconds that a visit is kept after its page was closed, for a reload to find")

    def __post_init__(self):
        for each in fields(self):
            value = getattr(self, each.name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
                raise D2STError(f"The limit '{each.name}' is {value!r:.40}. Give a number above 0.")
            if each.type is int and value != int(value):
                raise D2STError(f"The limit '{each.name}' is {value:g}. Give a whole number.")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "VisitLimits":
        """The defaults, but for what is given: numbers, or texts such as a file or a variable holds.

        Raises `D2STError` for a limit that there is not, and for what is no number above 0.
        """
        kinds = {each.name: each.type for each in fields(cls)}
        for name in given:
            if name not in kinds:
                raise D2STError(f"There is no limit '{name!s:.40}'. There are: {', '.join(kinds)}.")
        return cls(**{name: _number(name, value, kinds[name]) for name, value in given.items()})

    def check_files(self, files: Sequence[Any], most: int, what: str = "clips") -> None:
        """Raise `D2STError` where a request names too many files, or too large ones."""
        if len(files) > most:
            raise D2STError(f"These are {len(files)} {what}, and {most} is the most at once. Take fewer.")
        size = sum(Path(file).stat().st_size for file in files if isinstance(file, str) and Path(file).is_file()) / 1e6
        if size > self.megabytes_at_once:
            raise D2STError(
                f"These {what} have {size:.0f} MB together, and {self.megabytes_at_once:g} MB is the most at once. "
                "Take fewer, or smaller ones."
            )

    def check_action(self, action: str) -> None:
        """Raise `D2STError` where an action's name is too long."""
        if len(action) > self.letters:
            raise D2STError(
                f"The action '{action[:20]}…' has a name of {len(action)} letters, and {self.letters} is the most. "
                "Choose a shorter name."
            )

    def check_support(self, support: Mapping[str, Sequence[Any]], action: str) -> None:
        """Raise `D2STError` where there is no room for one more example of an action."""
        if action not in support and len(support) >= self.actions:
            raise D2STError(f"There are {len(support)} actions, and no more fit. Remove one first.")
        count = sum(map(len, support.values()))
        if count >= self.clips:
            raise D2STError(f"There are {count} examples, and no more fit. Remove some first.")


def _number(name: str, value: Any, kind: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise D2STError(f"The limit '{name}' is '{value:.40}', which is no number.") from None
    return int(value) if kind is int and isinstance(value, float) and value.is_integer() else value


STANDARD = VisitLimits()
