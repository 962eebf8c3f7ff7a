"""Which clips a split asks for."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from d2st.data.datasets import LISTS
from d2st.simulate import dataset
from d2st.simulate.catalogue import SPLITS, actions
from d2st.simulate.look import LOOKS
from d2st.training.comparison import SHOTS, WAY
from d2st.training.recipes import load_recipe


class Here(nullcontext):
    """A pool of this process alone."""

    def __init__(self, *_, **__):
        super().__init__(self)

    def imap(self, work, jobs):
        return map(work, jobs)


def test_a_clip_that_is_there_is_kept(monkeypatch, tmp_path):
    path = tmp_path / "1.mp4"
    path.write_bytes(b"there")
    monkeypatch.setattr(dataset, "render", None)
    job = dataset.Job(path, "kick", 0, "novel", 6, False)
    assert dataset._write(job) == path and path.read_bytes() == b"there"


def test_every_action_is_in_the_training_set():
    sections = {(section.split, section.family) for section in dataset.TRAINING_SET}
    assert sections == {(split, family) for family, split in SPLITS}
    assert all(dataset.look_of(*section) in LOOKS for section in sections)
    assert not set(LOOKS["world"].photographs) & set(LOOKS["base world"].photographs + LOOKS["base world"].grounds)


@pytest.mark.parametrize("name", ["simulated/efficientnet-lite0", "simulated/short", "simulated/further"])
def test_what_a_recipe_reads_is_written(name):
    data = load_recipe(name).data
    sections = {f"data/simulated/{each.folder.as_posix()}": each for each in dataset.TRAINING_SET if not each.loose}
    assert {folder for split in LISTS for folder in data[split]} <= sections.keys()
    for section in (sections[folder] for split in ("validation", "novel") for folder in data[split]):
        assert section.clips > max(SHOTS) and len(list(actions(section.split, section.family))) >= WAY


def test_no_two_sections_write_one_clip(monkeypatch, tmp_path):
    monkeypatch.setattr(dataset, "_write", lambda job: job.path)
    monkeypatch.setattr(dataset.multiprocessing, "get_context", lambda _: SimpleNamespace(Pool=Here))
    paths = dataset.write_training_set(tmp_path)
    assert len(set(paths)) == len(paths)


def test_another_seed_asks_for_other_clips(monkeypatch, tmp_path):
    asked = []

    class Pool(Here):
        def imap(self, work, jobs):
            asked.append({(job.action, job.seed) for job in jobs})
            return super().imap(work, jobs)

    monkeypatch.setattr(dataset, "_write", lambda job: job.path)
    monkeypatch.setattr(dataset.multiprocessing, "get_context", lambda _: SimpleNamespace(Pool=Pool))
    for seed in (0, 1, 0):
        assert len(dataset.write_split(tmp_path, "novel", 3, seed, "table")) == 3 * 19
    dataset.write_split(tmp_path, "novel", 3, 0, "table", loose=True)
    assert not asked[0] & asked[1] and asked[0] == asked[2] and not asked[3] & (asked[0] | asked[1])
