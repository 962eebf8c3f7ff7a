"""The official lists, as editors and systems save them."""

import codecs

import pytest

from d2st.data.lists import read_list
from d2st.errors import D2STError

TEXT = "test0//videos/café/a.avi\ntest18//195025\n"
CLIPS = [(0, "videos/café/a.avi"), (18, "195025")]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_lists_are_read_in_every_encoding_with_every_line_end(tmp_path, encoding, ends):
    file = tmp_path / "list.txt"
    file.write_bytes(TEXT.replace("\n", ends).encode(encoding))
    lines = read_list(file)
    assert [(line.label, line.clip) for line in lines] == CLIPS
    assert ["was read as Latin-1" in str(line) for line in lines] == [encoding in ("latin-1", "cp1252"), False]


def test_a_mark_of_the_other_order_is_read_too(tmp_path):
    (tmp_path / "list.txt").write_bytes(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"))
    assert len(read_list(tmp_path / "list.txt")) == 2


@pytest.mark.parametrize("data", [TEXT.encode() + b"test1//\x81\xff\n", codecs.BOM_UTF16_LE + b"a"])
def test_an_encoding_that_cannot_be_told_is_said(tmp_path, data):
    (tmp_path / "list.txt").write_bytes(data)
    with pytest.raises(D2STError, match="encoding of '.*list.txt' cannot be told: line [13] .*Save the list as UTF-8"):
        read_list(tmp_path / "list.txt")


def test_separators_as_the_lists_have_them(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("test0/88644\ntest0//videos/a b/c.avi\ntest1\\\\videos\\d\\e.avi\n  \nTest2//f \n")
    assert [(line.label, line.clip) for line in read_list(file)] == [
        (0, "88644"), (0, "videos/a b/c.avi"), (1, "videos/d/e.avi"), (2, "f"),
    ]  # fmt: skip
