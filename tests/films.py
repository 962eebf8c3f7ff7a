"""A film of several clips, one after the other."""

from pathlib import Path

import av
from small import EXAMPLES


def joined(clips, path):
    """Write the clips' pictures as one film, at the rate and in the size of the first; the seconds of its borders."""
    borders, stream = [0.0], None
    with av.open(str(path), "w") as film:
        for clip in clips:
            with av.open(str(clip)) as file:
                for frame in file.decode(video=0):
                    if stream is None:
                        rate = file.streams.video[0].average_rate
                        stream = film.add_stream("libx264", rate=rate)
                        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                        count = 0
                    frame = frame.reformat(stream.width, stream.height, "yuv420p")
                    frame.pts, frame.time_base = count, 1 / rate
                    count += 1
                    film.mux(stream.encode(frame))
            borders.append(float(count / rate))
        film.mux(stream.encode())
    return borders


def bundled(family, *actions) -> list[Path]:
    """The bundled query clips of these actions."""
    return [EXAMPLES / family / "query" / f"{action}.mp4" for action in actions]
