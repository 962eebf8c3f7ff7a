"""Clips that a visitor has brought before, on the page or by a program: the next time costs nothing."""

from collections import OrderedDict
from pathlib import Path

from d2st.demo.kept import kept
from d2st.recognizer import Recognizer
from d2st.video import Clip


class KnownClips:
    """By file, the one that was named last at the end; at most `most` of them, at 100 kB each."""

    def __init__(self, most: int):
        self.most = most
        self.clips: OrderedDict[tuple, tuple] = OrderedDict()

    def clip(self, recognizer: Recognizer, file: str) -> Clip:
        """The clip in a file, whose features the recognizer knows then; its frames are compressed.

        Raises `D2STError` where it cannot be read.
        """
        there = Path(file)
        key = (file, there.stat().st_mtime_ns, there.stat().st_size) if there.is_file() else (file,)
        if key not in self.clips:
            read = recognizer.read(file)
            encoding = recognizer.model.encode(read.frames)
            self.clips[key] = kept(read), encoding.features, encoding.notes
        self.clips.move_to_end(key)
        while len(self.clips) > self.most:
            self.clips.popitem(last=False)
        clip, features, notes = self.clips[key]
        recognizer.know(clip, features, notes)
        return clip
