"""Frames as the published pipeline gives them, by decord: it seeks, and is wrong without a word in some clips.

Known are open groups of pictures, intra refresh, MPEG-TS, AVI with B-frames and trimmed clips.
"""

from typing import BinaryIO

import numpy as np

from d2st.errors import D2STError
from d2st.video.film import Film
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

try:
    from decord import VideoReader
except ImportError:  # there is none for this computer
    VideoReader = None


def read_published(file: BinaryIO, name: str, wanted: Wanted, film: Film) -> tuple[list[np.ndarray], np.ndarray, list]:
    """The wanted pictures as decord gives them, the times of all that it claims (seconds), and the indices wanted.

    film: what PyAV read of the same file. Raises `D2STError` where decord is missing or fails.
    """
    if VideoReader is None:
        raise D2STError("decord is not installed, or not to be had for this computer. Read clips without it.")
    try:
        file.seek(0)
        reader = VideoReader(file, num_threads=2)
        times = reader.get_frame_timestamp(range(len(reader)))[:, 0].astype(float)
        picks = wanted.picks(Timeline.counted(len(times), film.timeline.rate))
        taken = {}
        for index in dict.fromkeys(picks):
            frame = reader[index].asnumpy()
            # Where a padded row is a multiple of the width, decord takes the padding for further channels.
            rows, columns = frame.shape[:2]
            frame = frame.reshape(rows, -1)[:, : 3 * columns].reshape(rows, columns, 3)
            taken[index] = wanted.shrink(frame, film.size)
    except Exception as error:
        raise D2STError(f"decord cannot read '{name}'. Read it without decord.") from error
    return [taken[index] for index in picks], times - times[0], picks
