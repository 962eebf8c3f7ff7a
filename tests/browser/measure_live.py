"""How live Live is: PYTHONPATH=.:tests/browser:tests:tests/hold python tests/browser/measure_live.py [--minutes N]

Before a camera whose picture turns into its negative every two seconds: answers a second, seconds from a picture to
its answer, and from a movement (the moment that the page's own film shows it) to the answer that knows of it on the
screen; seconds from another visitor's click to the answer, with the camera on and off; memory of the server at the
beginning and at the end. Medians, ranges and what 95 % lie within; the server and the browser run on this
machine, nothing else should.
"""

import argparse
import json
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from conftest import NAMES, SWITCHES
from filming import camera, film, pictures_sent
from measure import ASKED
from PIL import ImageOps
from playwright.sync_api import Browser, Page, sync_playwright
from serving import Server
from small import EXAMPLES

CLIP = EXAMPLES / "people" / "query" / "jump.mp4"
CLICKS = 10
# Each picture that is sent and each time that the film changes: when, and how bright it was. Each answer that is shown:
# when, and of which picture, by the time that the page gave it.
WATCHED = """() => {
    window.sent = []; window.shown = []; window.moved = [];
    const video = document.querySelector(".live video"), spot = new OffscreenCanvas(1, 1);
    const eye = spot.getContext("2d", { willReadFrequently: true });
    const light = source => { eye.drawImage(source, 0, 0, 1, 1); return eye.getImageData(0, 0, 1, 1).data[1] > 128; };
    const original = HTMLCanvasElement.prototype.toDataURL;
    HTMLCanvasElement.prototype.toDataURL = function (...kind) {
        window.sent.push([performance.now(), light(this)]);
        return original.apply(this, kind);
    };
    const strip = document.querySelector(".moments");
    new MutationObserver(() => {
        const at = +strip.style.getPropertyValue("--now");
        requestAnimationFrame(() => window.shown.push([performance.now(), at]));
    }).observe(strip, { attributes: true, attributeFilter: ["style"] });
    let before = null;
    const look = () => {
        const now = light(video);
        if (before !== null && now !== before) window.moved.push([performance.now(), now]);
        before = now;
        video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
}"""


def ready(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#answer .label").wait_for()
    page.wait_for_function("document.querySelector('#stage iframe')?.contentDocument?.documentElement?.dataset.clip")


def clicks(page: Page, server: Server) -> tuple[list[float], float]:
    """Seconds from a click on another query to its answer; the mean of what of them the requests take on the server."""
    names = sorted(path.name for path in (EXAMPLES / "table" / "query").glob("*"))
    before, found = total(server, "ask"), []
    for turn in range(CLICKS):
        index = 1 + turn % 4
        found.append(page.evaluate(ASKED, [f"#queries button[data-index='{index}']", names[index]]))
        page.wait_for_timeout(300)
    return found, (total(server, "ask") - before).mean


@dataclass(frozen=True)
class Total:
    """Seconds of requests from their coming to their end, turns that they waited for included."""

    seconds: float
    requests: float

    def __sub__(self, before: "Total") -> "Total":
        return Total(self.seconds - before.seconds, self.requests - before.requests)

    @property
    def mean(self) -> float:
        return self.seconds / self.requests


def total(server: Server, kind: str) -> Total:
    """Of all requests of a kind so far."""
    said = server.get("/metrics").text
    found = dict(re.findall(rf'^d2st_request_seconds_(sum|count){{kind="{kind}"}} (\S+)$', said, re.M))
    return Total(float(found["sum"]), float(found["count"]))


def spread(values: list[float]) -> dict[str, float]:
    nearly_all = sorted(values)[int(0.95 * len(values))]
    return {"median": median(values), "least": min(values), "95 %": nearly_all, "most": max(values), "of": len(values)}


def measured(browser: Browser, server: Server, minutes: float) -> dict:
    page = browser.new_page()
    asked = pictures_sent(page)
    ready(page, server.address)
    page.evaluate(WATCHED)
    page.locator("#tools [data-here=live]").click()
    page.wait_for_timeout(10_000)
    memory = [server.get("/health").json()["memory_bytes"]]
    page.evaluate("() => { window.shown.length = window.moved.length = 0; }")
    began = time.monotonic()
    page.wait_for_timeout(60_000 * minutes)
    lasted = time.monotonic() - began
    shown, moved, sent = (page.evaluate(f"window.{name}") for name in ("shown", "moved", "sent"))
    memory.append(server.get("/health").json()["memory_bytes"])
    other = browser.new_page()  # which plays a film itself: so it is here for its clicks alone
    ready(other, server.address)
    beside, beside_there = clicks(other, server)
    page.locator("[data-live=stop]").click()
    alone, alone_there = clicks(other, server)
    taken = dict(zip((event["at"] for event in asked), sent, strict=False))  # one may have left just now
    answered = [(shown_at, *taken[at]) for shown_at, at in shown if at]
    reaction = []
    for at, light in moved:
        later = [shown_at for shown_at, sent_at, seen in answered if sent_at >= at and seen == light]
        reaction += [(later[0] - at) / 1000] if later else []
    return {
        "answers a second": len(shown) / lasted,
        "of which seconds of a request on the server, mean": total(server, "live").mean,
        "seconds from a picture to its answer": spread([(at - sent_at) / 1000 for at, sent_at, _ in answered]),
        "seconds from a movement to the screen": spread(reaction),
        "seconds from another visitor's click to the answer, no camera on": spread(alone),
        "of which seconds of a request on the server, no camera on, mean": alone_there,
        "seconds from another visitor's click to the answer, beside it": spread(beside),
        "of which seconds of a request on the server, beside it, mean": beside_there,
        "bytes of the server at the beginning": memory[0],
        "bytes of the server at the end": memory[1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="(default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="that the network computes with (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        filmed = film(Path(folder) / "film.mjpeg", [CLIP] * 2, change=[lambda picture: picture, ImageOps.invert])
        switches = [
            *SWITCHES,
            camera(filmed),
            "--disable-renderer-backgrounding",
            "--disable-background-timer-throttling",
        ]
        with Server(Path(folder), threads=arguments.threads) as server:
            browser = playwright.chromium.launch(executable_path=program, args=switches)
            found = measured(browser, server, arguments.minutes)
            browser.close()
    for name, value in found.items():
        if isinstance(value, dict):
            value = "{median:.2f} ({least:.2f} to {most:.2f} of {of}, 95 % within {95 %:.2f})".format_map(value)
        print(f"{name}: {value if isinstance(value, str) else f'{value:,.2f}'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
