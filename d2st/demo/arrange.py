"""Support sets arranged otherwise, and what they were before: pure functions of {action: its clips}."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from d2st.errors import D2STError
from d2st.video import Clip

Support = dict[str, list[Clip]]
MOST_STEPS = 30  # that can be taken back


def renamed(support: Mapping[str, Sequence[Clip]], action: str, name: str) -> Support:
    """An action under another name; where there is one of that name, they become one, without doubles.

    Raises `D2STError` where there is no such action.
    """
    _check(support, action)
    arranged: Support = {}
    for each, clips in support.items():
        to = name if each == action else each
        arranged[to] = _without_doubles([*arranged.get(to, []), *clips])
    return arranged


def moved(support: Mapping[str, Sequence[Clip]], action: str, digest: str, to: str) -> Support:
    """One clip in another action, which begins with it where there was none; an action that is left empty goes.

    Raises `D2STError` where there is no such clip.
    """
    clip = found(support, action, digest)
    arranged = removed(support, action, digest)
    arranged[to] = _without_doubles([*arranged.get(to, []), clip])
    return arranged


def removed(support: Mapping[str, Sequence[Clip]], action: str, digest: str | None = None) -> Support:
    """Without an action, or without one clip of it. Raises `D2STError` where there is none such."""
    _check(support, action)
    if digest is not None:
        found(support, action, digest)
    kept = [clip for clip in support[action] if digest is not None and clip.digest != digest]
    arranged = {each: kept if each == action else list(clips) for each, clips in support.items()}
    return {each: clips for each, clips in arranged.items() if clips}


def found(support: Mapping[str, Sequence[Clip]], action: str, digest: str) -> Clip:
    """A clip of an action. Raises `D2STError` where it is gone."""
    for clip in support.get(action, []):
        if clip.digest == digest:
            return clip
    raise D2STError(f"That clip of '{action}' is gone already.")


def clips_of(*supports: Mapping[str, Sequence[Clip]]) -> dict[str, Clip]:
    """All clips of support sets by their digests."""
    return {clip.digest: clip for support in supports for clips in support.values() for clip in clips}


def same(one: Mapping[str, Sequence[Clip]], other: Mapping[str, Sequence[Clip]]) -> bool:
    """Whether two support sets hold the same clips in the same order under the same names."""

    def told(support: Mapping[str, Sequence[Clip]]) -> list[tuple[str, list[str]]]:
        return [(action, [clip.digest for clip in clips]) for action, clips in support.items()]

    return told(one) == told(other)


def _check(support: Mapping[str, Sequence[Clip]], action: str) -> None:
    if action not in support:
        raise D2STError(f"There is no action '{action}' any more.")


def _without_doubles(clips: Sequence[Clip]) -> list[Clip]:
    return list({clip.digest: clip for clip in reversed(clips)}.values())[::-1]


@dataclass(frozen=True)
class Step:
    """What was done, as a sentence without its full stop, and the support set on the other side of it."""

    said: str
    support: Support


@dataclass
class History:
    """What can be taken back, and what was. Clips are shared with the support set, so a step costs little."""

    past: list[Step] = field(default_factory=list)
    future: list[Step] = field(default_factory=list)

    def note(self, said: str, before: Mapping[str, Sequence[Clip]]) -> None:
        """Something was done to a support set."""
        self.past.append(Step(said, _copied(before)))
        self.future.clear()

    def undo(self, now: Support) -> Step:
        """What was done last, and the support set before it. Raises `D2STError` where there is nothing."""
        return _step(self.past, self.future, now, "There is nothing to undo.")

    def redo(self, now: Support) -> Step:
        """What was taken back last, and the support set after it. Raises `D2STError` where there is nothing."""
        return _step(self.future, self.past, now, "There is nothing to do again.")

    @property
    def supports(self) -> Iterator[Support]:
        return (step.support for step in [*self.past, *self.future])

    def trim(self, now: Support, most_clips: int) -> None:
        """Forget the oldest steps, until there are few, and all that is held is no more than so many clips."""
        while self.past and (len(self.past) > MOST_STEPS or len(clips_of(now, *self.supports)) > most_clips):
            self.past.pop(0)
        while self.future and len(clips_of(now, *self.supports)) > most_clips:
            self.future.pop(0)


def _step(here: list[Step], there: list[Step], now: Support, nothing: str) -> Step:
    if not here:
        raise D2STError(nothing)
    step = here.pop()
    there.append(Step(step.said, _copied(now)))
    return step


def _copied(support: Mapping[str, Sequence[Clip]]) -> Support:
    return {action: list(clips) for action, clips in support.items()}
