"""Clips that come with a call, and nothing else."""

from pathlib import Path

import pytest
from gradio.utils import get_upload_folder

from d2st.demo.brought import ADDRESS, ELSEWHERE, LONGEST_NAME, NO_CLIP, NO_DATA, brought
from d2st.errors import D2STError

EMPTY = "data:video/mp4{};base64,AAAA"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return Path(get_upload_folder())


def test_data_becomes_a_file_among_the_uploads(folder):
    file = Path(brought(EMPTY.format(";name=my%20kick.mp4")))
    assert file.read_bytes() == bytes(3) and file.name == "my kick.mp4" and folder in file.parents
    assert (
        Path(brought(EMPTY.format(""), 3)).name == "clip 3.mp4" and Path(brought(EMPTY.format(""))).name == "clip.mp4"
    )
    assert brought(EMPTY.format("")) != brought(EMPTY.format(""))
    assert len(Path(brought(EMPTY.format(";name=" + 500 * "a" + ".mp4"))).name) == LONGEST_NAME


@pytest.mark.parametrize("name", ["../../../escaped.mp4", "/etc/escaped.mp4", "..", "%2e%2e%2fescaped.mp4"])
def test_a_name_leads_nowhere_else(folder, name):
    assert folder in Path(brought(EMPTY.format(f";name={name}"))).resolve().parents


def test_an_upload_is_known_by_its_path_and_its_address(folder):
    folder.joinpath("a").mkdir(parents=True)
    file = folder / "a" / "my kick.mp4"
    file.write_bytes(b"clip")
    quoted = str(file).replace(" ", "%20")
    for said in (
        str(file),
        f"/gradio_api/file={quoted}",
        f"https://a.b/c/gradio_api/file={quoted}",
        {"path": str(file)},
    ):
        assert brought(said) == str(file)


@pytest.mark.parametrize(
    "said, sentence",
    [
        ("/etc/passwd", ELSEWHERE),
        ("http://a/gradio_api/file=/etc/passwd", ELSEWHERE),
        ("http://a/gradio_api/file={folder}/../secret", ELSEWHERE),
        ("{folder}", ELSEWHERE),
        ("{folder}/link", ELSEWHERE),
        ("{folder}/nothing", ELSEWHERE),
        ("a" * 100_000, ELSEWHERE),
        ("\0", ELSEWHERE),
        ("http://a/kick.mp4", ADDRESS),
        ("file:///etc/passwd", ADDRESS),
        ({"path": "/etc/passwd"}, ELSEWHERE),
        ({"file": "/etc/passwd"}, NO_CLIP),
        (3, NO_CLIP),
        ([], NO_CLIP),
        ("data:video/mp4,AAAA", NO_DATA),
        ("data:", NO_DATA),
        ("data:video/mp4;base64,A", NO_DATA),
    ],
)
def test_nothing_else_is_a_clip(folder, said, sentence):
    folder.mkdir(parents=True)
    folder.with_name("secret").write_text("secret")
    folder.joinpath("link").symlink_to(folder.with_name("secret"))
    said = said.replace("{folder}", str(folder)) if isinstance(said, str) else said
    with pytest.raises(D2STError) as told:
        brought(said)
    assert str(told.value) == sentence
