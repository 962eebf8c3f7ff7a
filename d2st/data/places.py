"""Where the clips of an official data set lie, whoever unpacked it."""

import re
from pathlib import Path

from d2st.data.folders import alike, clips_in, composed, folders_in
from d2st.video.files import has_clip_suffix, listed, looks_like_a_clip, passed_over, without_suffix

_SECONDS = re.compile(r"_\d{6}_\d{6}$")  # that a clip of Kinetics was cut from; not all copies have them in the name


class Places:
    """The folders of a data set, each listed once.

    Folders are known by their names without regard to case, spaces, underscores and hyphens; clips by theirs,
    with or without a suffix, as they may have been converted to another container or to pictures.
    """

    def __init__(self, root: Path):
        self._folders: dict[Path, dict[str, list[Path]]] = {}
        self._clips: dict[Path, _Names] = {}
        self.roots = [*self._called([root], "videos"), root]

    def of_class(self, name: str) -> list[Path]:
        """The clips of a class, by its folder."""
        return sorted(clip for folder in self._called(self.roots, name) for clip in clips_in(folder))

    def of_clip(self, name: str) -> Path | None:
        """A listed clip: as named, or in `videos`; of the folders before it, that of its class has to be there."""
        *folders, clip = [part for part in name.split("/") if part not in ("", ".")] or [""]
        for first in range(max(1, len(folders))):
            there = self.roots
            for folder in folders[first:]:
                there = self._called(there, folder)
            for place in there:
                if found := self._in(place, clip):
                    return found
        return None

    def _called(self, places: list[Path], name: str) -> list[Path]:
        """The folders of this name in some others, that which is spelt alike to the letter first."""
        found = []
        for place in places:
            if place not in self._folders:
                self._folders[place] = {}
                for folder in folders_in(place):
                    self._folders[place].setdefault(_joined(folder.name), []).append(folder)
            called = self._folders[place].get(_joined(name), [])
            found += sorted(called, key=lambda folder: composed(folder.name) != composed(name))
        return found

    def _in(self, place: Path, name: str) -> Path | None:
        if place not in self._clips:
            self._clips[place] = _Names(place)
        return self._clips[place].find(composed(name))


class _Names:
    """What is in a folder, by every name that a list may have for it."""

    def __init__(self, folder: Path):
        files = [path for path in listed(folder) if not passed_over(path.name)]
        films = [path for path in files if has_clip_suffix(path.name)]
        self.whole = {composed(path.name): path for path in files}
        self.bare = {composed(without_suffix(path.name)): path for path in films}
        self.uncut: dict[str, list[Path]] = {}
        for name, path in self.bare.items():
            if _SECONDS.search(name):
                self.uncut.setdefault(_SECONDS.sub("", name), []).append(path)

    def find(self, name: str) -> Path | None:
        bare = without_suffix(name)
        found = [self.whole.get(name)]
        for called in (bare, _SECONDS.sub("", bare)):
            found += [self.bare.get(called), self.whole.get(called)]
        if len(self.uncut.get(bare, ())) == 1:
            found += self.uncut[bare]
        return next((path for path in found if path and looks_like_a_clip(path)), None)


def _joined(name: str) -> str:
    return alike(name).replace(" ", "")
