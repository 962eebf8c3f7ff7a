import pytest
from clips import make_clip
from corpus import Truth, write
from corpus_changed import RECIPES
from reading import KINDS


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name, options in KINDS.items():
        make_clip(folder / name, **options)
    return folder


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("large") / "4k.mp4", count=24, size=(3840, 2160))


@pytest.fixture(scope="session")
def noisy(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("noisy") / "noisy.mp4", count=60, size=(128, 96), noise=True)


@pytest.fixture(scope="session")
def truth(tmp_path_factory):
    """Gives a clip of the corpus, written once."""
    folder, written = tmp_path_factory.mktemp("corpus"), {}

    def truth(name: str) -> Truth:
        if name not in written:
            written[name] = write(RECIPES[name], folder)
        return written[name]

    return truth
