"""The kinds of clips that people have, as encoders and muxers write them; one row each: see `corpus.py`."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from boxes import box, with_display
from corpus import Recipe, Track

CD, FULL = (352, 288), (720, 576)
DCT, MOTION = 1 << 18, 1 << 29  # FFmpeg's flags for interlaced coding
NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)


def x264(params: str = "", **changes) -> Track:
    # Ends each row of numbers in the same way: short groups, B-frames unless told otherwise.
    told = "keyint=10:min-keyint=1:scenecut=0:bframes=3:b-adapt=0:" + params
    return Track(options={"x264-params": told.rstrip(":")}, **changes)


def x265(params: str = "", **changes) -> Track:
    alone = (
        "log-level=none:pools=none:frame-threads=1:wpp=0:"  # threads that wait for each other starve on busy machines
    )
    told = alone + "keyint=10:min-keyint=1:scenecut=0:bframes=3:b-adapt=0:" + params
    return Track("libx265", options={"x265-params": told.rstrip(":")}, **changes)


def vp(codec: str = "libvpx", **changes) -> Track:
    return Track(codec, **changes)


def av1(**changes) -> Track:
    return Track("libsvtav1", **changes)


def groups() -> list[Recipe]:
    """Orders of decoding: open and closed groups, pyramids, refresh without key frames."""
    h264 = {
        "plain": "bframes=0", "b": "", "pyramid": "b-pyramid=normal:ref=4", "strict": "b-pyramid=strict:bframes=5",
        "deep": "bframes=16:ref=16:b-pyramid=normal:keyint=24", "open": "open-gop=1",
        "open_pyramid": "open-gop=1:b-pyramid=normal:ref=4", "refresh": "intra-refresh=1:bframes=0",
        "refresh_b": "intra-refresh=1", "all_key": "keyint=1", "one_key": "keyint=infinite", "slices": "slices=4",
        "no_cabac": "cabac=0:bframes=0", "weighted": "weightp=2:weightb=1", "aud": "aud=1:nal-hrd=vbr:vbv-maxrate=500:"
        "vbv-bufsize=500", "lossless": "qp=0", "mbaff": "interlaced=1", "tff": "tff=1", "bff": "bff=1",
        "fake_interlaced": "fake-interlaced=1:bframes=0",
    }  # fmt: skip
    hevc = {
        "b": "open-gop=0", "open": "open-gop=1", "pyramid": "open-gop=1:b-pyramid=1:bframes=5:rc-lookahead=10",
        "radl": "open-gop=0:radl=2:bframes=2", "all_key": "keyint=1", "one_key": "keyint=-1",
        "refresh": "intra-refresh=1",
    }  # fmt: skip
    rows = [Recipe(f"h264_{name}.mp4", (x264(params),)) for name, params in h264.items()]
    rows += [Recipe(f"hevc_{name}.mp4", (x265(params),)) for name, params in hevc.items()]
    rows += [Recipe(f"h264_{name}.{suffix}", (x264(h264[name]),)) for name in ("open_pyramid", "refresh", "deep")
             for suffix in ("ts", "mkv", "mov")]  # fmt: skip
    rows += [
        Recipe(f"hevc_{name}.{suffix}", (x265(hevc[name]),)) for name in ("open", "radl") for suffix in ("ts", "mkv")
    ]
    depths = {"10": "yuv420p10le", "422": "yuv422p", "444": "yuv444p"}
    rows += [Recipe(f"h264_{name}.mp4", (x264(pixels=pixels),)) for name, pixels in depths.items()]
    rows += [Recipe("hevc_10.mp4", (x265(pixels="yuv420p10le", tag="hvc1"),)), Recipe("hevc_hev1.mov", (x265(),))]
    return rows


def codecs() -> list[Recipe]:
    """Codecs in the containers that they come in."""
    rows = [Recipe(f"vp8.{each}", (vp(),)) for each in ("webm", "mkv", "ogv")]
    rows += [Recipe(f"vp9.{each}", (vp("libvpx-vp9"),)) for each in ("webm", "mkv", "mp4")]
    rows += [Recipe(f"av1.{each}", (av1(),)) for each in ("mp4", "webm", "mkv")]
    hidden = {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "good"}
    rows += [Recipe(f"{c}_alt.webm", (Track(c, options=hidden),)) for c in ("libvpx", "libvpx-vp9")]
    rows += [Recipe("vp9_444.webm", (vp("libvpx-vp9", pixels="yuv444p"),))]
    rows += [Recipe("av1_10.mp4", (av1(pixels="yuv420p10le"),))]
    b_frames = {"bf": "2"}
    rows += [Recipe(f"mpeg4.{each}", (Track("mpeg4"),)) for each in ("avi", "mkv", "mp4", "mov", "3gp", "3g2")]
    rows += [Recipe(f"mpeg4_b.{each}", (Track("mpeg4", options=b_frames),)) for each in ("avi", "mp4", "mkv")]
    rows += [Recipe("xvid.avi", (Track("mpeg4", tag="XVID"),)), Recipe("divx.avi", (Track("mpeg4", tag="DX50"),))]
    rows += [Recipe(f"h264.{each}", (x264("bframes=0"),)) for each in ("avi", "flv", "f4v", "3gp", "m2ts", "mts")]
    rows += [Recipe("h264_b.avi", (x264(),)), Recipe("h264_b.flv", (x264(),))]
    rows += [Recipe(f"mpeg2.{each}", (Track("mpeg2video", options=b_frames),)) for each in ("mpg", "vob", "ts", "mkv")]
    rows += [
        Recipe("mpeg1.mpg", (Track("mpeg1video", options=b_frames),)),
        Recipe("h263.3gp", (Track("h263", size=(176, 144), aspect=Fraction(12, 11)),)),
    ]
    rows += [Recipe("mpeg1.vcd.mpg", (Track("mpeg1video", size=CD),), format="vcd")]
    rows += [Recipe("mpeg2.dvd.vob", (Track("mpeg2video", size=FULL, options=b_frames),), format="dvd")]
    rows += [Recipe("mpeg2.svcd.mpg", (Track("mpeg2video", size=(480, 576)),), format="svcd")]
    rows += [Recipe(f"{c}.wmv", (Track(c),)) for c in ("wmv1", "wmv2", "msmpeg4")]
    rows += [Recipe("msmpeg4v2.avi", (Track("msmpeg4v2"),)), Recipe("wmv2.asf", (Track("wmv2"),))]
    rows += [Recipe("flv1.flv", (Track("flv"),)), Recipe("screen.flv", (Track("flashsv", pixels="bgr24"),))]
    dv = Track("dvvideo", size=FULL, count=12, aspect=Fraction(16, 15))
    rows += [Recipe(f"dv.{each}", (dv,)) for each in ("avi", "mov")]
    stills = {"mjpeg.avi": "yuvj420p", "mjpeg.mov": "yuvj422p", "mjpeg.mkv": "yuvj420p", "png.mov": "rgb24",
              "jpeg2000.mov": "yuv420p", "ffv1.mkv": "yuv420p", "ffv1.avi": "yuv422p", "huffyuv.avi": "yuv422p",
              "prores.mov": "yuv422p10le", "cfhd.mov": "yuv422p10le", "qtrle.mov": "rgb24", "rawvideo.avi": "bgr24",
              "v210.mov": "yuv422p10le", "cinepak.avi": "rgb24", "msvideo1.avi": "rgb555le", "svq1.mov": "yuv410p",
              "zmbv.avi": "bgr0", "snow.mkv": "yuv420p"}  # fmt: skip
    encoders = {"prores": "prores_ks"}
    return rows + [Recipe(name, (Track(encoders.get(name[:-4], name[:-4]), pixels=pixels, count=20),))
                   for name, pixels in stills.items()]  # fmt: skip


def interlaced() -> list[Recipe]:
    flags = DCT | MOTION
    rows = [Recipe(f"interlaced_mpeg2.{each}", (Track("mpeg2video", flags=flags, options={"bf": "2"}),))
            for each in ("mpg", "ts", "mkv")]  # fmt: skip
    rows += [Recipe(f"interlaced_xvid.{each}", (Track("mpeg4", flags=flags, tag=tag),))
             for each, tag in (("avi", "XVID"), ("mkv", None), ("mp4", None))]  # fmt: skip
    return rows + [Recipe(f"interlaced_{order}.{each}", (x264(f"{order}=1"),))
                   for order in ("tff", "bff") for each in ("mts", "mkv", "avi")]  # fmt: skip


def rates() -> list[Recipe]:
    constant = {
        "10": 10,
        "12": 12,
        "24": 24,
        "25": 25,
        "ntsc": NTSC,
        "30": 30,
        "50": 50,
        "ntsc60": 2 * NTSC,
        "film": FILM,
        "1": 1,
    }
    rows = [Recipe(f"rate_{name}.{each}", (x264(rate=rate),))
            for name, rate in constant.items() for each in ("mp4", "mkv")]  # fmt: skip
    rows += [
        Recipe(f"rate_{name}.{each}", (Track(codec, rate=rate),))
        for name, rate in (("15", 15), ("ntsc", NTSC))
        for each, codec in (("avi", "mpeg4"), ("webm", "libvpx"), ("ts", "libx264"), ("flv", "flv"), ("wmv", "wmv2"))
    ]
    rows += [Recipe(f"rate_2000.{each}", (Track(rate=2000, count=60),)) for each in ("mp4", "mov")]
    return rows + [Recipe(f"gif_{rate}.gif", (Track("gif", rate=rate, pixels="rgb8"),)) for rate in (5, 10, 20, 25, 50)]


def _jittered(count: int, seed: int) -> tuple[float, ...]:
    return tuple(np.cumsum(np.random.default_rng(seed).integers(5, 200, count)) / 1000)


VARYING = {
    "burst": tuple([i / 50 for i in range(30)] + [2 + i for i in range(5)]),
    "two_rates": tuple([i / 30 for i in range(40)] + [40 / 30 + i / 10 for i in range(20)]),
    "lapse": tuple(20.0 * i for i in range(12)),
    "gap": tuple([i / 25 for i in range(15)] + [4 + i / 25 for i in range(15)]),
    "jitter": _jittered(40, 1),
    "slow": tuple(1.5 * i + 0.4 * (i % 3) for i in range(15)),
    "held_first": (0.0, *(3 + i / 25 for i in range(20))),
}


def varying() -> list[Recipe]:
    codecs = {
        "mp4": "libx264",
        "mov": "libx264",
        "mkv": "libx264",
        "webm": "libvpx",
        "ts": "libx264",
        "flv": "flv",
        "wmv": "wmv2",
    }
    rows = [Recipe(f"{name}.{suffix}", (Track(codec, times=times),))
            for name, times in VARYING.items() for suffix, codec in codecs.items()]  # fmt: skip
    hundredths = dict(base=Fraction(1, 100), pixels="rgb8")
    times = tuple(round(time, 2) for time in VARYING["burst"])
    rows += [Recipe("burst.gif", (Track("gif", times=times, lasting=2, **hundredths),))]
    rows += [Recipe(f"b_frames_{name}.mp4", (x264(times=VARYING[name]),)) for name in ("jitter", "two_rates")]
    return rows + [Recipe(f"held.{suffix}", (Track(codecs[suffix], times=tuple(i / 25 for i in range(20)), lasting=8),))
                   for suffix in ("mp4", "mov", "mkv", "webm")]  # fmt: skip


def starts() -> list[Recipe]:
    """Clips whose first picture is not shown at zero."""
    codecs = {"mp4": "libx264", "mkv": "libx264", "webm": "libvpx", "ts": "libx264", "flv": "flv", "mpg": "mpeg2video"}
    return [Recipe(f"starts_{offset}.{suffix}", (Track(codec, offset=offset),), sound=(0, 1) if offset < 2 else None)
            for suffix, codec in codecs.items() for offset in (0.4, 100)]  # fmt: skip


def shapes() -> list[Recipe]:
    codecs = {"mp4": "libx264", "mkv": "libx264", "ts": "libx264", "avi": "mpeg4", "asf": "wmv2"}
    aspect = Fraction(16, 11)
    rows = [Recipe(f"wide.{suffix}", (Track(codec, aspect=aspect),)) for suffix, codec in codecs.items()]
    rows += [Recipe(f"wide_{codec}.mov", (Track(codec, aspect=aspect, pixels=pixels),))
             for codec, pixels in (("mjpeg", "yuvj420p"), ("prores_ks", "yuv422p10le"))]  # fmt: skip
    rows += [Recipe("wide.webm", (vp("libvpx-vp9", aspect=aspect),), muxer={"live": "1"},
                    then=lambda data: with_display(data, 140, 64))]  # fmt: skip
    rows += [Recipe("wide.vob", (Track("mpeg2video", aspect=Fraction(32, 27)),))]  # 16:9 in all; others it cannot say
    rows += [Recipe("narrow.mp4", (Track(aspect=Fraction(10, 11)),))]
    sizes = {"odd": (97, 63), "tiny": (16, 16), "tall": (40, 320), "flat": (320, 40)}
    rows += [Recipe(f"{name}.webm", (Track("libvpx-vp9", size=size),)) for name, size in sizes.items()]
    return rows + [Recipe("cropped.mp4", (Track(size=(90, 62)),)), Recipe("cropped.mkv", (x265(size=(90, 62)),))]


def tracks() -> list[Recipe]:
    film, other = Track(count=40), Track(count=30)
    cover = Track("mjpeg", count=1, pixels="yuvj420p", size=(64, 64), cover=True)
    by_default = (replace(other, default=False), replace(film, default=True))
    rows = [Recipe(f"second_default.{each}", by_default, film=1) for each in ("mp4", "mkv", "mov")]
    rows += [Recipe(f"first_default.{each}", by_default[::-1]) for each in ("mp4", "mkv")]
    rows += [Recipe(f"cover_first.{each}", (cover, film), film=1) for each in ("mkv", "mp4")]
    rows += [Recipe(f"cover_last.{each}", (film, cover)) for each in ("mkv", "mp4", "mov")]
    rows += [Recipe("still_first.mkv", (replace(cover, cover=False), film), film=1)]
    rows += [Recipe(f"two_tracks.{each}", (other, film), film=1) for each in ("ts",)]
    both = {"mp4": "libx264", "mov": "libx264", "mkv": "libx264", "webm": "libvpx", "ts": "libx264", "flv": "flv",
            "wmv": "wmv2", "avi": "mpeg4", "mpg": "mpeg2video"}  # fmt: skip
    for suffix, codec in both.items():
        rows += [Recipe(f"sound_{name}.{suffix}", (Track(codec),), sound=span)
                 for name, span in (("longer", (0, 4)), ("shorter", (0, 0.5)))]  # fmt: skip
    return rows


def containers() -> list[Recipe]:
    fragments = {
        "frag_keyframe": "frag_keyframe+empty_moov", "frag_every": "frag_every_frame+empty_moov+default_base_moof",
        "frag_moov": "frag_keyframe+delay_moov", "dash": "dash+frag_keyframe", "cmaf": "cmaf+frag_keyframe+delay_moov",
        "faststart": "faststart", "negative": "negative_cts_offsets+frag_keyframe+empty_moov",
        "ctts": "negative_cts_offsets",
    }  # fmt: skip
    rows = [Recipe(f"{name}.mp4", (x264(),), muxer={"movflags": flags}) for name, flags in fragments.items()]
    fragmented = {"movflags": fragments["frag_every"]}
    first = {"styp": box(b"styp", b"msdh\0\0\0\0msdhmsix"), "uuid": box(b"uuid", bytes(range(16)) + bytes(50)),
             "free": box(b"free", bytes(30)), "skip": box(b"skip", b"")}  # fmt: skip
    rows += [Recipe(f"{name}_first.mp4", (x264("bframes=0"),), muxer=fragmented,
                    then=lambda data, begin=begin: begin + data)
             for name, begin in first.items()]  # fmt: skip
    rows += [Recipe(f"live.{each}", (vp(count=40),), muxer={"live": "1"}) for each in ("webm", "mkv")]
    rows += [Recipe("live_varying.webm", (vp(times=VARYING["jitter"]),), muxer={"live": "1"})]
    rows += [
        Recipe("clusters.mkv", muxer={"cluster_time_limit": "100"}),
        Recipe("cues_first.mkv", muxer={"reserve_index_space": "4000"}),
    ]
    rows += [Recipe("no_length.flv", (Track("flv"),), muxer={"flvflags": "no_duration_filesize"})]
    rows += [Recipe("loops.gif", (Track("gif", rate=10, pixels="rgb8"),), muxer={"loop": "3"})]
    rows += [Recipe(name, (Track(codec),), format=container) for name, codec, container in (
        ("UPPER.MP4", "libx264", "mp4"), ("no_suffix", "libx264", "mp4"), ("wrong.avi", "libx264", "mp4"),
        ("wrong.mp4", "libvpx", "webm"), ("mpeg.dat", "mpeg2video", "mpeg"),
        ("camera.mod", "mpeg2video", "vob"))]  # fmt: skip
    rows += [Recipe(f"short_{count}.{each}", (Track(codec, count=count),)) for count in (1, 2, 3, 7)
             for each, codec in (("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4"))]  # fmt: skip
    return rows


WRITTEN = [*groups(), *codecs(), *interlaced(), *rates(), *varying(), *starts(), *shapes(), *tracks(), *containers()]
