"""Results of a comparison as plain values, which JSON keeps, and the document that is made of them alone.

{"title", "about",
 "contenders": [{"adapter", "parameters", "trainings": [{"file", "about", "own_shares": [{"place", "share"}]}]}],
 "tables": [{"title", "columns", "signed", "rows": [{"matching", "adapter", "cells": [{"mean", "interval"}]}]}]}
"""

from collections.abc import Mapping
from typing import Any

from d2st.models.model import Model
from d2st.training.evaluation import Accuracy

Results = dict[str, Any]
Rows = Mapping[tuple[tuple[str, bool], str], list[Accuracy]]  # by matching (its name, and whether centred) and adapter


def contender(adapter: str, trainings: Mapping[str, Model]) -> Results:
    """What is compared: the trainings of an adapter, by their files."""
    return {
        "adapter": adapter,
        "parameters": max(map(adapter_parameters, trainings.values())),
        "trainings": [
            {"file": file, "about": model.about, "own_shares": own_shares(model)} for file, model in trainings.items()
        ],
    }


def adapter_parameters(model: Model) -> int:
    return sum(p.numel() for p in model.host.adapters.parameters())


def own_shares(model: Model) -> list[Results]:
    """Of the offsets' mean square, the share 0…1 that differs from clip to clip, where that is known."""
    points = model.usual.points if model.usual else {}
    return [{"place": f"{layer}, {pathway}", "share": each.share} for (layer, pathway), each in points.items()]


def table(title: str, columns: list[str], rows: Rows, signed: bool = False) -> Results:
    """signed: the accuracies are differences."""
    listed = [
        {"matching": name + ", centred" * centred, "adapter": adapter, "cells": [vars(each) for each in cells]}
        for ((name, centred), adapter), cells in rows.items()
    ]
    return {"title": title, "columns": columns, "signed": signed, "rows": listed}


def document(results: Results) -> str:
    """Markdown: who is compared, a section for each table, and how much of the offsets is a clip's own."""
    contenders = results["contenders"]
    parts = [f"# {results['title']}", results["about"], "\n".join(map(said_of, contenders))]
    for each in results["tables"]:
        parts += [f"## {each['title']}", markdown(each, contenders), *conclusions(each)]
    shares = {one["file"]: one["own_shares"] for each in contenders for one in each["trainings"] if one["own_shares"]}
    if shares:
        parts += [
            "## How much of an offset is the clip's",
            "Of the offsets' mean square, the share that differs from clip to clip.",
            shares_table(shares),
        ]
    return "\n\n".join(parts) + "\n"


def said_of(contender: Results) -> str:
    """What its trainings were."""
    trainings = contender["trainings"]
    times = f", {len(trainings)} trainings" if len(trainings) > 1 else ""
    return f"- {contender['adapter']}{times}: {'; '.join(each['about'] for each in trainings)}"


def markdown(table: Results, contenders: list[Results]) -> str:
    """A row for each matching and adapter."""
    sizes = {each["adapter"]: f"{each['parameters'] / 1e6:.2f} M" for each in contenders}
    sign = "+" if table["signed"] else ""
    heads = ["matching", "adapter", "parameters", *table["columns"]]
    rows = [
        [row["matching"], row["adapter"], sizes[row["adapter"]]]
        + [f"{each['mean']:{sign}.1f} ± {each['interval']:.1f}" for each in row["cells"]]
        for row in table["rows"]
    ]
    return lines(heads, rows)


def shares_table(shares: Mapping[str, list[Results]]) -> str:
    """A row for each training; a place that it has no points at stays empty."""
    places = list(dict.fromkeys(each["place"] for of_one in shares.values() for each in of_one))
    rows = []
    for file, of_one in shares.items():
        known = {each["place"]: f"{100 * each['share']:.1f} %" for each in of_one}
        rows.append([file, *(known.get(place, "") for place in places)])
    return lines(["training", *places], rows)


def lines(heads: list[str], rows: list[list[str]]) -> str:
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {' | '.join(r)} |" for r in rows)])


def conclusions(table: Results) -> list[str]:
    """What differences say in their last column, in three sentences; one within its interval is none."""
    if not table["signed"]:
        return []
    verdicts: dict[str, list[str]] = {"ahead": [], "behind": [], "alike": []}
    for row in table["rows"]:
        last = row["cells"][-1]
        verdict = "alike" if abs(last["mean"]) <= last["interval"] else "ahead" if last["mean"] > 0 else "behind"
        verdicts[verdict].append(row["adapter"])
    said = {verdict: "; ".join(adapters) or "none" for verdict, adapters in verdicts.items()}
    return [
        f"By the {table['columns'][-1]} and beyond its interval, ahead: {said['ahead']}. Behind: {said['behind']}. "
        f"Not told apart: {said['alike']}."
    ]
