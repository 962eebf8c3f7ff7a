"""d2st benchmark: how long things take on this machine."""

import json
from functools import partial
from pathlib import Path

from d2st.cli.commands import writable
from d2st.errors import D2STError


def run_benchmark(arguments) -> int:
    """Measure, print the tables, and put each, once it is there, in the place of an earlier one of the same model and
    device in the files; what was measured on another machine is replaced as a whole."""
    from tqdm import tqdm

    from d2st.benchmark import MEASUREMENTS, Asked, document, machine, measure
    from d2st.models.zoo import DEFAULT, pick_device, spec_of

    wanted = arguments.only or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        raise D2STError(f"There is no measurement '{min(unknown)}'. There are {', '.join(MEASUREMENTS)}.")
    if arguments.out and not arguments.json:
        raise D2STError("A document is made of a file of measurements. Name that too, with --json FILE.")
    file, out = (writable(Path(name)) if name else None for name in (arguments.json, arguments.out))
    runs = earlier(file) if file and file.exists() else {}
    name, device = arguments.model or DEFAULT, pick_device(arguments.device)
    asked = Asked(name, spec_of(name).config, device)
    run = runs.get((name, device.type), {})
    here = machine(device)
    known = {each["name"]: each for each in run.get("measurements", []) if run["machine"] == here}
    for measurement in map(MEASUREMENTS.__getitem__, wanted):
        progress = partial(tqdm, desc=measurement.name)
        known[measurement.name] = measure(asked, measurement, arguments.rounds, progress)
        run = {"model": name, "device": device.type, "machine": here}
        run["measurements"] = [known[each] for each in MEASUREMENTS if each in known]
        runs[name, device.type] = run
        if file:
            file.write_text(json.dumps(list(runs.values()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if out:
            out.write_text(document(list(runs.values())), encoding="utf-8")
    print(document([run]))
    return 0


def earlier(file: Path) -> dict[tuple[str, str], dict]:
    """The runs in a file, by model and device."""
    try:
        return {(run["model"], run["device"]): run for run in json.loads(file.read_text(encoding="utf-8"))}
    except (ValueError, TypeError, KeyError):
        raise D2STError(f"'{file}' holds no measurements of ours. Choose another file for --json.") from None
