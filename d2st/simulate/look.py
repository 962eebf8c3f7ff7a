"""How a clip may look: which textures, things, tools, bodies, cameras and faults of the camera it draws from.

Validation draws from other lists than base, so that what is chosen on it is what carries over.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Look:
    """Lists to draw from, and ranges (low, high) to draw between."""

    saturation: tuple = (0.3, 0.95)
    value: tuple = (0.4, 1.0)
    ground: tuple = ((0.0, 0.55), (0.35, 0.95), (0.0, 1.0))  # saturation, value and hue of the table
    floor: tuple = ((0.0, 0.4), (0.3, 0.8), (0.0, 1.0))
    wall: tuple = ((0.0, 0.35), (0.6, 1.0), (0.0, 1.0))
    furniture: tuple = ((0.1, 0.9), (0.3, 1.0), (0.0, 1.0))
    contrast: tuple = (0.65, 1.35)  # how much darker or lighter the second colour of a pattern on the ground is
    patterned: float = 0.5  # share of things with a texture
    prop_patterns: tuple = ("speckled", "cloudy", "stripes", "dots", "marble", "checks")
    ground_patterns: tuple = ("plain", "speckled", "cloudy", "wood", "tiles", "checks", "marble")
    wall_patterns: tuple = ("plain", "cloudy", "speckled", "tiles", "stripes")
    things: tuple = ("block", "soap", "can", "carton", "mug", "bottle", "cup", "oddity", "cone")
    tools: tuple = ("hand", "hand", "hand", "gripper", "arm", "nothing")
    sides: tuple = ("right", "left", "far", "near")  # where the arm comes from
    seconds: tuple = (1.9, 3.0)  # how long an action on the table takes
    clutter: tuple = (0, 4)  # how many things stand about
    bystanders: tuple = (0, 0, 0, 1, 2)  # how many people may stand and look on
    azimuth: tuple = (-28.0, 28.0)  # degrees that the camera stands to the side
    height: tuple = (16.0, 52.0)  # degrees that it looks down
    field: tuple = (28.0, 60.0)  # degrees of its field of view
    room: tuple = (0.82, 1.15)  # how much larger than the action the picture is
    pan: float = 0.08  # how far the camera wanders, in shares of its distance
    shake: float = 0.004
    ambient: tuple = (0.3, 0.6)
    diffuse: tuple = (0.4, 0.9)
    faults: float = 1.0  # strength of blur, noise, compression and false colour
    frontal: float = 0.75  # share of clips with the light on the camera's side
    shadows: float = 0.75  # share of clips with shadows
    detail: tuple = (0.75, 1.05)  # drawn this much larger or smaller than asked for
    bodies: tuple = ("round", "round", "slim", "broad")
    photographs: tuple = ()  # what may hang on a wall instead of a pattern
    grounds: tuple = ()  # photographs that the floor may show, again and again
    photographed: float = 0.55  # share of walls that are photographs, where there are any

    def level(self):
        """The same for what is filmed from straight ahead."""
        return replace(self, height=(-8.0, 24.0), azimuth=(-20.0, 20.0), room=(0.85, 1.35), pan=0.06)


LOOKS = {
    "base": Look(),
    "novel": Look(),
    "validation": Look(
        saturation=(0.0, 0.7),
        value=(0.15, 0.9),
        patterned=0.7,
        prop_patterns=("bricks", "camouflage", "cells", "tiles", "wood"),
        ground_patterns=("bricks", "cells", "camouflage", "dots", "stripes"),
        wall_patterns=("bricks", "cells", "camouflage", "wood", "dots"),
        things=("duck", "teddy", "lego", "ring", "puck", "brick", "book"),
        tools=("gripper", "hand", "hand", "nothing"),
        azimuth=(-35.0, 35.0),
        height=(10.0, 60.0),
        field=(24.0, 75.0),
        room=(0.8, 1.3),
        ambient=(0.25, 0.75),
        diffuse=(0.25, 0.9),
        faults=1.6,
        bodies=("blocky", "stick"),
    ),
    "showcase": Look(
        saturation=(0.5, 0.75),
        value=(0.72, 0.95),
        patterned=0.25,
        ground=((0.15, 0.45), (0.6, 0.82), (0.06, 0.12)),
        floor=((0.15, 0.4), (0.65, 0.85), (0.06, 0.11)),
        wall=((0.08, 0.3), (0.92, 1.0), (0.48, 0.62)),
        furniture=((0.15, 0.4), (0.7, 0.95), (0.0, 1.0)),
        prop_patterns=("stripes", "dots", "marble"),
        ground_patterns=("wood", "plain"),
        contrast=(0.82, 1.05),
        wall_patterns=("plain",),
        things=("block", "soap", "can", "carton", "mug", "bottle"),
        seconds=(2.2, 2.6),
        bystanders=(0,),
        tools=("hand",),
        sides=("right", "left", "far"),
        clutter=(0, 2),
        azimuth=(-16.0, 16.0),
        height=(24.0, 36.0),
        field=(34.0, 42.0),
        room=(0.86, 0.92),
        pan=0.03,
        shake=0.0,
        ambient=(0.48, 0.54),
        diffuse=(0.7, 0.8),
        faults=0.0,
        frontal=1.0,
        shadows=1.0,
        detail=(2.0, 2.0),
    ),
}
# What is shown as the world is: before photographs; those of validation hang nowhere else.
LOOKS["base world"] = replace(
    LOOKS["base"],
    photographs=("astronaut", "coffee", "rocket", "brick", "gravel", "coins"),
    grounds=("brick", "gravel"),
)
LOOKS["novel world"] = LOOKS["base world"]
LOOKS["world"] = replace(
    LOOKS["base"],
    saturation=(0.0, 0.7),
    value=(0.15, 0.95),
    prop_patterns=LOOKS["validation"].prop_patterns,
    ground_patterns=LOOKS["validation"].ground_patterns,
    wall_patterns=LOOKS["validation"].wall_patterns,
    azimuth=(-35.0, 35.0),
    room=(0.8, 1.3),
    ambient=(0.25, 0.75),
    faults=1.4,
    photographs=("chelsea", "camera", "grass", "clock_motion"),
    grounds=("grass",),
    photographed=0.6,
)
