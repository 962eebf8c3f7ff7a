import gc
import weakref

import pytest

from d2st.models.memory import give_back_freed_memory, leave_what_is_loaded


class Knot:
    """What only a look for garbage finds."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def thawed():
    gc.disable()  # nobody else is to find them
    yield
    gc.enable()
    gc.unfreeze()


def test_what_is_loaded_is_not_looked_through_again(thawed):
    loaded = weakref.ref(Knot())
    leave_what_is_loaded()
    later = weakref.ref(Knot())
    give_back_freed_memory()
    assert loaded() is not None and later() is None
