"""The figure for print: opened and looked into, in every format."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from test_draw import FRAMES, trace_of

from d2st.errors import D2STError
from d2st.explain.figure import caption, chosen, save_figure

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
BAD = "<b>$x^2$ & \x07\u202e跳\udc80" + "n" * 300


def clip(name="query.mp4"):
    return SimpleNamespace(name=name, frames=FRAMES, times=np.arange(8) / 4, looks=1)


def recognizer(kind="d2st"):
    model = SimpleNamespace(name="efficientnet-lite0", kind=kind, described="trained by hand", trained=True)
    return SimpleNamespace(model=model, matching="otam", centre=True)


def answer(label="wave"):
    return SimpleNamespace(
        label=label, scores={label: -1.0, "clap": -2.5}, margin=1.5, matches=True, nearest=clip("example.mp4"),
        alignment=[(s, s) for s in range(8)] + [(3, 4)],
    )  # fmt: skip


TRACES = [trace_of([(2, 40, 50), (5.5, 90, 20)], groups=2), trace_of([(4, 140, 50)], [(1, 50, 50)], pathway="temporal")]


def saved(folder, kind, name="query.mp4", label="wave", traces=TRACES):
    file = folder / f"figure.{kind}"
    save_figure(file, recognizer(), clip(name), traces, answer(label))
    return file


def test_the_pdf_is_one_page_wide_with_its_fonts_inside(tmp_path):
    data = saved(tmp_path, "pdf").read_bytes()
    assert data.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", data)) == 1
    box = [float(v) for v in re.search(rb"/MediaBox \[([^\]]+)\]", data)[1].split()]
    assert box[2] == 504 and 200 < box[3] < 700
    assert b"/FontFile2" in data and b"/Type3" not in data and b"CreationDate" not in data
    assert len(re.findall(rb"/Subtype /Image", data)) >= 3 * 8


def test_the_svg_has_vector_marks_over_frames_that_are_inside(tmp_path):
    root = ElementTree.parse(saved(tmp_path, "svg")).getroot()
    pictures = [each.get(LINK) or each.get("href") for each in root.iter(f"{SVG}image")]
    assert len(pictures) == 3 * 8 and all(each.startswith("data:image/png;base64,") for each in pictures)
    assert len(list(root.iter(f"{SVG}path"))) > 20 and not list(root.iter(f"{SVG}text"))
    links = {value for each in root.iter() for key, value in each.attrib.items() if key.endswith("href")}
    assert all(link.startswith(("data:", "#")) for link in links)
    assert "stage 2, spatial" in ElementTree.tostring(root, encoding="unicode").replace("Stage", "stage")


def test_the_picture_has_300_dots_an_inch_and_a_marker_on_its_point(tmp_path):
    picture = cv2.imread(str(saved(tmp_path, "png", traces=[trace_of([(3, 56, 56)])])))
    bare = cv2.imread(str(saved(tmp_path, "png", traces=[])))
    assert picture.shape[1] == bare.shape[1] == 2100
    frame = 2100 * (20 + 3 * ((504 - 20 - 14) / 8 + 2) + (504 - 20 - 14) / 16) / 504  # its middle, where the point is
    colour = picture[int(300 * 8.6 / 72 + 2100 * (504 - 34) / 16 / 504), int(frame)]
    assert np.abs(colour[::-1].astype(int) - (230, 159, 0)).max() < 12


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_equal_figures_are_equal_files_whatever_python_calls_its_sets(tmp_path, kind):
    first = saved(tmp_path, kind).read_bytes()
    again = tmp_path / "again"
    again.mkdir()
    assert saved(again, kind).read_bytes() == first
    if kind == "pdf":
        program = "import sys, pathlib, test_figure as t; t.saved(pathlib.Path(sys.argv[1]), 'pdf')"
        paths = os.pathsep.join(path for path in sys.path if path)
        environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": paths}
        subprocess.run([sys.executable, "-c", program, str(again)], check=True, env=environment)
        assert (again / "figure.pdf").read_bytes() == first


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_names_do_no_harm(tmp_path, kind, recwarn):
    file = saved(tmp_path, kind, name=BAD, label=BAD)
    assert file.stat().st_size > 10_000 and not [w for w in recwarn if "Glyph" in str(w.message)]
    if kind == "svg":
        assert not list(ElementTree.parse(file).getroot().iter("b"))


def test_the_caption_states_model_layer_pathway_and_matching():
    said = caption(recognizer(), clip(), TRACES, answer())
    for word in ("efficientnet-lite0", "D²ST", "Stage 2, spatial pathway", "temporal pathway", "OTAM, centred", "wave",
                 "1.50", "example.mp4", "query.mp4"):  # fmt: skip
        assert word in said
    assert "group 2 of 2" in caption(recognizer(), clip(), TRACES[:1], None, 1)
    assert "sampling point" not in caption(recognizer(None), clip(), [], answer())


def test_a_layer_and_a_pathway_are_chosen_by_name():
    assert chosen(TRACES) == TRACES and chosen(TRACES, pathway="temporal") == TRACES[1:] and chosen([]) == []
    with pytest.raises(D2STError, match="'stage 9'.*stage 2"):
        chosen(TRACES, "stage 9")
    with pytest.raises(D2STError, match="'upwards'.*spatial, temporal"):
        chosen(TRACES, pathway="upwards")


def test_another_format_is_refused(tmp_path):
    with pytest.raises(D2STError, match=r"figure\.docx"):
        saved(tmp_path, "docx")
