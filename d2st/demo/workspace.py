"""What one visitor has on the page, and what can be done with it. Knows no Gradio and no HTML."""

import copy
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from d2st.data.bundled import bundled
from d2st.errors import D2STError
from d2st.models.model import Model
from d2st.recognizer import Prediction, Recognizer
from d2st.trace import SamplingTrace
from d2st.video import Clip, read_clip

EXAMPLES = bundled("assets/examples")
OWN = "own"  # the name of the bench that starts empty
_TITLES = {"table": "Table top"}


@dataclass
class Bench:
    """A support set, and the query that is held against it."""

    recognizer: Recognizer
    video: str | None = None  # the query's file
    query: Clip | None = None
    part: tuple[float, float] = (0, 0)  # of the file that the query is taken from, in seconds
    traces: list[SamplingTrace] = field(default_factory=list)
    prediction: Prediction | None = None

    def add(self, action: str, files: list[str | Clip]) -> tuple[int, list[str]]:
        """Add clips to an action → how many were added, and what there is to tell, a sentence each.

        A clip that cannot be read costs only itself. Raises D2STError where there is nothing to add.
        """
        action = " ".join(action.split())
        if not action:
            raise D2STError("An action needs a name. Type one, such as 'wave'; the clips stay where they are.")
        if not files:
            raise D2STError(f"'{action}' has no clip yet. Drop one or more clips of it.")
        known, added, said = action in self.recognizer.support, 0, []
        for file in files:
            try:
                clip = self.recognizer.read(file)
                if clip.digest in [c.digest for c in self.recognizer.support.get(action, [])]:
                    said.append(f"'{clip.name}' is an example of '{action}' already.")
                    continue
                self.recognizer.add(action, clip)
                added += 1
                said += [f"'{clip.name}': {note}" for note in clip.notes]
            except D2STError as error:
                said.append(str(error))
        if known and added:
            said.insert(0, f"There was an action '{action}' already: {_clips(added)} added to it.")
        self.answer()
        return added, said

    def add_query(self, action: str) -> None:
        """Make the query an example of an action: so a camera, which records queries, records examples too.

        Raises D2STError where there is no query, or it is an example of the action already.
        """
        if not self.query:
            raise D2STError("There is no query clip to add yet. Drop or record one.")
        added, said = self.add(action, [self.query])
        if not added:
            raise D2STError(*said)
        self.forget_query()

    def remove(self, action: str, digest: str | None = None) -> None:
        """Remove an action, or one clip of it."""
        clips = [clip for clip in self.recognizer.support.get(action, []) if clip.digest == digest]
        if digest is None or clips:
            self.recognizer.remove(action, clips[0] if clips else None)
        self.answer()

    def ask(self, video: str | Clip, part: tuple[float, float] | None = None) -> None:
        """Take the clip in a file, or one that was read, as the query; of a file only a part, in seconds, if told.

        Raises D2STError where it cannot be read.
        """
        whole = self.query if self.query and video == self.video else None
        self.forget_query()
        if part:
            start, seconds = min(part), max(abs(part[1] - part[0]), 1e-3)
            rest = (whole or self.recognizer.read(video)).duration - seconds
            self.query = read_clip(
                video,
                self.recognizer.model.frames,
                crop=self.recognizer.model.image,
                window=(seconds, min(start / rest, 1) if rest > 0 else 0),
            )
        else:
            self.query = self.recognizer.read(video)
        self.video = None if isinstance(video, Clip) else video
        self.part = part or (0, self.query.duration)
        if len(self.recognizer.support) > 1:
            self.prediction = self.recognizer.predict(self.query, trace=True)
            self.traces = self.prediction.trace
        else:
            self.traces = self.recognizer.inspect(self.query).traces

    def forget_query(self) -> None:
        self.video = self.query = self.prediction = None
        self.traces = []

    def match(self, matching: str, centre: bool) -> None:
        """Match in another way; no feature is computed again."""
        self.recognizer.matching, self.recognizer.centre = matching, centre
        self.answer()

    def answer(self) -> None:
        """Bring `prediction` up to date with the examples and the matching."""
        self.prediction = None
        if self.query and len(self.recognizer.support) > 1:
            self.prediction = self.recognizer.predict(self.query)

    def examples(self) -> dict[str, Clip]:
        """Every example clip by a name that tells them apart."""
        return {
            f"{action}: {clip.name}" + f" ({number})" * (number > 1): clip
            for action, clips in self.recognizer.support.items()
            for clip, number in zip(clips, _repeats([clip.name for clip in clips]))
        }

    @property
    def missing(self) -> str | None:
        """What a person should do next, where there is no answer yet."""
        actions = len(self.recognizer.support)
        if actions == 0:
            return "Open an example set above, or add clips of two or more actions."
        if actions == 1:
            return "Add clips of a second action."
        return None if self.query else "Drop or record a query clip."


class Visit:
    """One visitor's benches: one for own clips, and one for each example set that was opened."""

    def __init__(self, model: Model):
        self.benches = {OWN: Bench(Recognizer(model))}
        self.current = OWN

    @cached_property
    def folder(self) -> tempfile.TemporaryDirectory:
        """For files made for this visitor; it goes with the visit."""
        return tempfile.TemporaryDirectory()

    @property
    def bench(self) -> Bench:
        return self.benches[self.current]

    def open(self, name: str, prepared: Recognizer | None = None) -> Bench:
        """Go to a bench; where the visit has none of this name yet, to a copy of what is prepared."""
        if name not in self.benches:
            # Clips and the model never change, so all copies share them.
            shared = [prepared.model, *(clip for clips in prepared.support.values() for clip in clips)]
            self.benches[name] = Bench(copy.deepcopy(prepared, {id(kept): kept for kept in shared}))
        self.current = name
        return self.bench


@dataclass(frozen=True)
class ExampleSet:
    """A bundled support set with its queries; a query's file is named after its true action."""

    name: str
    title: str
    support: dict[str, list[Path]]
    queries: list[Path]

    def prepare(self, model: Model) -> Recognizer:
        """A recognizer that holds the support set."""
        recognizer = Recognizer(model)
        for action, clips in self.support.items():
            for clip in clips:
                recognizer.add(action, str(clip))
        return recognizer


def find_examples(folder: Path = EXAMPLES) -> list[ExampleSet]:
    """The sets in `folder`: <set>/support/<action>/*.mp4 and <set>/query/<true action>.mp4."""
    sets = []
    for place in sorted(folder.glob("*/")):
        support = {spoken(action): sorted(action.glob("*.mp4")) for action in sorted(place.glob("support/*/"))}
        queries = sorted(place.glob("query/*.mp4"))
        if queries and len(support) > 1:
            sets.append(ExampleSet(place.name, _TITLES.get(place.name, spoken(place).capitalize()), support, queries))
    return sorted(sets, key=lambda found: found.name != "table")


def spoken(path: Path) -> str:
    """The action that a file or folder is named after."""
    return path.stem.replace("_", " ").replace("-", " ")


def _clips(count: int) -> str:
    return "1 clip was" if count == 1 else f"{count} clips were"


def _repeats(names: list[str]) -> list[int]:
    """For each name, how often it has come so far."""
    return [names[: index + 1].count(name) for index, name in enumerate(names)]
