import shutil
import tempfile
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from small import EXAMPLES

from d2st.demo.html.report import confusion, report, table
from d2st.demo.many import answer_all, summary, true_action, unpacked
from d2st.errors import D2STError
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer

SET = EXAMPLES / "people"


@pytest.fixture(scope="module")
def recognizer():
    recognizer = Recognizer(load_model(device="cpu"))
    for action in ("jump", "punch"):
        recognizer.add(action, str(next((SET / "support" / action).glob("*.mp4"))))
    return recognizer


def test_the_truth_is_in_a_folder_or_in_a_name():
    actions = ["kick", "kick then punch", "walk"]
    for path, truth in (
        ("a/kick/1.mp4", "kick"),
        ("a/Kick_3.mp4", "kick"),
        ("kick-then-punch 2.mp4", "kick then punch"),
        ("kicking.mp4", None),
        ("a/b.mp4", None),
    ):
        assert true_action(Path(path), actions) == truth


ACTIONS = ["push-up", "brush_hair", "jump.rope", "Kick then Punch", "kick", "café", "跳舞", "take 1"]


@pytest.mark.parametrize("path, truth", [
    ("a/push_up/1.mp4", "push-up"), ("a/Push Up.MP4", "push-up"), ("a/push.up.2.mov", "push-up"),
    ("a/brush hair/1.mp4", "brush_hair"), ("a/Brush-Hair 07.mp4", "brush_hair"), ("a/brush_hair2.mp4", "brush_hair"),
    ("a/jump rope/1.mp4", "jump.rope"), ("a/jump.rope/1.mp4", "jump.rope"), ("a/jump.rope.mp4", "jump.rope"),
    ("a/jump.rope", "jump.rope"), ("a/jump_rope(1).mts", "jump.rope"), ("a/jump/1.mp4", None),
    ("a/kick then punch/1.mp4", "Kick then Punch"), ("a/KICK_THEN_PUNCH-3.mp4", "Kick then Punch"),
    ("a/kick then.mp4", "kick"), ("a/kicking.mp4", None), ("a/Kick/push-up.mp4", "kick"),
    ("a/cafe\u0301/1.mp4", "café"), ("a/CAFE\u0301 2.mp4", "café"), ("a/caf.mp4", None),
    ("a/跳舞/1.mp4", "跳舞"), ("a/跳舞2.mp4", "跳舞"), ("a/跳舞视频.mp4", None),
    ("a/take 10.mp4", None), ("a/take_1.mp4", "take 1"), ("a/take 1 b.mp4", "take 1"), ("a/x.mp4", None),
])  # fmt: skip
def test_names_are_compared_the_same_way_on_both_sides(path, truth):
    assert true_action(Path(path), ACTIONS) == truth
    decomposed = [unicodedata.normalize("NFD", action) for action in ACTIONS]
    assert true_action(Path(path), decomposed) == (truth and unicodedata.normalize("NFD", truth))


def test_two_spellings_of_an_action_are_both_right(recognizer, tmp_path):
    path = shutil.copy(SET / "query" / "jump.mp4", tmp_path / "JUMP.mp4")
    answer = answer_all(recognizer, [str(path)])[0]
    assert answer.right and replace(answer, truth="Jump").right and not replace(answer, truth="punch").right


def test_queries_are_answered_and_counted(recognizer, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    files = [str(SET / "query" / name) for name in ("jump.mp4", "punch.mp4", "kick.mp4")] + [
        str(tmp_path / "broken.mp4")
    ]
    answers = answer_all(recognizer, files)
    assert [a.truth for a in answers] == ["jump", "punch", None, None]
    assert [a.right for a in answers[:2]] == [True, True] and answers[3].problem and not answers[3].prediction
    assert summary(answers) == "3 of 4 queries answered; 2 of the 2 whose action is known are right (100 %)."
    shown = report(answers, recognizer)
    assert table(answers) in shown and "broken.mp4" in shown and shown.count("<img") == 3
    grid = confusion(answers, list(recognizer.support))
    assert grid.count(">1</td>") == 2 and grid.count(">·</td>") == 2


def test_without_a_known_truth_there_is_no_confusion_matrix(recognizer):
    answers = answer_all(recognizer, [str(SET / "query" / "kick.mp4")])
    assert confusion(answers, list(recognizer.support)) == "" and "right" not in summary(answers)


def test_an_archive_is_unpacked_with_its_folders(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(SET / "query" / "jump.mp4", "set/jump/1.mp4")
        out.writestr("set/notes.txt", "no clip")
        out.writestr("__MACOSX/set/jump/._1.mp4", "no clip")
        out.writestr("__MACOSX/set/jump/2.mp4", "no clip")
        out.write(SET / "query" / "jump.mp4", "../../outside.mp4")
    clips = unpacked([str(archive), "other.mp4"], tmp_path / "here")
    assert len(clips) == 3 and clips[-1] == "other.mp4" and sum(Path(c).parent.name == "jump" for c in clips) == 1
    assert all((tmp_path / "here") in Path(c).parents for c in clips[:-1]) and not (tmp_path / "outside.mp4").exists()


def test_our_own_folders_are_no_labels(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for name in ("clip.mp4", "set/kick/person 1/clip.mp4", "0/clip.mp4"):
            out.write(SET / "query" / "jump.mp4", name)
    clips = [Path(clip) for clip in unpacked([str(archive), str(archive)], tmp_path / "wave")]
    actions = ["0", "1", "2", "wave", "kick", "unpacked archives", tmp_path.name]
    assert [true_action(clip, actions) for clip in clips] == ["0", None, "kick"] * 2
    assert true_action(Path(tempfile.gettempdir(), "clip.mp4"), [Path(tempfile.gettempdir()).name]) is None


def test_clips_in_an_archive_are_known_as_in_a_folder(tmp_path):
    archive, clip = tmp_path / "all.zip", SET / "query" / "jump.mp4"
    with zipfile.ZipFile(archive, "w") as out:
        for name in ("kick/A.MTS", "kick/b.m2ts", "kick/c.3G2", "kick/nameless", "kick/d.original"):
            out.write(clip, name)
        for name in (
            "kick/._a.mp4",
            "kick/.hidden.mp4",
            ".trash/a.mp4",
            "__MACOSX/a",
            "@eaDir/a.mp4",
            "kick/sound.m4a",
        ):
            out.write(clip, name)
        out.writestr("kick/README", "The free software")
        out.writestr("kick/.DS_Store", "no clip")
    clips = unpacked([str(archive)], tmp_path / "here")
    assert sorted(Path(each).name for each in clips) == ["A.MTS", "b.m2ts", "c.3G2", "d.original", "nameless"]


def test_a_bad_archive_is_named(tmp_path, monkeypatch):
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    with pytest.raises(D2STError, match="'bad.zip' cannot be unpacked"):
        unpacked([str(tmp_path / "bad.zip")], tmp_path)
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as out:
        out.writestr("a.mp4", bytes(2000))
    monkeypatch.setattr("d2st.demo.many.LARGEST", 1000)
    with pytest.raises(D2STError, match="'large.zip' holds more than"):
        unpacked([str(tmp_path / "large.zip")], tmp_path)
