import json
import shutil

import cv2
import pytest
from small import EXAMPLES

from d2st.cli import main

SUPPORT = EXAMPLES / "people" / "support"
QUERIES = sorted(EXAMPLES.glob("people/query/*.mp4"))


def run(capsys, *argv):
    code = main([str(argument) for argument in argv])
    return code, *capsys.readouterr()


def two_actions(folder):
    for action in ("jump", "crawl"):
        shutil.copytree(SUPPORT / action, folder / action)
    return folder


def test_predict_prints_one_json_object(capsys):
    code, out, _ = run(capsys, "predict", "--support", SUPPORT, "--query", *QUERIES[:2], "--json", "--device", "cpu")
    assert code == 0
    answer = json.loads(out)
    assert (
        answer["model"] == "efficientnet-lite0"
        and answer["matching"] == "bi-mhm"
        and answer["trained"] in (True, False)
    )
    assert [p["query"] for p in answer["predictions"]] == [str(q) for q in QUERIES[:2]]
    for prediction in answer["predictions"]:
        assert set(prediction["scores"]) == {folder.name for folder in SUPPORT.iterdir()}
        best, second = sorted(prediction["scores"].values(), reverse=True)[:2]
        assert prediction["scores"][prediction["label"]] == best
        assert prediction["margin"] == pytest.approx(best - second)


@pytest.mark.parametrize("matching", ["bi-mhm", "otam", "frame-to-frame"])
@pytest.mark.parametrize("centre", ["--centre", "--no-centre"])
def test_predict_for_a_person(capsys, tmp_path, matching, centre):
    query = next(q for q in QUERIES if q.stem == "crawl")
    code, out, _ = run(
        capsys, "predict", "--support", two_actions(tmp_path), "--query", query, "--matching", matching, centre
    )
    assert code == 0 and f"{query}: crawl, ahead by" in out and "jump" in out


def test_one_bad_query_costs_only_its_own_answer(capsys, tmp_path):
    (tmp_path / "text.mp4").write_text("hello")
    support = two_actions(tmp_path / "support")
    code, out, err = run(
        capsys, "predict", "--support", support, "--query", tmp_path / "text.mp4", QUERIES[0], "--json"
    )
    assert code == 1 and len(json.loads(out)["predictions"]) == 1
    assert "warning: 'text.mp4'" in err and "Traceback" not in err


def test_an_action_without_a_clip_is_left_out_and_said(capsys, tmp_path):
    support = two_actions(tmp_path)
    (support / "nothing").mkdir()
    code, out, err = run(capsys, "predict", "--support", support, "--query", QUERIES[0], "--json")
    assert code == 1 and "'nothing'" in err and set(json.loads(out)["predictions"][0]["scores"]) == {"jump", "crawl"}


def test_one_bad_example_is_left_out(capsys, tmp_path):
    support = two_actions(tmp_path / "support")
    (support / "jump" / "broken.mp4").write_bytes(b"")
    (support / "nothing").mkdir()
    code, out, err = run(capsys, "predict", "--support", support, "--query", QUERIES[0], "--json")
    assert code == 1 and set(json.loads(out)["predictions"][0]["scores"]) == {"jump", "crawl"}
    assert "'broken.mp4' is empty" in err and "'nothing'" in err and "holds no clip" in err


@pytest.mark.parametrize(
    "argv, complaint",
    [
        (["predict", "--support", "{tmp}/nowhere", "--query", QUERIES[0]], "no folder '.*nowhere'"),
        (["predict", "--support", "{tmp}/one", "--query", QUERIES[0]], "two actions. There is only 'jump'"),
        (["predict", "--support", SUPPORT, "--query", QUERIES[0], "--model", "resnet51"], "no model 'resnet51'"),
        (
            ["predict", "--support", SUPPORT, "--query", QUERIES[0], "--adapter", "{tmp}/no.safetensors"],
            "no checkpoint '.*no.safetensors'",
        ),
        (["evaluate", "--data", SUPPORT, "--way", "9"], "9-way 1-shot"),
        (["inspect", QUERIES[0], "--out", "{tmp}/points.txt"], "no .html, .png or .json file"),
        (["inspect", QUERIES[0], "--out", "{tmp}/none/points.png"], "no folder '.*none'"),
        (["inspect", QUERIES[0], "--out", "{tmp}/points.png", "--adapter", "none"], "no sampling points"),
        (["import", "{tmp}/absent.pyth", "{tmp}/out.safetensors"], "no file '.*absent.pyth'"),
    ],
)
def test_errors_are_sentences(capsys, tmp_path, argv, complaint):
    import re

    (tmp_path / "one" / "jump").mkdir(parents=True)
    shutil.copy(QUERIES[0], tmp_path / "one" / "jump")
    code, out, err = run(capsys, *(str(a).replace("{tmp}", str(tmp_path)) for a in argv))
    assert code == 2 and not out
    assert re.search(complaint, err) and err.splitlines()[-1].startswith("error: ") and "Traceback" not in err


def test_evaluate(capsys):
    argv = ["evaluate", "--data", SUPPORT, "--way", 3, "--episodes", 40, "--matching", "all", "--json"]
    code, out, _ = run(capsys, *argv)
    results = json.loads(out)["results"]
    assert code == 0 and len(results) == 6
    assert all(20 < r["accuracy"] <= 100 and r["interval"] < 20 for r in results)
    again = json.loads(run(capsys, *argv)[1])["results"]
    assert again == results
    assert json.loads(run(capsys, *argv, "--seed", 1)[1])["results"] != results


def test_inspect_draws_and_dumps(capsys, tmp_path):
    code, out, _ = run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "points.png")
    assert code == 0 and "points.png" in out
    assert cv2.imread(str(tmp_path / "points.png")).std() > 10
    assert run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "points.html")[0] == 0
    assert (tmp_path / "points.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, _, _ = run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "points.json")
    data = json.loads((tmp_path / "points.json").read_text())
    assert code == 0 and len(data["traces"]) == 6 and len(data["times"]) == 8


@pytest.mark.parametrize("command", [[], ["predict"], ["inspect"], ["evaluate"], ["import"]])
def test_help(capsys, command):
    with pytest.raises(SystemExit) as leaving:
        main([*command, "--help"])
    assert leaving.value.code == 0 and "usage" in capsys.readouterr().out
