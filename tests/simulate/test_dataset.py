"""Which clips a split asks for."""

from types import SimpleNamespace

from d2st.simulate import dataset
from d2st.simulate.catalogue import SPLITS
from d2st.simulate.look import LOOKS


def test_a_clip_that_is_there_is_kept(monkeypatch, tmp_path):
    path = tmp_path / "1.mp4"
    path.write_bytes(b"there")
    monkeypatch.setattr(dataset, "render", None)
    job = dataset.Job(path, "kick", 0, "novel", 6, False)
    assert dataset._write(job) == path and path.read_bytes() == b"there"


def test_every_action_is_in_the_training_set():
    sections = [(section.split, section.family) for section in dataset.TRAINING_SET if not section.loose]
    assert sorted(sections) == sorted((split, family) for family, split in SPLITS)
    assert all(dataset.look_of(*section) in LOOKS for section in sections)
    assert not set(LOOKS["world"].photographs) & set(LOOKS["base world"].photographs + LOOKS["base world"].grounds)


def test_no_two_sections_write_into_one_folder():
    folders = [section.folder for section in dataset.TRAINING_SET]
    assert len(set(folders)) == len(folders)


def test_another_seed_asks_for_other_clips(monkeypatch, tmp_path):
    asked = []

    class Pool:
        def __init__(self, *_, **__):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def imap(self, _, jobs):
            asked.append({(job.action, job.seed) for job in jobs})
            return iter(job.path for job in jobs)

    monkeypatch.setattr(dataset.multiprocessing, "get_context", lambda _: SimpleNamespace(Pool=Pool))
    for seed in (0, 1, 0):
        assert len(dataset.write_split(tmp_path, "novel", 3, seed, "table")) == 3 * 19
    dataset.write_split(tmp_path, "novel", 3, 0, "table", loose=True)
    assert not asked[0] & asked[1] and asked[0] == asked[2] and not asked[3] & (asked[0] | asked[1])
