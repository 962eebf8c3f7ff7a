"""Clips that are folders of numbered pictures, on the command line."""

import json
import shutil

import av
import pytest
from small import EXAMPLES

from d2st.cli import main

pytestmark = pytest.mark.usefixtures("computed_once")
SUPPORT, QUERY = EXAMPLES / "people" / "support", EXAMPLES / "people" / "query"


def as_pictures(clip, folder):
    folder.mkdir(parents=True)
    with av.open(str(clip)) as film:
        for number, frame in enumerate(film.decode(video=0), 1):
            frame.to_image().save(folder / f"img_{number:05d}.png")
    return folder


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Examples one folder deeper than they are wanted, of pictures and films, and a query of pictures."""
    root = tmp_path_factory.mktemp("pictures")
    as_pictures(next((SUPPORT / "jump").glob("*.mp4")), root / "support/train/jump/first")
    shutil.copytree(SUPPORT / "crawl", root / "support/train/crawl")
    return root / "support", as_pictures(QUERY / "jump.mp4", root / "query")


def test_predict_and_evaluate_take_folders_of_pictures(places, capsys):
    support, query = places
    assert main(["predict", "--support", str(support), "--query", str(query), "--json", "--fps", "12"]) == 0
    [answer] = json.loads(capsys.readouterr().out)["predictions"]
    assert answer["label"] == "jump" and answer["nearest"] == "first" and set(answer["scores"]) == {"jump", "crawl"}
    evaluate = ["evaluate", "--data", str(support), "--way", "2", "--episodes", "4"]
    assert main(evaluate) == 2  # one clip of jump is too few, and it is counted
    assert "1 of the 2 actions have that many" in capsys.readouterr().err
    as_pictures(QUERY / "jump.mp4", support / "train/jump/second")
    assert main([*evaluate, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["accuracy"] > 0


@pytest.mark.parametrize("options, rate", [([], 25), (["--fps", "12"], 12), (["--fps", "29.97"], 29.97)])
def test_inspect_shows_them_at_their_rate(places, capsys, tmp_path, options, rate):
    count = len(list(places[1].iterdir()))
    assert main(["inspect", str(places[1]), "--out", str(tmp_path / "a.json"), *options]) == 0
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert data["times"][-1] == pytest.approx((count - 1) / rate)


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "1001", "fast"])
def test_a_rate_that_is_none_is_refused(capsys, rate):
    with pytest.raises(SystemExit) as leaving:
        main(["predict", "--examples", "people", "--fps", rate])
    assert leaving.value.code == 2 and "--fps" in capsys.readouterr().err
