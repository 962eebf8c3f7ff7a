import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import cv2
import pytest
from small import EXAMPLES

from d2st.cli import commands, main
from d2st.cli.parser import DECODERS, command_line
from d2st.video import wanted

pytestmark = pytest.mark.usefixtures("computed_once")
SUPPORT = EXAMPLES / "people" / "support"
QUERIES = sorted(EXAMPLES.glob("people/query/*.mp4"))
ST = EXAMPLES.parents[1] / "checkpoints" / "efficientnet-lite0-st.safetensors"


def run(capsys, *argv):
    code = main([str(argument) for argument in argv])
    return code, *capsys.readouterr()


def two_actions(folder):
    for action in ("jump", "crawl"):
        shutil.copytree(SUPPORT / action, folder / action)
    return folder


def test_predict_prints_one_json_object(capsys, tmp_path):
    support = two_actions(tmp_path)
    code, out, _ = run(capsys, "predict", "--support", support, "--query", *QUERIES[:2], "--json", "--device", "cpu")
    assert code == 0
    answer = json.loads(out)
    assert (
        answer["model"] == "efficientnet-lite0"
        and answer["matching"] == "bi-mhm"
        and answer["trained"] in (True, False)
    )
    assert [p["query"] for p in answer["predictions"]] == [str(q) for q in QUERIES[:2]]
    for prediction in answer["predictions"]:
        assert set(prediction["scores"]) == {folder.name for folder in support.iterdir()}
        best, second = sorted(prediction["scores"].values(), reverse=True)[:2]
        assert prediction["scores"][prediction["label"]] == best
        assert prediction["margin"] == pytest.approx(best - second)


@pytest.mark.parametrize(
    "matching, centre", [("bi-mhm", "--centre"), ("otam", "--no-centre"), ("frame-to-frame", "--centre")]
)
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
        (["inspect", QUERIES[0], "--out", "{tmp}/points.txt"], "no .html, .png, .json, .pdf or .svg file"),
        (["inspect", QUERIES[0], "--out", "{tmp}/none/points.png"], "no folder '.*none'"),
        (["inspect", QUERIES[0], "--out", "{tmp}/points.png", "--adapter", "none"], "no sampling points"),
        (["import", "{tmp}/absent.pyth", "{tmp}/out.safetensors"], "no file '.*absent.pyth'"),
        (["inspect", QUERIES[0], "--out", "{tmp}/points.png", "--adapter", ST], "no sampling points.*another kind"),
        (["inspect", QUERIES[0], "--out", "{tmp}/folder.png"], "folder.png' cannot be written"),
        (["inspect", QUERIES[0], "--out", "{tmp}/points.pdf", "--layer", "stage 9"], "no layer 'stage 9'.*stage 1"),
        (["predict", "--examples", "people", "--figure", "{tmp}/figure.gif"], "no .pdf, .svg or .png file"),
        (["predict", "--examples", "cars"], "No example set 'cars'.*people, table"),
        (["predict", "--support", SUPPORT], "--query FILE"),
        (["predict", "--examples", "people", "--matching", "best"], "no matching 'best'.*bi-mhm, otam"),
        (["evaluate"], "either a recipe's name or --data"),
        (["evaluate", "ucf101/vit", "--data", SUPPORT], "either a recipe's name or --data"),
        (["evaluate", "--data", SUPPORT, "--split", "validation"], "--data DIR has no splits"),
        (["evaluate", "--data", SUPPORT, "--way", 3, "--matching", "best"], "no matching 'best'"),
        (["compare", "--out", "{tmp}/folder.png"], "folder.png' cannot be written"),
        (["compare", "--out", "{tmp}/none/results.md"], "no folder '.*none'"),
        (["train", "simulated/efficientnet-lite0", "--out", "{tmp}/file/run"], "file' is no folder"),
        (["train", "simulated/efficientnet-lite0", "--set", "kind"], "NAME=VALUE"),
        (["train", "simulated/efficientnet-lite0", "--set", "kind=[", "--out", "{tmp}/run"], "NAME=VALUE"),
        (["simulate", "--out", "{tmp}/file"], "file' is no folder"),
    ],
)
def test_errors_are_sentences(capsys, tmp_path, argv, complaint):
    (tmp_path / "one" / "jump").mkdir(parents=True)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("taken")
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


def test_inspect_draws_and_dumps_and_knows_endings_in_capitals(capsys, tmp_path):
    code, out, _ = run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "POINTS.PNG")
    assert code == 0 and "POINTS.PNG" in out
    assert cv2.imread(str(tmp_path / "POINTS.PNG")).std() > 10
    assert run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "points.html")[0] == 0
    assert (tmp_path / "points.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, _, _ = run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "Points.Json")
    data = json.loads((tmp_path / "Points.Json").read_text(encoding="utf-8"))
    assert code == 0 and len(data["traces"]) == 6 and len(data["times"]) == 8
    assert (data["model"], data["kind"], data["clip"]) == ("efficientnet-lite0", "d2st", QUERIES[0].name)


def test_figures_for_print(capsys, tmp_path):
    layer = ("--layer", "stage 2", "--pathway", "temporal")
    assert run(capsys, "inspect", QUERIES[0], "--out", tmp_path / "points.svg", *layer)[0] == 0
    drawn = (tmp_path / "points.svg").read_text(encoding="utf-8")
    assert "Stage 2, temporal pathway" in drawn and "spatial" not in drawn and "Answer" not in drawn
    figure = tmp_path / "answer.pdf"
    code, out, _ = run(capsys, "predict", "--support", SUPPORT, "--query", QUERIES[0], "--figure", figure)
    assert code == 0 and f"Wrote {figure}." in out and figure.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name, queries", [("people", 5), ("table", 5)])
def test_examples_that_come_along_are_answered(capsys, name, queries):
    code, out, _ = run(capsys, "predict", "--examples", name, "--json")
    answer = json.loads(out)
    assert code == 0 and answer["kind"] == "d2st" and len(answer["predictions"]) == queries
    for prediction in answer["predictions"]:
        assert prediction["label"] == prediction["query"].rsplit("/")[-1].removesuffix(".mp4")
        assert prediction["matches"] in (True, False) and prediction["nearest"].endswith(".mp4")
        assert len(prediction["alignment"]) >= 8 and prediction["notes"] == []


def test_what_is_said_reaches_the_recognizer(capsys, tmp_path):
    asked = ("predict", "--support", two_actions(tmp_path), "--query", QUERIES[0], "--json")

    def answer(*more):
        return json.loads(run(capsys, *asked, *more)[1])

    usual, other = answer(), answer("--matching", "otam", "--no-centre", "--adapter", "none")
    assert (usual["matching"], usual["centred"], usual["trained"]) == ("bi-mhm", True, True)
    assert (other["matching"], other["centred"], other["trained"], other["kind"]) == ("otam", False, False, None)
    assert usual["predictions"][0]["scores"] != other["predictions"][0]["scores"]
    kept = answer("--adapter", "none", "--centre")
    assert kept["centred"] and kept["predictions"] != usual["predictions"]


def test_nothing_matches_well_is_said_to_a_person(capsys, monkeypatch):
    from d2st.recognizer import Recognizer

    answers = Recognizer.predict

    def unlike(self, clip, trace=False):
        prediction = answers(self, clip, trace)
        return replace(prediction, matches=prediction.label != "crawl", notes=("The clip was cut.",))

    monkeypatch.setattr(Recognizer, "predict", unlike)
    out = run(capsys, "predict", "--examples", "people")[1]
    assert out.count("Nothing matches well") == 1 and out.count("note: The clip was cut.") == 5
    shares = re.findall(r"^  (\w+) +(-?[\d.]+) +(\d+)%$", out, re.MULTILINE)
    assert len(shares) == 25
    for start in range(0, 25, 5):
        of_one = shares[start : start + 5]
        assert sum(int(share) for *_, share in of_one) in range(97, 104)
        assert [float(score) for _, score, _ in of_one] == sorted((float(s) for _, s, _ in of_one), reverse=True)


def test_evaluate_counts_what_cannot_be_read(capsys, tmp_path):
    support = two_actions(tmp_path / "support")
    (support / "jump" / "broken.mp4").write_bytes(b"")
    argv = ["evaluate", "--data", support, "--way", 2, "--episodes", 10]
    code, out, err = run(capsys, *argv)
    assert code == 1 and "'broken.mp4' is empty" in err
    assert "2-way 1-shot, 10 episodes" in out and re.search(r"bi-mhm, centred +\d", out)
    said = json.loads(run(capsys, *argv, "--json", "--matching", "otam", "--no-centre")[1])
    assert [(row["matching"], row["centred"]) for row in said["results"]] == [("otam", False)]
    assert (said["way"], said["shot"], said["queries"], said["episodes"], said["seed"]) == (2, 1, 1, 10, 0)
    assert said["data"] == str(support)


@pytest.mark.parametrize(
    "target, heads, complaint",
    [
        ("out.safetensors", "0", "cannot have 0 heads.*--heads"),
        ("out.safetensors", "3", "cannot have 3 heads.*--heads"),
        ("none/out.safetensors", "4", "none"),
        ("folder", "4", "folder"),
    ],
)
def test_import_says_what_is_wrong_and_writes_nothing(capsys, tmp_path, official_vit, target, heads, complaint):
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(capsys, "import", official_vit, tmp_path / target, "--heads", heads)
    assert code == 2 and re.match(f"error: .*{complaint}", err) and len(err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_settings_are_read_as_yaml():
    settings = ["base_lr=0.01", "kind=dst", "flip=none", "tasks=5", "symmetries=false", "about=a=b"]
    assert commands.parsed_settings(settings) == {
        "base_lr": 0.01, "kind": "dst", "flip": "none", "tasks": 5, "symmetries": False, "about": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("option", ["--per-class", "--fps"])
def test_simulate_makes_at_least_one_of_each(capsys, tmp_path, option):
    with pytest.raises(SystemExit) as leaving:
        main(["simulate", "--out", str(tmp_path), option, "0"])
    assert leaving.value.code == 2 and "1 or more" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "argv, call",
    [
        ([], ("all", "OUT", None, 0, None, None)),
        (["--per-class", "2", "--seed", "3", "--family", "table", "--fps", "9"], ("all", "OUT", 2, 3, "table", 9)),
        (["--split", "novel"], ("one", "OUT", "novel", 20, 0, None, 12)),
        (["--split", "base", "--per-class", "4", "--fps", "8"], ("one", "OUT", "base", 4, 0, None, 8)),
    ],
)
def test_simulate_asks_for_what_was_said(capsys, tmp_path, monkeypatch, argv, call):
    from d2st import simulate

    calls = []
    monkeypatch.setattr(simulate, "write_split", lambda *said: calls.append(("one", *said)) or ["clip"] * 3)
    monkeypatch.setattr(simulate, "write_training_set", lambda *said: calls.append(("all", *said)) or ["clip"] * 3)
    code, out, _ = run(capsys, "simulate", "--out", tmp_path, *argv)
    assert code == 0 and out == f"Wrote 3 clips to {tmp_path}.\n"
    assert calls == [tuple(str(tmp_path) if each == "OUT" else each for each in call)]


def test_stopping_a_command_is_no_error_of_ours(capsys, monkeypatch):
    def stopped(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run_predict", stopped)
    assert run(capsys, "predict", "--examples", "people") == (130, "", "")


@pytest.mark.parametrize("command", [[], ["demo"], ["predict"], ["inspect"], ["evaluate"], ["train"], ["import"]])
def test_help(capsys, command):
    with pytest.raises(SystemExit) as leaving:
        main([*command, "--help"])
    out = capsys.readouterr().out
    assert leaving.value.code == 0 and "usage: d2st" in out and not re.search(r"\{\w+\}", out)


def test_help_names_models_and_matchings_by_their_rows(capsys, monkeypatch):
    from d2st.matching import MATCHINGS
    from d2st.models.zoo import MODELS

    monkeypatch.setitem(MODELS, "another-model", MODELS["resnet50"])
    monkeypatch.setitem(MATCHINGS, "another-matching", MATCHINGS["otam"])
    for command in ("predict", "evaluate"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        out = "".join(capsys.readouterr().out.split())  # lines may break at a hyphen
        wanted = [*MODELS, *MATCHINGS, "timm/NAME", "bi-mhm)" if command == "predict" else "'all'"]
        assert [name for name in wanted if name not in out] == []


def test_the_list_of_commands_is_quick():
    """Nothing slow is loaded for it, nor to understand what is said."""
    heavy = ["torch", "timm", "gradio", "cv2", "tqdm", "yaml", "numpy", "pydantic"]
    script = "import sys; from d2st.cli.parser import command_line; command_line().parse_args(['train', 'x']);"
    script += f"command_line().format_help(); print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_an_answer_loads_no_library_that_it_does_not_use(tmp_path):
    query = next(q for q in QUERIES if q.stem == "crawl")
    heavy = ["timm", "torchvision", "open_clip", "torch._inductor", "gradio", "pandas", "matplotlib", "scipy", "cv2"]
    script = "import sys; from d2st.cli import main; main(sys.argv[1:]);"
    script += f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    command = ["predict", "--support", two_actions(tmp_path), "--query", query]
    ran = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    assert "crawl, ahead by" in ran.stdout and ran.stderr.splitlines()[-1] == "[]"


def test_every_command_says_what_it_is_for():
    text = command_line().format_help()
    for command in ("demo", "predict", "inspect", "evaluate", "train", "compare", "data", "simulate", "import"):
        assert re.search(rf"^    {command} +\w", text, re.MULTILINE), command


def test_clips_are_read_by_the_decoder_that_is_asked_for(capsys, tmp_path):
    asked, said = ["predict", "--support", two_actions(tmp_path), "--query", QUERIES[0], "--json"], {}
    for decoder in ("pyav", "decord"):
        code, out, _ = run(capsys, *asked, "--decoder", decoder)
        assert code == 0
        said[decoder] = [row["notes"] for row in json.loads(out)["predictions"]]
    assert not any(said["pyav"]) and all("read with decord" in notes[0] for notes in said["decord"])
    with pytest.raises(SystemExit):
        main(["predict", "--examples", "people", "--decoder", "opencv"])
    assert DECODERS == wanted.DECODERS
