"""The kinds of clips that people have, as cameras and editors change them; one row each: see `corpus.py`."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from boxes import with_edits, with_matrix, without_sound_ahead
from corpus import SIZE, Entry, Recipe, Track
from corpus_kinds import WRITTEN, x264, x265


def between(start: float, end: float) -> Callable[[list[Entry]], list[Entry]]:
    """The pictures that begin at or after one second of the media and before another."""
    return lambda shown: [each for each in shown if start - 1e-6 <= each[1] < end - 1e-6]


def twice(*parts: tuple[float, float]) -> Callable[[list[Entry]], list[Entry]]:
    """Parts from one second to another, one after the other."""

    def left(shown: list[Entry]) -> list[Entry]:
        gone, kept = Fraction(0), []
        for start, end in parts:
            kept += [(number, time - Fraction(start) + gone) for number, time in between(start, end)(shown)]
            gone += Fraction(end) - Fraction(start)
        return kept

    return left


def edits() -> list[Recipe]:
    """What phones and editors hide with an edit list. A media's time counts from its first picture decoded."""
    rows = []
    for name, track in (("plain", x264("bframes=0")), ("b", x264()), ("hevc", x265("open-gop=0"))):
        # The first picture decoded is so much earlier than the first one shown.
        delay = {"plain": 0.0, "b": 0.08, "hevc": 0.08}[name]
        for kind, start, end in (("start", 0.52, 1.2), ("key", 0.4, 1.2), ("end", 0, 0.6), ("middle", 0.28, 0.84)):
            edit = (end - start, start + delay)
            rows.append(Recipe(f"edit_{kind}_{name}.mp4", (track,), left=between(start, end),
                               then=lambda data, edit=edit: with_edits(data, edit)))  # fmt: skip
    plain = (x264("bframes=0"),)
    rows.append(Recipe("edit_pause.mp4", plain, then=lambda data: with_edits(data, (1, None), (1.2, 0))))
    return rows + [
        Recipe("edit_jump.mp4", plain, left=twice((0, 0.4), (0.8, 1.2)),
               then=lambda data: with_edits(data, (0.4, 0), (0.4, 0.8))),
    ]  # fmt: skip


def _copied(start: float, format: str | None = None):
    """As `ffmpeg -ss START -c copy`: from the key frame before, whose pictures are not to be shown."""

    def copy(source: Path, target: Path) -> None:
        with av.open(str(source)) as old, av.open(str(target), "w", format=format) as new:
            stream = old.streams.video[0]
            packets = [packet for packet in old.demux(stream) if packet.size]
            assert packets[0].pts is not None and stream.time_base is not None
            shift = packets[0].pts + round(start / stream.time_base)
            key = max(place for place, each in enumerate(packets) if each.is_keyframe and (each.pts or 0) <= shift)
            output = new.add_stream_from_template(stream)
            for packet in packets[key:]:
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = output
                new.mux(packet)

    return copy


def trimmed() -> list[Recipe]:
    tracks = {"h264": x264(), "plain": x264("bframes=0"), "hevc": x265("open-gop=0"), "mpeg4": Track("mpeg4"),
              "mbaff": x264("tff=1")}  # fmt: skip
    return [Recipe(f"trimmed_{name}_{start}.{suffix}", (track,), copy=_copied(start), left=between(start, 9))
            for name, track in tracks.items() for start in (0.52, 0.92) for suffix in ("mp4", "mov")]  # fmt: skip


TURNS: dict[str, tuple[tuple[int, int, int, int], Callable[[np.ndarray], np.ndarray]]] = {
    "turned_90": ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
    "turned_180": ((-1, 0, 0, -1), lambda p: np.rot90(p, 2)),
    "turned_270": ((0, -1, 1, 0), lambda p: np.rot90(p)),
    "mirrored": ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
    "upside_down": ((1, 0, 0, -1), lambda p: p[::-1]),
    "transposed": ((0, 1, 1, 0), lambda p: p.swapaxes(0, 1)),
    "transversed": ((0, -1, -1, 0), lambda p: p[::-1, ::-1].swapaxes(0, 1)),
}


def turned(aspect: Fraction | None = None, suffix: str = "mp4") -> list[Recipe]:
    name = "wide_" if aspect else ""
    rows = [Recipe(f"{name}{kind}.{suffix}", (x264("bframes=0", aspect=aspect),), turn=turn,
                   then=lambda data, matrix=matrix: with_matrix(data, *matrix))
            for kind, (matrix, turn) in TURNS.items()]  # fmt: skip
    if aspect:
        return rows
    matrix, turn = TURNS["turned_90"]
    rows.append(Recipe("movie_turned.mp4", turn=turn, then=lambda data: with_matrix(data, *matrix, movie=True)))
    angles = {90: 270, 180: 180, 270: 90}  # FFmpeg's count against the clock
    rows += [Recipe(f"rotated_{angle}.{each}", (Track(rotation=angle),), turn=TURNS[f"turned_{angles[angle]}"][1])
             for angle in angles for each in ("mkv", "mov")]  # fmt: skip
    return rows


def _resized(source: Path, target: Path) -> None:
    """The same pictures once more, behind those of the source, in another size: a shared screen or a phone turned."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        output = new.add_stream_from_template(stream)
        packets = [packet for packet in old.demux(stream) if packet.size]
        for packet in packets:
            packet.stream = output
            new.mux(packet)
        encoder = av.CodecContext.create(stream.codec_context.name, "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 64, 96, "yuv420p", Fraction(1, 25)
        frames = [frame.reformat(64, 96) for frame in _decoded(source)]
        for index, frame in enumerate([*frames, None]):
            if frame:
                frame.pts, frame.time_base = len(frames) + index, Fraction(1, 25)
            for packet in encoder.encode(frame):
                packet.stream = output
                new.mux(packet)


def _joined(source: Path, target: Path) -> None:
    """The same pictures once more, behind those of the source, with other parameters, as of two recordings."""
    second = source.with_name(f"second {target.name}")
    with av.open(str(second), "w") as new:
        stream = new.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIZE[0], 80, "yuv420p"
        stream.options = {"preset": "ultrafast", "x264-params": "keyint=10:bframes=0:ref=3:qp=10"}
        frames = [frame.reformat(SIZE[0], 80) for frame in _decoded(source)]
        for index, frame in enumerate([*frames, None]):
            if frame:
                frame.pts, frame.time_base = len(frames) + index, Fraction(1, 25)
            new.mux(stream.encode(frame))
    target.write_bytes(source.read_bytes() + second.read_bytes()[13 if target.suffix == ".flv" else 0 :])


def _decoded(source: Path):
    with av.open(str(source)) as container:
        yield from container.decode(video=0)


def _again(shown: list[Entry]) -> list[Entry]:
    return shown + [(number, time + Fraction(len(shown), 25)) for number, time in shown]


def odd() -> list[Recipe]:
    """What is rare, and gave wrong times, wrong sizes or a false refusal once."""
    gaps = tuple(i / 25 for i in [*range(6), 10, 11, 12, 20, 21, 22, 30, 40])
    rows = [Recipe(f"gaps_{codec}.avi", (Track(codec, times=gaps, lasting=0.04, base=Fraction(1, 25), pixels=pixels),))
            for codec, pixels in (("mpeg4", "yuv420p"), ("mjpeg", "yuvj420p"), ("huffyuv", "yuv422p"))]  # fmt: skip
    wraps = 95442.9  # 33 bits of 90 kHz are full within the clip
    rows += [Recipe("wraps.ts", (Track(offset=wraps),)), Recipe("wraps.mpg", (Track("mpeg2video", offset=wraps),))]
    rows += [
        Recipe(f"resized_{codec}.webm", (Track(codec),), copy=_resized, left=_again)
        for codec in ("libvpx", "libvpx-vp9")
    ]
    rows += [Recipe(f"joined.{suffix}", (x264("bframes=0"),), copy=_joined, left=_again) for suffix in ("flv", "ts")]
    rows += [Recipe("late_sound.flv", (Track("flv", rate=10, count=80),), sound=(7.5, 0.5),
                    muxer={"flvflags": "no_metadata"}, then=without_sound_ahead)]  # fmt: skip
    rows += [Recipe("fast.mkv", (Track(rate=2000, count=60),))]
    depths = {"alpha.webm": ("libvpx-vp9", "yuva420p"), "alpha.mov": ("qtrle", "argb"), "grey.mkv": ("ffv1", "gray"),
              "alpha_prores.mov": ("prores_ks", "yuva444p10le"), "rgb.mkv": ("libx264rgb", "rgb24"),
              "grey10.mkv": ("ffv1", "gray10le"), "rgb10.mkv": ("ffv1", "gbrp10le"), "grey16.mkv": ("ffv1", "gray16le"),
              "411.avi": ("rawvideo", "yuv411p")}  # fmt: skip
    return rows + [Recipe(name, (Track(codec, pixels=pixels, count=12),)) for name, (codec, pixels) in depths.items()]


ALL = [*WRITTEN, *edits(), *trimmed(), *turned(), *turned(Fraction(4, 3)), *odd()]
RECIPES = {recipe.name: recipe for recipe in ALL}
