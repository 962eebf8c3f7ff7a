"""The examples of a workspace, and what can be done with them: each change can be taken back, computing nothing."""

from dataclasses import dataclass, field

from d2st.data.folders import alike
from d2st.demo import arrange
from d2st.demo.arrange import History, Step, Support
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.errors import D2STError
from d2st.recognizer import Recognizer
from d2st.video import Clip


@dataclass
class SupportSet:
    """Examples by their actions, as a recognizer holds them, and what they were before."""

    recognizer: Recognizer
    limits: VisitLimits = STANDARD
    bundled: Support | None = None  # what a bundled set holds before anybody changes it
    history: History = field(default_factory=History)

    def named(self, action: str) -> str:
        """An action's name without needless spaces. Raises D2STError where it is none, or too long."""
        action = " ".join(str(action).split())
        if not action:
            raise D2STError("An action needs a name. Type one, such as 'wave'; the clips stay where they are.")
        self.limits.check_action(action)
        return action

    def arranged(self) -> Support:
        """The examples by their actions, as they are now."""
        return {action: list(clips) for action, clips in self.recognizer.support.items()}

    def remove(self, action: str, digest: str | None = None) -> str:
        """Remove an action, or one clip of it → a sentence. Raises D2STError where there is none such."""
        support = self.recognizer.support
        after = arrange.removed(support, action, digest)
        if digest is None:
            return self.become(after, f"Removed '{action}' with {clips_counted(len(support[action]))}")
        return self.become(after, f"Removed '{arrange.found(support, action, digest).name}' from '{action}'")

    def rename(self, action: str, name: str) -> str:
        """Give an action another name; where one is called so, they become one → a sentence."""
        support, name = self.recognizer.support, self.named(name)
        name = next((each for each in support if each != action and alike(each) == alike(name)), name)
        after = arrange.renamed(support, action, name)
        if name == action:
            return ""
        if name in support:
            return self.become(
                after, f"'{action}' is part of '{name}' now, which has {clips_counted(len(after[name]))}"
            )
        return self.become(after, f"'{action}' is called '{name}' now")

    def move(self, action: str, digest: str, to: str) -> str:
        """Move a clip to another action, which begins with it where there is none → a sentence."""
        support, to = self.recognizer.support, self.named(to)
        if to == action:
            return ""
        if to not in support and len(support) >= self.limits.actions:
            raise D2STError(f"There are {len(support)} actions, and no more fit. Remove one first.")
        after = arrange.moved(support, action, digest, to)
        gone = "" if action in after else f"; '{action}' had no other clip and is gone"
        return self.become(after, f"Moved '{arrange.found(support, action, digest).name}' to '{to}'{gone}")

    def reset(self) -> str:
        """Make a bundled set what it was → a sentence. Raises D2STError where it is none, or unchanged."""
        if not self.is_changed or self.bundled is None:
            raise D2STError("The set is as it came.")
        return self.become(self.bundled, "The set is as it came again")

    @property
    def is_changed(self) -> bool:
        """Whether a bundled set is no longer what it was."""
        return self.bundled is not None and not arrange.same(self.recognizer.support, self.bundled)

    def undo(self) -> str:
        """Take back what was last done to the examples → a sentence. Raises D2STError where there is nothing."""
        return f"Undone: {self._step(self.history.undo(self.arranged()))}"

    def redo(self) -> str:
        """Do again what was last taken back → a sentence. Raises D2STError where there is nothing."""
        return f"Done again: {self._step(self.history.redo(self.arranged()))}"

    def _step(self, step: Step) -> str:
        self.recognizer.support = step.support
        self._settle()
        return step.said[:1].lower() + step.said[1:]

    def become(self, support: Support, said: str) -> str:
        """Hold other examples, all of which were held before → what was done, as it was said."""
        before, self.recognizer.support = self.arranged(), {action: list(clips) for action, clips in support.items()}
        self.changed(said, before)
        return said

    def succeed(self, other: "SupportSet", said: str) -> None:
        """Take the place of another one, which can be had back."""
        self.limits, self.history = other.limits, other.history
        for clip in arrange.clips_of(other.recognizer.support, *other.history.supports).values():
            self.recognizer.know(clip, other.recognizer.features(clip))
        self.changed(said, other.arranged())

    def changed(self, said: str, before: Support) -> None:
        """The examples were others before; said: what was done, a sentence without its full stop."""
        if not arrange.same(before, self.recognizer.support):
            self.history.note(said, before)
        self._settle()

    def _settle(self) -> None:
        """Keep features of what may come back, and of nothing else; answer again."""
        self.history.trim(self.recognizer.support, self.limits.clips)
        may_come_back = arrange.clips_of(*self.history.supports, self.bundled or {}).values()
        self.recognizer.forget_all_but([*may_come_back, *self.in_use])
        self.answer()

    @property
    def in_use(self) -> list[Clip]:
        """Clips beside the examples whose features are needed."""
        return []

    def answer(self) -> None:
        """Is called when the examples have changed."""


def clips_counted(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"
