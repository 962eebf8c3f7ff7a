"""Makes action clips with a physics engine and motion capture.

from d2st import simulate
simulate.actions("novel", "table")                   # names of actions
simulate.render("push left", seed=0, frames=16)      # frames, uint8 [16, 224, 224, 3]
simulate.write_split("clips", "base", per_class=20)  # H.264 files in folders
"""

from .catalogue import actions, mirror, reverse
from .dataset import write_split, write_training_set
from .scenes import render

__all__ = ["actions", "mirror", "render", "reverse", "write_split", "write_training_set"]
