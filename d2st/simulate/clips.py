"""Frames to H.264 files that a browser plays."""

from pathlib import Path

import av
import numpy as np


def save(path, frames, fps, quality=23):
    """Writes frames uint8 RGB [N, H, W, 3] (even H and W) as an .mp4; a lower `quality` number is better and larger.

    The file appears under its name only when it is whole.
    """
    # The same frames give the same file: one thread, and no macroblock tree, whose vector code (AVX-512)
    # gives other numbers wherever its memory happens to lie.
    part = Path(path).with_suffix(".part")
    with av.open(str(part), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream(
            "libx264", rate=fps, options={"crf": str(quality), "preset": "slow", "threads": "1", "mbtree": "0"}
        )
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in np.ascontiguousarray(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    part.replace(path)
