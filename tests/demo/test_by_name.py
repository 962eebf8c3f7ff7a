"""A program's examples whose actions stand in their names."""

import shutil
import zipfile

import pytest
from small import EXAMPLES
from visits import small_model

from d2st.demo.by_name import fill_by_name
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.errors import D2STError
from d2st.recognizer import Recognizer

PEOPLE = EXAMPLES / "people"


@pytest.fixture(scope="module")
def model():
    return small_model()


def filled(model, *files, limits=STANDARD):
    recognizer = Recognizer(model)
    fill_by_name(recognizer, [str(file) for file in files], limits)
    return {action: [clip.name for clip in clips] for action, clips in recognizer.support.items()}


@pytest.fixture
def clips(tmp_path):
    """Clips of two actions, called after them."""
    for action in ("jump", "kick"):
        shutil.copy(PEOPLE / "support" / action / "1.mp4", tmp_path / f"{action}_1.mp4")
    return [tmp_path / "jump_1.mp4", tmp_path / "kick_1.mp4"]


def test_files_are_told_apart_by_their_names(model, clips):
    assert filled(model, *clips) == {"jump": ["jump_1.mp4"], "kick": ["kick_1.mp4"]}


def test_folders_in_a_zip_tell_the_actions_and_queries_are_left_out(model, tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for place in ("support/jump/1.mp4", "support/kick/1.mp4", "query/kick.mp4"):
            archive.write(PEOPLE / place, place)
    assert filled(model, tmp_path / "set.zip") == {"jump": ["1.mp4"], "kick": ["1.mp4"]}


def test_what_cannot_be_taken_is_a_sentence(model, clips, tmp_path):
    nameless = tmp_path / "1.mp4"
    shutil.copy(clips[0], nameless)
    with pytest.raises(D2STError, match="tells what '1.mp4' shows"):
        filled(model, nameless, *clips)
    bad = tmp_path / "kick_2.mp4"
    bad.write_bytes(clips[1].read_bytes()[:3000])
    with pytest.raises(D2STError, match="'kick_2.mp4'"):
        filled(model, *clips, bad)
    with pytest.raises(D2STError, match="1 is the most"):
        filled(model, *clips, limits=VisitLimits(actions=1))
