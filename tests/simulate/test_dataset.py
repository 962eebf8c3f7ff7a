"""Which clips a split asks for."""

from types import SimpleNamespace

from d2st.simulate import dataset


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
            asked.append({(action, seed) for _, action, seed, *_ in jobs})
            return iter(path for path, *_ in jobs)

    monkeypatch.setattr(dataset.multiprocessing, "get_context", lambda _: SimpleNamespace(Pool=Pool))
    for seed in (0, 1, 0):
        assert len(dataset.write_split(tmp_path, "novel", 3, seed, "table")) == 3 * 19
    assert not asked[0] & asked[1] and asked[0] == asked[2]
