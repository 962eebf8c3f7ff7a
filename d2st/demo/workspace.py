"""What one visitor has on the page, and what can be done with it. Knows no Gradio and no HTML."""

import copy
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import IO

from d2st.demo import arrange
from d2st.demo.examples import Asked
from d2st.demo.kept import kept
from d2st.demo.known import KnownClips
from d2st.demo.lessons import MATCHING
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.living import Live
from d2st.demo.plans import Plan
from d2st.demo.support_set import SupportSet, clips_counted
from d2st.errors import D2STError
from d2st.explain.by_layer import BothFeatures
from d2st.explain.compare import OWN as COMPARED_OWN
from d2st.explain.compare import Contender, Row
from d2st.explain.what_if import Outcome
from d2st.models.model import Model
from d2st.recognizer import Prediction, Recognizer
from d2st.trace import Encoding
from d2st.video import Clip, read_clip

OWN = "own"  # the name of the workspace that starts empty
LESSON = "lesson"  # and of the copy of an example set that a lesson runs on


@dataclass(frozen=True)
class SeenBy:
    """Other adapters than the page's, and what went on inside them for the query."""

    contender: Contender
    encoding: Encoding


@dataclass
class Workspace(SupportSet):
    """A support set, and the query that is held against it."""

    video: str | None = None  # the query's file
    query: Clip | None = None
    part: tuple[float, float] = (0, 0)  # of the file that the query is taken from, in seconds
    encoding: Encoding | None = None  # of the query, inspected
    staged: str | None = None  # what the stage is sent of the query, once it was
    prediction: Prediction | None = None
    problem: str = ""  # why there is no answer, where there should be one
    example: str = OWN  # the example set that it began as, if it began as one
    compared: list[Row] = field(default_factory=list)  # the query under other adapters, while nothing has changed
    outcomes: list[Outcome] = field(default_factory=list)  # the query under every change, likewise
    seen_by: SeenBy | None = None  # whose points the stage shows, where they are not the page's own
    by_layer: dict[str, BothFeatures] = field(default_factory=dict)  # by clip's digest, where somebody asked for them
    # What the visitor has brought, here or in another workspace.
    known: KnownClips = field(default_factory=lambda: KnownClips(STANDARD.clips_at_once))

    def add(self, action: str, files: Sequence[str | Clip]) -> tuple[int, list[str]]:
        """Add clips to an action → how many were added, and what there is to tell, a sentence each.

        A clip that cannot be read costs only itself. Raises D2STError where there is nothing to add.
        """
        action = self.named(action)
        if not files:
            raise D2STError(f"'{action}' has no clip yet. Drop one or more clips of it.")
        self.limits.check_files(files, self.limits.clips_at_once)
        before, said = self.arranged(), []
        known, count = action in before, len(before.get(action, []))
        for file in files:
            try:
                said += self.add_one(action, file)
            except D2STError as error:
                said.append(str(error))
        added = len(self.recognizer.support.get(action, [])) - count
        if known and added:
            were = "was" if added == 1 else "were"
            said.insert(0, f"There was an action '{action}' already: {clips_counted(added)} {were} added to it.")
        self.changed(f"Added {clips_counted(added)} to '{action}'", before)
        return added, list(dict.fromkeys(said))

    def add_one(self, action: str, file: str | Clip | IO[bytes]) -> list[str]:
        """Add one clip → what there is to tell of it."""
        self.limits.check_support(self.recognizer.support, action)
        clip = self.known.clip(self.recognizer, file) if isinstance(file, str) else self.recognizer.read(file)
        if clip.digest in [c.digest for c in self.recognizer.support.get(action, [])]:
            return [f"'{clip.name}' is an example of '{action}' already."]
        self.recognizer.features(clip)  # of the frames as they were read
        self.recognizer.add(action, kept(clip))
        return [f"'{clip.name}': {note}" for note in clip.notes]

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

    def ask(self, video: str | Clip, part: tuple[float, float] | None = None) -> None:
        """Take the clip in a file, or one that was read, as the query; of a file only a part, in seconds, if told.

        Raises D2STError where it cannot be read.
        """
        whole = self.query if self.query and video == self.video else None
        self.forget_query()
        if part:
            start, seconds = min(part), max(abs(part[1] - part[0]), 1e-3)
            whole = whole or self.recognizer.read(video, preview=True)
            rest, model = whole.duration - seconds, self.recognizer.model
            window = (seconds, min(start / rest, 1) if rest > 0 else 0)
            of_part = read_clip(video, model.frames, crop=model.image, window=window, looks=model.looks)
            self.query = replace(of_part, preview=whole.preview)
        else:
            self.query = self.recognizer.read(video, preview=True)
        self.video = None if isinstance(video, Clip) else video
        self.part = part or (0, self.query.duration)
        self.encoding = self.recognizer.inspect(self.query)
        self.answer()

    def take(self, asked: Asked) -> None:
        """Take as the query what is computed already."""
        self.forget_query()
        self.video, self.query, self.encoding, self.staged = asked.video, asked.clip, asked.encoding, asked.staged
        self.part = (0, asked.clip.duration)
        self.recognizer.know(asked.clip, asked.encoding.features, asked.encoding.notes)
        self.answer()

    def forget_query(self) -> None:
        if self.query and self.query.digest not in arrange.clips_of(*self.history.supports):
            self.recognizer.forget(self.query)
        self.video = self.query = self.prediction = self.encoding = self.staged = self.seen_by = None
        self.problem, self.compared = "", []

    def see_by(self, name: str) -> None:
        """Look at the query through adapters that it was compared under, by their name.

        Raises D2STError where they were not compared.
        """
        contender = next((row.contender for row in self.compared if row.contender.name == name), None)
        if contender is None or self.query is None:
            raise D2STError("These adapters were not compared with the clips that are here now. Press 'Compare' again.")
        self.seen_by = None
        if name != COMPARED_OWN:
            stem = self.recognizer.model.stem(self.query.frames)
            self.seen_by = SeenBy(contender, contender.adapt(stem, inspect=True))

    @property
    def on_stage(self) -> tuple[Encoding | None, Model]:
        """What went on inside whom, as the stage shows it."""
        if self.seen_by:
            return self.seen_by.encoding, self.seen_by.contender.model
        return self.encoding, self.recognizer.model

    def match(self, matching: str, centre: bool) -> None:
        """Match in another way; no feature is computed again."""
        self.recognizer.match(matching, centre)
        self.answer()

    @property
    def in_use(self) -> list[Clip]:
        return [self.query] if self.query else []

    def answer(self) -> None:
        """Bring `prediction` up to date with the examples and the matching."""
        self.prediction, self.problem, self.compared, self.outcomes, self.seen_by = None, "", [], [], None
        self.by_layer = {digest: each for digest, each in self.by_layer.items() if digest in self.digests}
        if self.query and len(self.recognizer.support) > 1:
            try:
                self.prediction = self.recognizer.predict(self.query)
            except D2STError as error:
                self.problem = str(error)

    @property
    def digests(self) -> set[str]:
        """Of the query and the examples."""
        return {clip.digest for clip in [*self.in_use, *self.recognizer.clips]}

    @property
    def known_by_layer(self) -> bool:
        """Whether the answer layer by layer is there to be drawn, with nothing to compute."""
        return self.digests <= self.by_layer.keys()

    def examples(self) -> dict[str, Clip]:
        """Every example clip by a name that tells them apart."""
        return {
            f"{action}: {clip.name}" + f" ({number})" * (number > 1): clip
            for action, clips in self.recognizer.support.items()
            for clip, number in zip(clips, _repeats([clip.name for clip in clips]), strict=True)
        }

    @property
    def missing(self) -> str | None:
        """What a person should do next, where there is no answer yet."""
        actions = len(self.recognizer.support)
        if actions == 0:
            return "Open an example set above, or add clips of two or more actions."
        if actions == 1:
            return "Add clips of a second action."
        return self.problem or (None if self.query else "Drop or record a query clip.")


class Visit:
    """One visitor's workspaces: one for own clips, and one for each example set that was opened.

    place: the folder in which files are made for this visitor, in one that nobody can guess.
    """

    def __init__(self, model: Model, limits: VisitLimits = STANDARD, place: str | None = None):
        self.limits, self.place = limits, place
        self.known = KnownClips(limits.clips_at_once)
        self.workspaces = {OWN: Workspace(Recognizer(model), limits=limits, known=self.known)}
        self.current = OWN
        self.before = OWN  # where one goes back to behind a lesson
        self.lesson = ""  # the lesson that runs, by its name
        self.tab = MATCHING  # the view that is open
        self.looks_inside = False  # whether the views were in sight yet
        self.answered: tuple[str, ...] = ()  # the files of the last queries that were answered at once
        self.touched = False  # whether an example set was changed, or asked about a clip of one's own
        self.sent: dict[str, bytes] = {}  # what each part of the page showed last, as a digest
        self.plan: Plan | None = None  # files that were brought, and wait for a word
        self.arrived = False  # whether a page has shown the visit
        self.spent: set[str] = set()  # uploads that are not needed any more
        self.dropped: tuple[str, Model] | None = None  # a checkpoint's file, and the adapters in it
        self.lost = ""  # what is to be said of a visit before, where it was deleted
        self.live: Live | None = None  # what the camera saw last, while it films
        self.ended = ""  # the camera's run that was ended last, of which nothing more is taken

    @cached_property
    def folder(self) -> tempfile.TemporaryDirectory:
        """For files made for this visitor; it goes with the visit."""
        if self.place:
            Path(self.place).mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=secrets.token_hex(16), dir=self.place)

    def new_file(self, name: str) -> Path:
        """Where to make a file for this visitor, at an address of its own; the one made before is deleted."""
        for old in Path(self.folder.name).glob(f"*/{name}"):
            old.unlink()
            old.parent.rmdir()
        return Path(tempfile.mkdtemp(dir=self.folder.name), name)

    def close(self) -> None:
        """Delete the files that were made for this visitor."""
        if "folder" in vars(self):
            self.folder.cleanup()

    def shows(self, parts: dict[str, str]) -> None:
        """A fresh page shows this, and nothing else yet."""
        self.sent.clear()
        for part, text in parts.items():
            self.is_news(part, text)

    def is_news(self, part: str, text: str) -> bool:
        """Whether a part of the page shows something else by now; from now on it shows this."""
        digest = blake2b(text.encode(), digest_size=16).digest()
        known, self.sent[part] = self.sent.get(part), digest
        return known != digest

    @property
    def has_something(self) -> bool:
        """Whether there is anything that somebody would miss."""
        own = self.workspaces[OWN]
        return self.touched or bool(own.recognizer.support or own.query)

    def spend(self, files: Iterable[str]) -> None:
        """Uploads are not needed any more, unless they are of a query."""
        self.spent |= set(files) - {workspace.video for workspace in self.workspaces.values()} - set(self.answered)

    @property
    def workspace(self) -> Workspace:
        return self.workspaces[self.current]

    def begin(self, lesson: str, example: str, prepared: Recognizer) -> Workspace:
        """Begin a lesson on a fresh copy of an example set, which goes with the lesson."""
        before = self.before if self.lesson else self.current
        self.end()
        workspace = self.open(LESSON, prepared)
        workspace.example, self.before, self.lesson = example, before, lesson
        return workspace

    def end(self) -> None:
        """End the lesson that runs, if one does, and go back to where it began."""
        if self.workspaces.pop(LESSON, None):
            self.current, self.lesson = self.before, ""

    def open(self, name: str, prepared: Recognizer | None = None) -> Workspace:
        """Go to a workspace; where the visit has none of this name yet, to a copy of what is prepared.

        Raises D2STError where there is neither.
        """
        if name not in self.workspaces:
            if prepared is None:
                raise D2STError("There is no such example set here. Reload the page.")
            # Clips and the model never change, so all copies share them.
            shared = [prepared.model, *prepared.clips]
            copied = copy.deepcopy(prepared, {id(each): each for each in shared})
            self.workspaces[name] = Workspace(copied, limits=self.limits, known=self.known)
            self.workspaces[name].bundled = self.workspaces[name].arranged()
            self.workspaces[name].example = name
        self.current = name
        return self.workspace


def _repeats(names: list[str]) -> list[int]:
    """For each name, how often it has come so far."""
    return [names[: index + 1].count(name) for index, name in enumerate(names)]
