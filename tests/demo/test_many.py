import zipfile
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


def test_a_bad_archive_is_named(tmp_path, monkeypatch):
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    with pytest.raises(D2STError, match="'bad.zip' cannot be unpacked"):
        unpacked([str(tmp_path / "bad.zip")], tmp_path)
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as out:
        out.writestr("a.mp4", bytes(2000))
    monkeypatch.setattr("d2st.demo.many.LARGEST", 1000)
    with pytest.raises(D2STError, match="'large.zip' holds more than"):
        unpacked([str(tmp_path / "large.zip")], tmp_path)
