import errno
import shutil
import tempfile
import time
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from small import EXAMPLES
from visits import filled, small_model

from d2st.demo import storage
from d2st.demo.html.report import confusion, report, table
from d2st.demo.limits import VisitLimits
from d2st.demo.many import answer_all, summary, true_action
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


def zipped(file, entries, **options):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as out:
        for name, content in entries:
            out.writestr(name, content)
    return str(file)


@pytest.fixture
def small():
    return filled(small_model())


CLIP = (SET / "query" / "jump.mp4").read_bytes()


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path, monkeypatch):
    """The folder for temporary files, empty before and after."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    yield place
    assert not list(place.rglob("*"))


def test_an_archive_is_answered_with_its_folders(small, tmp_path):
    archive = zipped(tmp_path / "all.zip", [
        ("set/wave/1.mp4", CLIP), ("set/notes.txt", "no clip"), ("__MACOSX/set/wave/._1.mp4", "no clip"),
        ("__MACOSX/set/wave/2.mp4", "no clip"), ("../../outside.mp4", CLIP), ("/etc/clap.mp4", CLIP),
        ("empty.mp4/", ""),
    ])  # fmt: skip
    seen = []
    answers = answer_all(
        small, [archive, str(SET / "query" / "kick.mp4")], lambda found: seen.append(len(found)) or found
    )
    assert [a.name for a in answers] == ["outside.mp4", "clap.mp4", "1.mp4", "kick.mp4"] and seen == [4]
    assert [a.truth for a in answers] == [None, "clap", "wave", None] and all(a.prediction for a in answers)
    assert not (tmp_path / "outside.mp4").exists()


def test_our_own_folders_are_no_labels(small, tmp_path):
    names = ("clip.mp4", "set/wave/person 1/clip.mp4", "0/clip.mp4")
    archive = zipped(tmp_path / "wave.zip", [(name, CLIP) for name in names])
    small.support = {action: small.support["wave"] for action in ("0", "1", "wave", "unpacked archives", tmp_path.name)}
    answers = answer_all(small, [archive, archive])
    assert [a.truth for a in answers] == ["0", None, "wave"] * 2
    assert true_action(Path(tempfile.gettempdir(), "clip.mp4"), [Path(tempfile.gettempdir()).name]) is None


def test_clips_in_an_archive_are_known_as_in_a_folder(small, tmp_path):
    clips = ("A.MTS", "b.m2ts", "c.3G2", "d.original", "nameless")
    litter = ("kick/._a.mp4", "kick/.hidden.mp4", ".trash/a.mp4", "__MACOSX/a", "@eaDir/a.mp4", "kick/sound.m4a")
    archive = zipped(tmp_path / "all.zip", [
        *((f"kick/{name}", CLIP) for name in clips), *((name, CLIP) for name in litter),
        ("kick/README", "The free software"), ("kick/.DS_Store", "no clip"),
    ])  # fmt: skip
    assert tuple(a.name for a in answer_all(small, [archive])) == clips


def test_a_bad_entry_costs_itself_and_is_named(small, tmp_path):
    long = "a" * 296 + ".mp4"
    archive = zipped(tmp_path / "all.zip", [
        ("good.mp4", CLIP), ("wave.mp4", CLIP), ("wave.mp4/b.mp4", CLIP), (long, CLIP), ("damaged.mp4", CLIP),
        ("zeros.mp4", bytes(200_000_000)), ("huge.mp4", bytes(200_000_001)), ("inner.zip", b"PK"), ("locked.mp4", CLIP),
        ("checked.mp4", CLIP),
    ], compresslevel=1)  # fmt: skip
    raw = bytearray(Path(archive).read_bytes())
    with zipfile.ZipFile(archive) as whole:
        places = {entry.filename: (entry.header_offset, entry.compress_size) for entry in whole.infolist()}

    def content(name):
        return places[name][0] + 30 + len(name)

    raw[content("damaged.mp4")] = 0xFF  # no block of deflate begins so
    raw[content("checked.mp4") + places["checked.mp4"][1] // 2] ^= 0x10
    listed = raw.rfind(b"locked.mp4") - 46
    raw[listed + 8] |= 1  # said to be encrypted
    raw[places["locked.mp4"][0] + 6] |= 1
    Path(archive).write_bytes(raw)
    answers = {a.name: a for a in answer_all(small, [archive, str(SET / "query" / "kick.mp4")])}
    assert len(answers) == 11 and len(max(answers, key=len)) == 120
    assert {name for name, a in answers.items() if a.prediction} == {
        "good.mp4", "wave.mp4", "b.mp4", long[:119] + "…", "kick.mp4"
    }  # fmt: skip
    for name in ("damaged.mp4", "locked.mp4", "checked.mp4"):
        assert answers[name].problem.startswith(f"'{name}' ")
    assert "cannot be unpacked" in answers["damaged.mp4"].problem and "no video" in answers["zeros.mp4"].problem
    assert "more than 200 MB" in answers["huge.mp4"].problem
    assert "archive inside an archive" in answers["inner.zip"].problem


def test_a_bad_archive_is_named_and_the_rest_is_answered(small, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    bad, none = str(tmp_path / "bad.zip"), zipped(tmp_path / "none.zip", [("notes.txt", "no clip")])
    good = zipped(tmp_path / "good.zip", [("a.mp4", CLIP)])
    answers = answer_all(small, [bad, none, str(tmp_path / "gone.zip"), good])
    assert [bool(a.prediction) for a in answers] == [False, False, False, True]
    for answer, word in zip(
        answers, ("'bad.zip' cannot be unpacked", "'none.zip' holds no clip", "'gone.zip'"), strict=False
    ):
        assert word in answer.problem
    few = VisitLimits(megabytes_at_once=len(CLIP) / 1e6 * 2.5)
    packed = zipped(tmp_path / "large.zip", [("b.mp4", CLIP + bytes(2 * len(CLIP)))])
    first, second = answer_all(small, [good, packed], limits=few)
    assert first.prediction and "The clips in 'large.zip' are too large" in second.problem


def test_more_queries_than_allowed_are_refused_before_any_is_read(small, tmp_path):
    packed = zipped(tmp_path / "many.zip", [(f"{number}.mp4", CLIP) for number in range(5)])
    few = VisitLimits(queries_at_once=4)
    with pytest.raises(D2STError, match="These are 5 queries, and 4 is the most at once"):
        answer_all(small, [packed], limits=few)
    assert len(answer_all(small, [packed], limits=VisitLimits(queries_at_once=5))) == 5


def test_a_hundred_thousand_entries_are_refused_at_once(small, tmp_path):
    archive = zipped(tmp_path / "many.zip", ((f"{number}.mp4", b"") for number in range(100_000)))
    began = time.process_time()
    (answer,) = answer_all(small, [archive])
    assert "'many.zip' holds more than 2,000 files" in answer.problem and time.process_time() - began < 0.5


def test_an_entry_holds_no_more_than_it_says(small, tmp_path):
    archive = zipped(tmp_path / "lies.zip", [("a.mp4", bytes(50_000_000))])
    raw = bytearray(Path(archive).read_bytes())
    for signature, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        start = raw.find(signature) + at
        raw[start : start + 4] = (100).to_bytes(4, "little")
    Path(archive).write_bytes(raw)
    (answer,) = answer_all(small, [archive])
    assert answer.problem and "a.mp4" in answer.problem


def test_a_full_disk_is_said_for_each_entry_and_files_are_answered(small, tmp_path, monkeypatch):
    def full(*given, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/place")

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    answers = answer_all(small, [zipped(tmp_path / "a.zip", [("a.mp4", CLIP)]), str(SET / "query" / "kick.mp4")])
    assert answers[0].problem == storage.FULL and answers[1].prediction
