"""The example sets that come along: a support set each, and queries that are named after their actions."""

from dataclasses import dataclass
from pathlib import Path

from d2st.data.bundled import bundled
from d2st.data.folders import clips_in, spoken
from d2st.demo.kept import kept
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.trace import Encoding
from d2st.video import Clip

EXAMPLES = bundled("assets/examples")
_TITLES = {"table": "Table top"}


@dataclass(frozen=True)
class Asked:
    """A query that is computed already: from which file, its frames, and what went on inside the network."""

    video: str
    clip: Clip
    encoding: Encoding
    staged: str | None = None  # what the stage is sent of it


@dataclass(frozen=True)
class Prepared:
    """An example set as all visitors share it."""

    recognizer: Recognizer  # holds the support set, and knows the queries' features
    queries: list[Asked]


@dataclass(frozen=True)
class ExampleSet:
    """A bundled support set with its queries; a query's file is named after its true action."""

    name: str
    title: str
    support: dict[str, list[Path]]
    queries: list[Path]

    def prepare(self, model: Model) -> Prepared:
        """Everything of it that takes time: the support set's features, the queries inspected."""
        recognizer = Recognizer(model)
        for action, clips in self.support.items():
            for clip in clips:
                read = recognizer.read(str(clip))
                recognizer.features(read)
                recognizer.add(action, kept(read))
        queries = []
        for path in self.queries:
            read = recognizer.read(str(path), preview=True)
            queries.append(Asked(str(path), read, recognizer.inspect(read)))
        return Prepared(recognizer, queries)


def find_examples(folder: Path = EXAMPLES) -> list[ExampleSet]:
    """The sets in `folder`: <set>/support/<action>/*.mp4 and <set>/query/<true action>.mp4."""
    sets = []
    for place in sorted(folder.glob("*/")):
        support = {spoken(action): clips_in(action) for action in sorted(place.glob("support/*/"))}
        queries = clips_in(place / "query")
        if queries and len(support) > 1:
            sets.append(ExampleSet(place.name, _TITLES.get(place.name, spoken(place).capitalize()), support, queries))
    return sorted(sets, key=lambda found: found.name != "table")
