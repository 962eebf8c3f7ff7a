"""Figures that are drawn in the air, by a finger near the camera or by a whole arm.

Points (right, up) between -1 and 1, in the order they are drawn, as the viewer sees them.
"""

import numpy as np

from .table_strokes import FIGURES

TURN = np.linspace(0, 2 * np.pi, 33)
LINES = {"swipe left": "a line to the left", "swipe right": "a line to the right",
         "swipe up": "a line up", "swipe down": "a line down"}  # fmt: skip
MORE = {
    "an N": [(-0.8, -1), (-0.8, 1), (0.8, -1), (0.8, 1)],
    "a W": [(-1, 0.9), (-0.5, -0.9), (0, 0.4), (0.5, -0.9), (1, 0.9)],
    "a tick": [(-0.8, 0), (-0.3, -0.8), (0.9, 0.9)],
    "a zigzag down": [(-0.8, 1), (0.8, 0.5), (-0.8, 0), (0.8, -0.5), (-0.8, -1)],
    "a T": [(-0.9, 0.9), (0.9, 0.9), (0, 0.9), (0, -1)],
    "a plus": [(0, 1), (0, -1), (0, 0), (-1, 0), (1, 0)],
    "a wave": np.stack([np.linspace(-1, 1, 33), 0.45 * np.sin(np.linspace(0, 4 * np.pi, 33))], -1),
    "a loop": np.stack(
        [np.linspace(-1, 1, 33) + 0.55 * np.sin(TURN), -np.cos(TURN)],
        -1,
    ),
    "a slash": [(0.7, 1), (-0.7, -1)],
    "an arrow": [(-1, 0), (1, 0), (0.4, 0.6), (1, 0), (0.4, -0.6)],
    "a heart": np.stack(
        [np.sin(TURN) ** 3, 0.8 * np.cos(TURN) - 0.35 * np.cos(2 * TURN) - 0.15 * np.cos(3 * TURN)],
        -1,
    ),
}  # fmt: skip
TRACED = {LINES.get(name, name.removeprefix("draw ")): points for name, points in FIGURES.items()} | MORE
CLOSED = {name for name, points in TRACED.items() if np.allclose(points[0], points[-1])}
