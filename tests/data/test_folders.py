"""What a folder of actions is read as, however it was made."""

import os
import unicodedata

import cv2
import pytest
from clips import picture

from d2st.data.folders import alike, clips_by_action, read_split, spoken
from d2st.errors import D2STError

MP4 = b"\0\0\0\x18ftypisom" + bytes(40)
CAFE, DECOMPOSED = "café", unicodedata.normalize("NFD", "café")


def make(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(MP4)
    return root


def make_pictures(folder, count=3):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        cv2.imwrite(str(folder / f"img_{number:05d}.jpg"), picture(number))


def names(folder):
    return {action: [clip.name for clip in clips] for action, clips in clips_by_action(folder).items()}


def test_clips_are_known_by_the_readers_suffixes_in_any_case_or_by_content(tmp_path):
    clips = ("a.MTS", "b.m2ts", "c.VOB", "d.asf", "e.f4v", "f.3G2", "g.ogg", "h", "i.original")
    make(tmp_path, *(f"wave/{name}" for name in clips))
    (tmp_path / "wave" / "notes.txt").write_text("no clip")
    cv2.imwrite(str(tmp_path / "wave" / "a.jpg"), picture(1))
    assert names(tmp_path) == {"wave": list(clips)}


def test_hidden_files_and_what_systems_leave_are_passed_over(tmp_path):
    make(tmp_path, "wave/a.mp4", "wave/._a.mp4", "wave/.b.mp4", "__MACOSX/wave/._a.mp4", "@eaDir/a.mp4", ".git/a/b.mp4")
    (tmp_path / "wave" / "Thumbs.db").write_bytes(MP4)
    assert names(tmp_path) == {"wave": ["a.mp4"]}


def test_names_come_out_composed_and_folders_that_differ_in_that_alone_are_one_action(tmp_path):
    make(tmp_path, f"{DECOMPOSED}/1.mp4", f"{CAFE}/2.mp4", "wave/1.mp4")
    assert DECOMPOSED != CAFE and len(os.listdir(tmp_path)) == 3
    assert {action: sorted(clips) for action, clips in names(tmp_path).items()} == {
        CAFE: ["1.mp4", "2.mp4"],
        "wave": ["1.mp4"],
    }


def test_spaces_around_a_name_and_other_spellings_of_it_are_the_same_action(tmp_path):
    make(tmp_path, "push up/1.mp4", "push up /2.mp4", "push-up/3.mp4", "Push_Up/4.mp4", "pushing/5.mp4")
    assert sorted(map(len, names(tmp_path).values())) == [1, 4] and "pushing" in names(tmp_path)


def test_names_that_are_alike():
    for group in (
        ("push-up", "push_up", "Push Up", " push.up ", "PUSH--UP", "push\u2010up"),
        ("brush_hair", "brush hair"),
        (CAFE, DECOMPOSED, CAFE.upper(), DECOMPOSED.upper()),
        ("跳舞", "跳舞 "),
        ("STRASSE", "straße"),
    ):
        assert len(set(map(alike, group))) == 1, group
    assert len(set(map(alike, ("kick", "kick 2", "kicking", "-", "_", "跳", "跳舞")))) == 7


@pytest.mark.parametrize("above", ["train", "archive/train", "a/b/c"])
def test_one_wrapping_folder_is_gone_into(tmp_path, above):
    make(tmp_path, f"{above}/wave/1.mp4", f"{above}/clap/1.mp4", "readme.txt", "query.mp4")
    assert names(tmp_path) == {"clap": ["1.mp4"], "wave": ["1.mp4"]}
    assert read_split(tmp_path).actions == ["clap", "wave"]


def test_of_several_folders_the_only_one_that_wraps_actions_is_gone_into(tmp_path):
    make(tmp_path, "train/wave/1.mp4", "train/clap/1.mp4")
    (tmp_path / "annotations").mkdir()
    assert list(names(tmp_path)) == ["clap", "wave"]


def test_several_that_wrap_actions_are_named(tmp_path):
    make(tmp_path, "train/wave/1.mp4", "val/wave/1.mp4")
    with pytest.raises(D2STError, match="holds train/ and val/.*name one of them, such as '.*train'"):
        clips_by_action(tmp_path)
    make(tmp_path, "test/wave/1.mp4")
    with pytest.raises(D2STError, match="holds test/, train/ and val/"):
        clips_by_action(tmp_path.parent / tmp_path.name)
    outer = tmp_path.parent / "outer"
    outer.mkdir()
    (outer / "linked").symlink_to(tmp_path)
    with pytest.raises(D2STError, match="'.*outer/linked' holds test/, train/ and val/"):
        clips_by_action(outer)


def test_an_action_whose_clips_lie_too_deep_is_said_with_where_they_are(tmp_path):
    make(tmp_path, "wave/1.mp4", "kick/front/1.mp4", "kick/side/1.mp4")
    assert names(tmp_path) == {"kick": [], "wave": ["1.mp4"]}
    with pytest.raises(
        D2STError, match="'kick' in .* holds no clip; there are some one folder deeper, in front/, side"
    ):
        read_split(tmp_path)


def test_a_folder_of_numbered_pictures_is_a_clip_of_its_action(tmp_path):
    for name in ("wave/first", "wave/second", "clap/only"):
        make_pictures(tmp_path / name)
    make(tmp_path, "clap/a.mp4")
    (tmp_path / "clap" / "empty").mkdir()
    assert names(tmp_path) == {"clap": ["a.mp4", "only"], "wave": ["first", "second"]}


def test_pictures_beside_clips_are_no_clip_and_alone_they_are_one(tmp_path):
    make(tmp_path, "wave/1.mp4", "wave/2.mp4")
    make_pictures(tmp_path / "wave")
    make_pictures(tmp_path / "clap")
    assert names(tmp_path) == {"clap": ["clap"], "wave": ["1.mp4", "2.mp4"]}


def test_a_name_in_another_encoding_is_said(tmp_path):
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"caf\xe9"))
    make(tmp_path, "wave/1.mp4")
    with pytest.raises(D2STError, match=r"'caf\\xe9' has a name that is not UTF-8") as raised:
        clips_by_action(tmp_path)
    str(raised.value).encode()


def test_clips_without_folders_of_them_are_said(tmp_path):
    make(tmp_path, "wave/1.mp4", "wave/2.mp4")
    (tmp_path / "wave" / "old").mkdir()
    with pytest.raises(D2STError, match="'.*wave' holds clips, and none of its folders does"):
        clips_by_action(tmp_path / "wave")


def test_empty_folders_and_one_that_links_to_itself_come_out_empty(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    assert names(tmp_path) == {"loop": []}
    (tmp_path / "loop").unlink()
    (tmp_path / "wave" / "old").mkdir(parents=True)
    assert names(tmp_path) == {"wave": []}
    (tmp_path / "loop").symlink_to(tmp_path)
    make(tmp_path, "wave/1.mp4")
    assert names(tmp_path) == {"loop": [], "wave": ["1.mp4"]}


def test_an_action_is_spoken_by_its_whole_name(tmp_path):
    for name, said in (("jump.rope", "jump.rope"), ("push_up.mp4", "push up"), (DECOMPOSED, CAFE), ("a-b.MTS", "a b")):
        assert spoken(tmp_path / name) == said
