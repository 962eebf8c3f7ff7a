"""What was measured, as a document."""

import platform
from pathlib import Path

import torch


def machine(device: torch.device) -> dict:
    """What the times depend on: types and numbers, no names."""
    card = {"card": torch.cuda.get_device_name(device)} if device.type == "cuda" else {}
    return card | {
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def processor() -> str:
    """Its type, as the system says it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def document(runs: list[dict]) -> str:
    """Markdown: a section for each run, a table for each of its measurements."""
    parts = [
        "# Benchmarks\n\nHow long things take, in milliseconds: the median of rounds in which all rows of a table took "
        "turns, where the middle eight tenths of them lie, and how the median compares with that of the row whose "
        "ratio is 1. Networks have random weights, float32 and one clip at a time, but where a title says otherwise. "
        "`python -m d2st benchmark` measures on the machine that it runs on."
    ]
    for run in runs:
        parts.append(f"## {run['model']} on {run['device']}\n\n{said(run['machine'])}")
        parts += [f"### {each['title']}\n\n{table(each)}" for each in run["measurements"]]
    return "\n\n".join(parts) + "\n"


def said(facts: dict) -> str:
    card = f"{facts['card']}; " if "card" in facts else ""
    return (
        f"{card}{facts['processor']}, {facts['threads']} threads, {facts['instructions']}; "
        f"torch {facts['torch']}, Python {facts['python']}."
    )


def table(measurement: dict) -> str:
    rows = measurement["rows"]
    base = next(row for row in rows if row["name"] == measurement["beside"])
    counted, weighed = (any(row.get(what) for row in rows) for what in ("multiply_adds", "peak_memory"))
    heads = ["what", "median", "10 to 90 %", "ratio", *["multiply-adds", "their ratio"] * counted]
    heads += ["peak memory"] * weighed
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        cells = [row["name"], number(row["median"]), f"{number(row['low'])} to {number(row['high'])}"]
        cells.append(f"{row['median'] / base['median']:.2f}")
        if counted:
            share = row["multiply_adds"] / base["multiply_adds"]
            cells += [f"{row['multiply_adds'] / 1e9:.2f} G", f"{share:.2f}"]
        if weighed:
            cells.append(f"{row['peak_memory'] / 1e9:.1f} GB" if row["peak_memory"] else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def number(seconds: float) -> str:
    """In milliseconds, to three digits or so."""
    milliseconds = seconds * 1e3
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"
