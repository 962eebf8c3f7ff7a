"""What programs can ask, with every kind of adapter."""

from dataclasses import replace

import gradio as gr
import pytest
from small import EXAMPLES
from visits import small_model

from d2st.demo.endpoints import Endpoints, described
from d2st.explain.what_if import what_if
from d2st.matching import MATCHINGS
from d2st.models.checkpoint import save_checkpoint
from d2st.models.zoo import SHIPPED, load_model
from d2st.recognizer import Recognizer

CLIP = str(EXAMPLES / "people" / "query" / "kick.mp4")


@pytest.mark.parametrize("kind, points, pathways", [("st", 0, 1), ("dst", 0, 2), ("d2st", 6, 2)])
def test_any_kind_can_be_inspected_and_explored(kind, points, pathways):
    ending = "" if kind == "d2st" else f"-{kind}"
    offered = Endpoints(load_model(adapter=str(SHIPPED / f"efficientnet-lite0{ending}.safetensors"), device="cpu"))
    found = offered.inspect(CLIP)
    assert len(found["traces"]) == points and all(len(by) == pathways for by in found["changes"].values())
    assert all(0 <= share <= 1 for trace in found["traces"] for g in trace["groups"] for share in g["in_bounds"])
    assert offered.explore(CLIP).startswith("<!doctype html>")


@pytest.fixture(scope="module")
def offered():
    return Endpoints(small_model())


def test_a_program_is_answered_and_told_its_mistakes(offered):
    clips = [str(EXAMPLES / "people" / "support" / action / "1.mp4") for action in ("jump", "kick")]
    found = offered.predict(clips, ["a", "b"], CLIP, "otam", False)
    assert set(found["scores"]) == {"a", "b"} and sum(found["shares"].values()) == pytest.approx(1)
    assert found["nearest"] == "1.mp4" and found["kind"] == "d2st" and found["matches"] in (True, False)
    for given, word in (
        ((clips, ["a"], CLIP), "2 examples and 1 actions"),
        ((clips, "ab", CLIP), "no list"),
        ((clips, ["a", "b"], None), "no clip"),
        ((clips, ["a", "a"], CLIP), "at least two actions"),
        ((clips, ["a", "b"], CLIP, "best"), "no matching 'best'"),
    ):
        with pytest.raises(gr.Error, match=word):
            offered.predict(*given)


def test_many_and_what_if_and_distances(offered):
    clips = [str(EXAMPLES / "people" / "support" / action / "1.mp4") for action in ("jump", "kick")]
    one, bad = offered.predict_many(clips, ["jump", "kick"], [CLIP, __file__])
    assert one["truth"] == "kick" and one["label"] in ("jump", "kick") and "problem" in bad and "label" not in bad
    changes = offered.what_if(clips, ["jump", "kick"], CLIP)
    assert len(changes) == 8 and all(set(c["scores"]) == {"jump", "kick"} for c in changes)
    for centre in (False, True):
        found = offered.distances(clips[0], CLIP, centre)
        assert len(found["distances"]) == 8 and set(found["matchings"]) == set(MATCHINGS)
        straight = -sum(row[i] for i, row in enumerate(found["distances"]))
        assert found["matchings"]["frame-to-frame"]["score"] == pytest.approx(straight, abs=1e-4)
    assert offered.distances(clips[0], CLIP, True)["distances"] != offered.distances(clips[0], CLIP, False)["distances"]


def test_a_changed_network_sees_the_examples_as_they_were_read(offered):
    recognizer = Recognizer(offered.model)
    for action in ("jump", "kick"):
        recognizer.add(action, str(EXAMPLES / "people" / "support" / action / "1.mp4"))
    clips = [str(EXAMPLES / "people" / "support" / action / "1.mp4") for action in recognizer.support]
    offered.predict(clips, ["jump", "kick"], CLIP)  # from now on they are known, compressed
    expected = what_if(recognizer, recognizer.read(CLIP))
    for told, outcome in zip(offered.what_if(clips, ["jump", "kick"], CLIP), expected, strict=True):
        assert told["scores"] == outcome.prediction.scores


def test_adapters_are_compared_with_others_and_with_those_that_are_given(offered, tmp_path):
    clips = [str(EXAMPLES / "people" / "support" / action / "1.mp4") for action in ("jump", "kick")]
    save_checkpoint(tmp_path / "mine.safetensors", small_model("st", seed=4).host, "mine")
    rows = offered.compare(clips, ["jump", "kick"], CLIP, str(tmp_path / "mine.safetensors"))
    assert [row["row"] for row in rows] == ["frozen", "own", "dropped"] and rows[2]["about"] == "mine"
    assert all(len(row["answers"]) == 2 * len(MATCHINGS) for row in rows)
    [own] = [a for a in rows[1]["answers"] if (a["matching"], a["centre"]) == ("otam", True)]
    assert own["scores"] == offered.predict(clips, ["jump", "kick"], CLIP, "otam", True)["scores"]
    with pytest.raises(gr.Error, match="no .safetensors file"):
        offered.compare(clips, ["jump", "kick"], CLIP, CLIP)


def test_a_caller_is_told_of_every_matching(offered, monkeypatch):
    monkeypatch.setitem(MATCHINGS, "toy", replace(MATCHINGS["otam"], name="toy", title="Toy", sentence="It plays."))
    for function in (offered.predict, offered.predict_many, offered.what_if):
        assert "toy (Toy: It plays.)" in described(function) and "bi-mhm (Bi-MHM" in described(function)
    assert "toy" not in described(offered.distances) and described(offered.explore) == offered.explore.__doc__
