"""The sampling points of a clip: `inspect`, and the figure that `predict` draws too."""

import json
from pathlib import Path

from d2st.cli.commands import describe, load, print_model, reader, writable
from d2st.errors import D2STError

ENDINGS = (".html", ".png", ".json", ".pdf", ".svg")
FIGURES = (".pdf", ".svg", ".png")


def run_inspect(arguments) -> int:
    from d2st.recognizer import Recognizer

    out = Path(arguments.out)
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise D2STError(f"'{out}' is no {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} file. Choose one of them.")
    writable(out)
    model = load(arguments)
    recognizer = Recognizer(model)
    clip = reader(model, arguments, preview=ending == ".html")(arguments.clip)
    encoding = recognizer.inspect(clip)
    if not encoding.traces:
        raise D2STError(
            "This model has no sampling points: its adapters are of another kind than D²ST, or there are none. "
            "Choose another --adapter, or leave it out."
        )
    if ending in (".pdf", ".svg"):
        draw_figure(out, recognizer, clip, arguments)
    elif ending == ".png":
        from d2st.explain.draw import save_points_figure

        save_points_figure(clip, encoding.traces, out)
    elif ending == ".html":
        from d2st.explain.explorer import explore
        from d2st.explain.usual import own_of_all

        explore(clip, encoding, model, own=own_of_all(encoding.traces, model.usual)).save(out)
    else:
        content = describe(model) | {
            "clip": clip.name,
            "looks": clip.looks,
            "times": list(clip.times),
            "notes": list(clip.notes),
        }
        said = content | {"traces": [trace.to_json() for trace in encoding.traces]}
        out.write_text(json.dumps(said), encoding="utf-8")
    print_model(model)
    print(f"Wrote {out}.")
    return 0


def drawable(file: str) -> Path:
    """Where a figure can be drawn; said before the work, not after it."""
    out = Path(file)
    if out.suffix.lower() not in FIGURES:
        raise D2STError(f"'{out}' is no {', '.join(FIGURES[:-1])} or {FIGURES[-1]} file. Choose one of them.")
    return writable(out)


def draw_figure(file: Path, recognizer, clip, arguments, prediction=None) -> None:
    from d2st.explain.figure import chosen, save_figure

    traces = recognizer.inspect(clip).traces
    save_figure(file, recognizer, clip, chosen(traces, arguments.layer, arguments.pathway), prediction)
