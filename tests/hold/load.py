"""Many visitors at once, each with own actions and queries: is every answer the one that the same clips get alone?

python tests/hold/load.py [--visitors 20] [--minutes 10] [--json]

Each visitor has an address of their own and asks without rest: on the page, as a program, with what-if; some leave in
the middle, some send damaged clips. The server is `app.py` in a process of its own, with the default model.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from crowd import Visitor  # noqa: E402
from serving import Server  # noqa: E402
from small import EXAMPLES  # noqa: E402

from d2st.models.zoo import load_model  # noqa: E402
from d2st.recognizer import Recognizer  # noqa: E402

SETS = ("people", "table")
CLOSE = 2e-3  # of scores: batches of other sizes round otherwise
PATIENCE = 900  # seconds for what was asked last
POLITE = ("waiting already", "others are waiting")


@dataclass
class Tally:
    """What came of it. Times in seconds, memory in bytes."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # of answers, by kind
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    refused: int = 0
    left: int = 0
    memory: list[tuple[int, int]] = field(default_factory=list)  # (answers so far, bytes)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answers(self) -> int:
        return sum(map(len, self.seconds.values()))

    def memory_after(self, answers: int) -> int:
        return next((size for count, size in self.memory if count >= answers), self.memory[-1][1])


class Truth:
    """What the same clips get alone."""

    def __init__(self):
        self.model = load_model(device="cpu")
        reader = Recognizer(self.model)
        self.clips, self.answers = {}, {}
        for path in sorted(EXAMPLES.glob("*/*/**/*.mp4")):
            clip = reader.read(str(path))
            self.clips[path] = clip, reader.features(clip)

    def predict(self, examples: list[tuple[str, Path]], query: Path):
        asked = (*(path for _, path in examples), query)
        if asked not in self.answers:
            self.answers[asked] = self.compute(examples, query)
        return self.answers[asked]

    def compute(self, examples: list[tuple[str, Path]], query: Path):
        recognizer = Recognizer(self.model)
        for action, path in examples:
            clip, features = self.clips[path]
            recognizer.know(clip, features)
            recognizer.add(action, clip)
        clip, features = self.clips[query]
        recognizer.know(clip, features)
        return recognizer.predict(clip)


class Caller:
    """A visitor who asks without rest."""

    def __init__(self, server: Server, truth: Truth, tally: Tally, seed: int):
        self.server, self.truth, self.tally, self.random = server, truth, tally, random.Random(seed)
        self.address = f"127.0.{seed // 250}.{1 + seed % 250}"
        folder = EXAMPLES / SETS[seed % len(SETS)]
        actions = self.random.sample(sorted(each.name for each in (folder / "support").iterdir()), 3)
        self.examples = [(action, min((folder / "support" / action).iterdir())) for action in actions]
        self.queries = sorted((folder / "query").iterdir())
        self.broken = server.folder / f"broken {seed}.mp4"
        self.broken.write_bytes(self.queries[0].read_bytes()[: 700 + seed])
        self.visitor: Visitor | None = None

    def arrive(self) -> None:
        self.visitor = Visitor(self.server, address=self.address)
        self.there = [self.visitor.upload(path) for _, path in self.examples]
        self.on_page = False

    def run(self, until: float) -> None:
        kinds = {self.page: 5, self.program: 5, self.what_if: 1, self.inspect: 1, self.damaged: 1, self.leave: 1}
        while time.monotonic() < until:
            kind = self.random.choices(list(kinds), list(kinds.values()))[0]
            if not self.visitor:
                self.arrive()
            began = time.monotonic()
            try:
                outcome = kind()
            except (httpx.HTTPError, AssertionError, KeyError, ValueError) as error:
                outcome = f"{kind.__name__}: {type(error).__name__} {error!s:.200}"
            with self.tally.lock:
                if outcome == "refused":
                    self.tally.refused += 1
                elif outcome == "left":
                    self.tally.left += 1
                elif outcome:
                    (self.tally.wrong if outcome.startswith("wrong") else self.tally.failed).append(outcome)
                else:
                    self.tally.seconds[kind.__name__].append(time.monotonic() - began)
            if outcome == "refused":
                time.sleep(1)

    # Each gives nothing where the answer is right, else what happened.

    def page(self) -> str:
        if not self.on_page:
            self.visitor.press(do="open", workspace="own")
            for (action, _), there in zip(self.examples, self.there, strict=True):
                self.visitor.add(action, there)
            self.on_page = True
        query = self.random.choice(self.queries)
        shown = self.visitor.ask(self.visitor.upload(query))
        expected = self.truth.predict(self.examples, query)
        if any(polite in shown for polite in POLITE):
            return "refused"
        label = re.search(r'class=\\"label\\" role=\\"status\\">([^<]*)<', shown)
        margin = re.search(r"margin</dfn> of (\d+\.\d+)", shown)
        if not label or not margin:
            return f"page: no answer in {len(shown)} letters"
        near = abs(float(margin[1]) - expected.margin) < 0.006
        return "" if label[1] == expected.label and near else f"wrong on the page: {label[1]} for {expected.label}"

    def program(self, asked="predict") -> str:
        query = self.random.choice(self.queries)
        end = self.ask(asked, query)
        if not end["success"]:
            return self.politely(end)
        expected, [told] = self.truth.predict(self.examples, query), end["output"]["data"]
        near = all(abs(told["scores"][action] - score) < CLOSE for action, score in expected.scores.items())
        return "" if told["label"] == expected.label and near else f"wrong for a program: {told['label']}"

    def ask(self, name: str, query: Path) -> dict:
        actions = [action for action, _ in self.examples]
        return self.visitor.call(name, self.there, actions, self.visitor.upload(query), "bi-mhm", True)

    def what_if(self) -> str:
        query = self.random.choice(self.queries)
        end = self.ask("what_if", query)
        if not end["success"]:
            return self.politely(end)
        expected, rows = self.truth.predict(self.examples, query), end["output"]["data"][0]
        odd = [row for row in rows if "label" in row and row["flipped"] != (row["label"] != expected.label)]
        return f"wrong in what if: {odd[0]['change']}" if odd or len(rows) < 5 else ""

    def inspect(self) -> str:
        query = self.random.choice(self.queries)
        end = self.visitor.call("inspect", self.visitor.upload(query))
        if not end["success"]:
            return self.politely(end)
        [told] = end["output"]["data"]
        right = told["clip"] == query.name and len(told["traces"]) == 6
        return "" if right else "wrong points"

    def damaged(self) -> str:
        end = self.ask("predict", self.broken)
        if end["success"]:
            return "wrong: a damaged clip was answered"
        return "" if self.broken.name in str(end["output"].get("error")) else self.politely(end)

    def leave(self) -> str:
        query = self.visitor.upload(self.random.choice(self.queries))
        actions = [action for action, _ in self.examples]
        self.visitor.join(self.server.api("predict"), [self.there, actions, query, "bi-mhm", True])
        self.close()
        return "left"

    def close(self) -> None:
        if self.visitor:
            self.visitor.http.close()
        self.visitor = None

    def politely(self, end: dict) -> str:
        said = str(end["output"].get("error"))
        return "refused" if any(polite in said for polite in POLITE) else f"{said:.200}"


def watch(server: Server, tally: Tally, done: threading.Event) -> None:
    process = psutil.Process(server.process.pid)
    while not done.wait(1):
        tally.memory.append((tally.answers, process.memory_info().rss))


def left_behind(server: Server) -> dict[str, int]:
    process = psutil.Process(server.process.pid)
    files = [path for path in server.temporary.rglob("*") if path.is_file() and path.stat().st_size]
    return {"processes": len(server.children()), "descriptors": process.num_fds(), "files with content": len(files)}


def load(visitors: int, seconds: float, idle: float = 60) -> dict:
    """So many visitors for so long, and then a rest: the server deletes what those have who are silent for `idle` s."""
    with tempfile.TemporaryDirectory() as folder:
        limits = Path(folder, "limits.yaml")
        limits.write_text(f"idle_seconds: {idle}\naway_seconds: {idle}\n")
        with Server(Path(folder), "--limits", str(limits), threads=os.cpu_count()) as server:
            return crowd_at(server, visitors, seconds, idle + 12)


def crowd_at(server: Server, visitors: int, seconds: float, rest: float) -> dict:
    truth, tally, done = Truth(), Tally(), threading.Event()
    threading.Thread(target=watch, args=(server, tally, done), daemon=True).start()
    before = left_behind(server)
    callers = [Caller(server, truth, tally, seed) for seed in range(visitors)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=caller.run, args=(until,), daemon=True) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, until + PATIENCE - time.monotonic()))
    hanging = sum(thread.is_alive() for thread in threads)
    for caller in callers:
        caller.close()
    time.sleep(rest)
    after, health = left_behind(server), server.get("/health").json()
    done.set()
    every = sorted(second for kind in tally.seconds.values() for second in kind)
    memory = {
        f"GB after {count} answers": round(tally.memory_after(count) / 1e9, 3)
        for count in (100, 300, 1000)
        if count <= tally.answers
    }
    memory["GB at most"] = round(max(size for _, size in tally.memory) / 1e9, 3)
    memory["GB after a rest"] = round(tally.memory[-1][1] / 1e9, 3)
    return {
        "visitors": visitors,
        "minutes": seconds / 60,
        "answers": tally.answers,
        "wrong": tally.wrong,
        "failed": tally.failed,
        "refused politely": tally.refused,
        "left in the middle": tally.left,
        "without an end": hanging,
        "median s": at(every, 0.5),
        "95 % s": at(every, 0.95),
        **{f"median s, {kind.replace('_', ' ')}": at(sorted(taken), 0.5) for kind, taken in tally.seconds.items()},
        **memory,
        **{f"{name} before, after": f"{before[name]}, {after[name]}" for name in before},
        "requests that run or wait after": health["waiting"] + health["running"],
    }


def at(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else float("nan")


def table(figures: dict) -> str:
    """Markdown."""
    rows = [f"| {name} | {len(value) if isinstance(value, list) else value} |" for name, value in figures.items()]
    return "\n".join(["| | |", "|---|---|", *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--json", action="store_true", help="print all figures as one JSON object")
    arguments = parser.parse_args()
    figures = load(arguments.visitors, 60 * arguments.minutes)
    print(json.dumps(figures) if arguments.json else table(figures))
    for problem in (figures["wrong"] + figures["failed"])[:20]:
        print(problem, file=sys.stderr)
    return 1 if figures["wrong"] or figures["failed"] or figures["without an end"] else 0


if __name__ == "__main__":
    sys.exit(main())
