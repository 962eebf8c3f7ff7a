"""A while of `load.py`: what many visitors are answered is what each would get alone, and nothing is left of them."""

from load import load


def test_a_crowd_gets_the_right_answers_and_leaves_nothing():
    figures = load(6, 25, idle=6)
    assert figures["wrong"] == [] and figures["failed"] == [] and figures["without an end"] == 0
    assert figures["answers"] > 20 and figures["left in the middle"] + figures["refused politely"] < figures["answers"]
    assert figures["requests that run or wait after"] == 0
    files, descriptors = figures["files with content before, after"], figures["descriptors before, after"]
    assert len(set(files.split(", "))) == 1
    before, after = map(int, descriptors.split(", "))
    assert after <= before + 5
