"""Where what comes along with the program lies: in the installed package, else beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def bundled(name: str) -> Path:
    """The folder "checkpoints" or "assets/examples"."""
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name
