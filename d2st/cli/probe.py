"""d2st probe: what the reader saw in a clip, which answers why a frame is what it is."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from d2st.video import Clip, Source

_HEIGHT = 240  # pixels of a frame that is drawn


def run_probe(arguments) -> int:
    from d2st.cli.commands import writable
    from d2st.explain.draw import save_frames_figure
    from d2st.video import read_clip

    out = writable(Path(arguments.out or f"{Path(arguments.clip).stem}-frames.png"))
    settings = dict(short_side=_HEIGHT, crop=None, decoder=arguments.decoder, fps=arguments.fps)
    clip = read_clip(arguments.clip, arguments.frames, **settings)
    save_frames_figure(clip, out)
    if arguments.json:
        print(json.dumps(told(clip) | {"picture": str(out)}))
        return 0
    print(clip.name)
    for name, value in facts(clip).items():
        print(f"  {name:10} {value}")
    for note in clip.notes:
        print(f"  note: {note}")
    print(f"Wrote {out}.")
    return 0


def told(clip: "Clip") -> dict:
    """All that is known of a clip, as plain values."""
    names = ("name", "duration", "fps", "width", "height", "frame_count", "notes")
    source = asdict(clip.source) if clip.source else None
    return {name: getattr(clip, name) for name in names} | {"times": clip.times.tolist(), "source": source}


def facts(clip: "Clip") -> dict[str, str]:
    """The same for people, by name."""
    seen = clip.source
    rate = f"{clip.fps:.4g} frames a second"
    if seen:
        rate += ", constant" if seen.steady else " in the mean, varying: frames are chosen by their times"
    return (of_file(seen) if seen else {}) | {
        "displayed": f"{clip.width} × {clip.height} pixels" + (f", {shape(seen)}" if seen and shape(seen) else ""),
        "rate": rate,
        "length": f"{clip.duration:.4g} s, {clip.frame_count} frames",
        "read at": " ".join(f"{time:.3f}" for time in clip.times) + " s after the first frame",
    }


def of_file(seen: "Source") -> dict[str, str]:
    scan = ", interlaced: every other line of a picture is shown" if seen.interlaced else ""
    return {"container": seen.container, "track": seen.track, "codec": f"{seen.codec}, {seen.pixels}{scan}"}


def shape(seen: "Source") -> str:
    """How the displayed picture comes from the stored one; nothing where they are the same."""
    turned = seen.turned if seen.turned != "as stored" else ""
    pressed = f"its pixels {seen.pixel_aspect:.3g} times as wide as high" if seen.pixel_aspect != 1 else ""
    changes = ", ".join(filter(None, (turned, pressed)))
    return changes and f"stored as {seen.width} × {seen.height}: {changes}"
