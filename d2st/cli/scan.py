"""d2st scan: which action is where in a long file."""

from functools import partial
from pathlib import Path

from d2st.cli.commands import (
    describe,
    joined_device,
    learn,
    load,
    print_json,
    print_model,
    reader,
    support_folder,
    warn,
    writable,
)
from d2st.errors import D2STError


def run_scan(arguments) -> int:
    from tqdm import tqdm

    from d2st import matching
    from d2st.data.folders import clips_by_action
    from d2st.explain import time_line
    from d2st.live.scan import every, scan_of, window_scores
    from d2st.recognizer import Recognizer
    from d2st.training.distributed import dealt, put_together, rank_and_world
    from d2st.video import long_film

    support = support_folder(arguments)
    if not support:
        raise D2STError("Name the examples with --support DIR, or take a set that comes along: --examples people.")
    files = [Path(file) for file in arguments.out]
    for file in files:
        time_line.check_format(file)
        writable(file)
    every(1, arguments.window, arguments.stride)  # complain before the work, not after it
    folders = clips_by_action(support)
    arguments.device = joined_device(arguments.device)
    model = load(arguments)
    name, centred = arguments.matching or matching.DEFAULT, arguments.centre
    recognizer = Recognizer(model, name, matching.CENTRED if centred is None else centred)
    problems = learn(recognizer, reader(model, arguments), folders, support)
    rank, _ = rank_and_world()
    spacing = every(model.frames, arguments.window, arguments.stride)
    with long_film(arguments.film, spacing, model.image) as film:
        progress = partial(tqdm, desc="windows", disable=True if rank else None)
        cut = (recognizer, film, arguments.window, arguments.stride)
        found = scan_of(*cut, put_together(list(window_scores(*cut, progress, dealt))))
    if rank:
        return 1 if problems else 0
    for file in files:
        time_line.save(found, file)
    if arguments.json:
        matched = {"matching": recognizer.matching, "centred": recognizer.centre}
        print_json(describe(model) | matched | time_line.told(found))
        return 1 if problems else 0
    print_model(model)
    for note in found.notes:
        warn(note)
    for each in found.passages:
        said = "nothing" if each.action is None else f"{each.action}  {each.score:.2f}"
        print(f"  {each.start:8.2f} to {each.end:8.2f} s  {said}")
    for file in files:
        print(f"Wrote {file}.")
    return 1 if problems else 0
