"""What a real browser shows of a clip is what the model is shown: turned, mirrored, in its shape, at its time."""

import base64
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from corpus import Recipe, Track, write
from corpus_changed import TURNS, edits, trimmed, turned
from corpus_kinds import vp, x264

from d2st.video import read_clip

WIDE = Fraction(4, 3)
RECIPES = {
    recipe.name: recipe
    for recipe in [
        Recipe("plain.mp4", (x264(),)), Recipe("plain.webm", (vp(),)),
        *turned(), *(each for each in turned(WIDE) if each.name in ("wide_turned_90.mp4", "wide_mirrored.mp4")),
        Recipe("wide.mp4", (Track(aspect=WIDE),)), Recipe("narrow.mp4", (Track(aspect=Fraction(10, 11)),)),
        *(each for each in edits() if each.name in ("edit_key_plain.mp4", "edit_start_b.mp4", "edit_end_b.mp4")),
        *(each for each in trimmed() if each.name == "trimmed_plain_0.52.mp4"),
    ] if "rotated" not in recipe.name or recipe.name.endswith(".mkv")
}  # fmt: skip
SEEN = """async ([address, time]) => {
    const video = document.createElement("video");
    video.muted = true;
    document.body.replaceChildren(video);
    const presented = () => new Promise(done => video.requestVideoFrameCallback(done));
    const failed = new Promise((_, fail) => { video.onerror = () => fail(video.error.message); });
    const first = presented();
    video.src = address;
    await Promise.race([first, failed]);
    if (time > 0) {
        const next = presented();
        video.currentTime = time;
        await Promise.race([next, failed]);
    }
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return [canvas.width, canvas.height, btoa(String.fromCharCode(...data.filter((_, place) => place % 4 < 3)))];
}"""


@pytest.fixture(scope="module")
def tab(browser):
    """An empty page."""
    page = browser.new_page()
    yield page
    page.close()


def address(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def displayed(tab, file: Path, time: float) -> np.ndarray:
    """The picture that the browser displays at a time, uint8 RGB [H, W, 3]."""
    kind = "video/webm" if file.suffix in (".webm", ".mkv") else "video/mp4"
    width, height, pixels = tab.evaluate(SEEN, [address(file.read_bytes(), kind), time])
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize("name", RECIPES)
def test_a_picture_stands_as_the_browser_shows_it(tab, tmp_path, name):
    made = write(RECIPES[name], tmp_path)
    clip = read_clip(made.file, 5, min(made.size), None)
    for frame, time in list(zip(clip.frames, clip.times, strict=True))[:4:3]:
        shown = displayed(tab, made.file, time + 0.02 if time else 0)
        # Of pixels that are higher than wide, a browser makes a higher picture instead of a narrower one.
        assert shown.shape[1] / shown.shape[0] == pytest.approx(clip.width / clip.height, rel=0.02)
        shown = cv2.resize(shown, frame.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert made.number(shown) == made.number(frame) == made.numbers[made.at(time)]
        assert np.abs(shown.astype(int) - frame).mean() < 8


def test_every_turn_is_among_them():
    assert TURNS.keys() <= {name.removesuffix(".mp4") for name in RECIPES}


@pytest.mark.parametrize("name, size", [("turned_90.mp4", (64, 96)), ("wide.mp4", (128, 64))])
def test_a_preview_is_shown_in_its_shape(tab, tmp_path, name, size):
    film = read_clip(write(RECIPES[name], tmp_path).file, preview=True).preview
    assert film and (film.width, film.height) == size
    tab.set_content(f'<img src="{address(film.picture, "image/webp")}">')
    natural = tab.locator("img").evaluate("async each => { await each.decode(); return [each.width, each.height]; }")
    assert tuple(natural) == (size[0] * film.columns, size[1] * -(-len(film.times) // film.columns))
