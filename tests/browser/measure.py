"""What the page costs a visitor: PYTHONPATH=.:tests:tests/hold python tests/browser/measure.py [--json FILE]

Bytes (the page itself, its first answer, a further one), layout shift over all of it, and seconds from a click to
the answer with points that move on the stage: of an example set, of another query, of a clip of one's own after
its upload. The median of ten and their range; the server and the browser run on this machine, nothing else should.
"""

import argparse
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

import av
import numpy as np
from conftest import NAMES, SWITCHES
from playing import ask_file
from playwright.sync_api import Page, sync_playwright
from serving import Server
from small import EXAMPLES

REPEATS = 10
WIDTH, HEIGHT = 1366, 768
SHIFT = """() => { window.shift = 0; new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true }); }"""
# From a press to the answer: the stage shows the clip, its film has moved on, and the label stands beside it.
ASKED = """async ([press, clip]) => {
    const frame = () => document.querySelector("#stage iframe").contentDocument;
    const at = () => frame().querySelector("#time").value;
    const painted = () => new Promise(requestAnimationFrame);
    const began = performance.now();
    if (typeof press === "string") document.querySelector(press).click();
    else d2st.send(press);
    while (frame().documentElement?.dataset.clip !== clip) await painted();
    while (document.querySelector("#answer .pending, #answer .wrap:not(.hide)")) await painted();
    const first = at();
    while (at() === first) await painted();
    await painted();
    return (performance.now() - began) / 1000;
}"""


# What would be sent is held back, so that the upload counts for nothing.
HELD = """() => {
    const send = d2st.send;
    window.sent = null;
    d2st.send = data => { window.sent = data; d2st.send = send; };
}"""


class Traffic:
    """The bytes that come over the wire: the page itself, and the answers to what is done on it."""

    def __init__(self, page: Page):
        self.bytes: Counter = Counter()
        self.kinds: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self.sent)
        session.on("Network.dataReceived", self.received)
        session.on("Network.loadingFinished", self.finished)
        session.send("Network.enable")

    def sent(self, event: dict) -> None:
        address = event["request"]["url"]
        answer = "/gradio_api/" in address and not address.startswith("data:")
        self.kinds[event["requestId"]] = "answers" if answer else "page"

    def received(self, event: dict) -> None:
        """A piece of a stream of answers, which is sent as it is, and may be broken off after the last one."""
        if self.kinds.get(event["requestId"]) == "answers":
            self.bytes["answers"] += event["dataLength"]

    def finished(self, event: dict) -> None:
        """A file of the page, which was sent packed."""
        if self.kinds.get(event["requestId"]) == "page":
            self.bytes["page"] += event["encodedDataLength"]

    def take(self, kind: str) -> int:
        """What has come of a kind since it was taken last."""
        return self.bytes.pop(kind, 0)


def own_clip(file: Path) -> Path:
    """A clip of 5 s in H.264, 640×480 at 30 frames a second, from one that comes along."""
    with av.open(str(EXAMPLES / "people" / "query" / "kick.mp4")) as source:
        pictures = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    with av.open(str(file), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for index in np.linspace(0, len(pictures) - 1, 150).astype(int):
            frame = av.VideoFrame.from_ndarray(pictures[index], format="rgb24").reformat(640, 480)
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return file


def measured(page: Page, server: Server, clip: Path) -> dict:
    traffic = Traffic(page)
    page.add_init_script(f"({SHIFT})()")
    page.goto(server.address)
    page.locator("#answer .label").wait_for()
    page.wait_for_function("document.querySelector('#stage iframe')?.contentDocument?.documentElement?.dataset.clip")
    page.wait_for_timeout(3000)
    found: dict = {"bytes": {"page": traffic.take("page"), "first answer": traffic.take("answers")}}
    seconds: dict[str, list[float]] = {"another query": [], "example set": [], "own clip": []}
    further = []
    clips = {name: sorted(path.name for path in (EXAMPLES / name / "query").glob("*")) for name in ("table", "people")}
    for turn in range(REPEATS):
        index = 1 + turn % 4
        name = clips["table"][index]
        seconds["another query"].append(page.evaluate(ASKED, [f"#queries button[data-index='{index}']", name]))
        page.wait_for_timeout(700)
        further.append(traffic.take("answers"))
        fresh = page.context.new_page()  # where the set was not opened before
        fresh.goto(server.address)
        fresh.wait_for_function(
            "document.querySelector('#stage iframe')?.contentDocument?.documentElement?.dataset.clip"
        )
        fresh.wait_for_timeout(700)
        press = "#picker button[data-workspace='people']"
        seconds["example set"].append(fresh.evaluate(ASKED, [press, clips["people"][0]]))
        fresh.close()
    for turn in range(REPEATS):
        mine = clip.with_name(f"mine {turn}.mp4")
        mine.write_bytes(clip.read_bytes())
        page.evaluate(HELD)
        ask_file(page, mine)
        page.wait_for_function("window.sent")
        seconds["own clip"].append(page.evaluate(ASKED, [page.evaluate("window.sent"), mine.name]))
        page.wait_for_timeout(700)
    found["bytes"]["further answer"] = max(further)
    found["layout shift"] = page.evaluate("window.shift")
    found["seconds"] = {
        name: {"median": median(each), "least": min(each), "most": max(each)} for name, each in seconds.items()
    }
    return found


def told(found: dict) -> str:
    lines = [f"{name}: {count / 1e6:.2f} MB" for name, count in found["bytes"].items()]
    lines.append(f"layout shift: {found['layout shift']:.3f}")
    lines += [
        f"click to answer, {name}: {each['median']:.2f} s ({each['least']:.2f} to {each['most']:.2f} of {REPEATS})"
        for name, each in found["seconds"].items()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        page = context.new_page()
        page.set_default_timeout(60_000)
        found = measured(page, server, own_clip(Path(folder) / "own.mp4"))
        browser.close()
    print(told(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
