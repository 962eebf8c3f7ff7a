from pathlib import PurePath

import pytest

from d2st.data.guesses import guessed, stem


def told(*paths):
    return [(guess.action, guess.query) for guess in guessed([PurePath(path) for path in paths])]


@pytest.mark.parametrize("paths, expected", [
    (("set/wave/1.mp4", "set/wave/2.mp4", "set/clap/1.mp4"), ["wave", "wave", "clap"]),
    (("wave/1.mp4", "clap/1.mp4"), ["wave", "clap"]),
    (("a/Push-Up/1.mp4", "a/push_up/2.mp4", "a/sit up/1.mp4"), ["Push-Up", "Push-Up", "sit up"]),
    (("data/train/wave/a.mp4", "data/train/clap/b.mp4"), ["wave", "clap"]),
    (("wave/videos/1.mp4", "clap/videos/1.mp4"), ["wave", "clap"]),
    (("wave_1.mp4", "wave_2.mp4", "clap_1.mp4"), ["wave", "wave", "clap"]),
    (("mine/wave 01.mp4", "mine/wave 02.mp4", "mine/jump up (1).mp4"), ["wave", "wave", "jump up"]),
    (("wave.mp4", "clap.mp4"), ["wave", "clap"]),
    (("wave/first take.mp4", "wave/second take.mp4"), ["wave", "wave"]),
    (("wave/1.mp4", "wave/2.mp4"), ["wave", "wave"]),
    (("wave/IMG_0001.mp4", "wave/IMG_0002.mp4"), ["wave", "wave"]),
    (("1.mp4", "2.mp4"), ["", ""]),
    (("/wave/1.mp4", "../clap/1.mp4"), ["wave", "clap"]),
    (("cafe\u0301_1.mp4", "caf\xe9_2.mp4", "tea_1.mp4"), ["caf\xe9", "caf\xe9", "tea"]),
])  # fmt: skip
def test_folders_name_actions_and_names_do_where_folders_tell_nothing(paths, expected):
    assert [action for action, _ in told(*paths)] == expected
    assert not any(query for _, query in told(*paths))


def test_folders_that_are_called_query_or_test_hold_queries():
    assert told("s/support/wave/1.mp4", "s/support/clap/1.mp4", "s/query/clap.mp4", "s/Query/other.mp4") == [
        ("wave", False), ("clap", False), ("clap", True), ("other", True),
    ]  # fmt: skip
    assert told("train/wave/1.mp4", "train/clap/1.mp4", "test/wave/9.mp4") == [
        ("wave", False), ("clap", False), ("wave", True),
    ]  # fmt: skip
    assert told("wave_1.mp4", "clap_1.mp4", "test/wave_7.mp4")[2] == ("wave", True)


def test_where_all_are_queries_they_are_still_told_apart():
    assert told("test/wave/1.mp4", "test/clap/1.mp4") == [("wave", True), ("clap", True)]


def test_nothing_is_guessed_of_nothing():
    assert guessed([]) == []


@pytest.mark.parametrize("name, bare", [
    ("wave_1.mp4", "wave"), ("wave-01.MP4", "wave"), ("wave (2).mov", "wave"), ("03-wave.mp4", "wave"), 
    ("wave2.gif", "wave"),
    
    ("kick_then_punch_3.mp4", "kick then punch"), ("7.mp4", ""), ("IMG_0001.MOV", "IMG"), ("take [4].avi", "take"),
])  # fmt: skip
def test_a_files_name_without_its_number(name, bare):
    assert stem(name) == bare
