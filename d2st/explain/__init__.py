"""What a model did with a clip, and what its answer hangs on.

`show` and `Points` are for deformable attention of any network. They load when they are first used, and take no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2st.explain.arrays import show
    from d2st.explain.points import Points

_HOME = {"show": "arrays", "Points": "points"}
__all__ = ["Points", "show"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'd2st.explain' has no attribute {name!r}")
    return getattr(import_module(f"d2st.explain.{_HOME[name]}"), name)
