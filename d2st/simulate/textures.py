"""Colours and procedural textures: pictures uint8 [size, size, 3] that tile."""

import colorsys

import numpy as np

SIZE = 128


def colour(rng, saturation=(0.35, 0.95), value=(0.45, 1.0), hue=(0.0, 1.0)):
    """A random colour [3] in 0..1."""
    return np.array(colorsys.hsv_to_rgb(rng.uniform(*hue) % 1, rng.uniform(*saturation), rng.uniform(*value)))


def contrasting(rng, others, distance=0.35, **ranges):
    """A random colour [3] that stands out from the colours in `others`, as far as a few tries allow."""
    tries = [colour(rng, **ranges) for _ in range(12)]
    gaps = [min(np.abs(new - old).sum() for old in others) for new in tries]
    return next((new for new, gap in zip(tries, gaps, strict=True) if gap > 2 * distance), tries[int(np.argmax(gaps))])


def clouds(rng, octaves=4, coarse=4):
    """Smooth tiling noise [SIZE, SIZE] in 0..1."""
    total = np.zeros((SIZE, SIZE))
    for octave in range(octaves):
        cells = coarse * 2**octave
        grid = rng.random((cells, cells))
        place = np.arange(SIZE) * cells / SIZE
        low, share = place.astype(int), place % 1
        share = share * share * (3 - 2 * share)
        next_ = (low + 1) % cells
        rows = grid[low] * (1 - share)[:, None] + grid[next_] * share[:, None]
        total += (rows[:, low] * (1 - share) + rows[:, next_] * share) / 2**octave
    return (total - total.min()) / (np.ptp(total) + 1e-9)


def plain(rng):
    return np.zeros((SIZE, SIZE))


def speckled(rng):
    return 0.25 * rng.random((SIZE, SIZE))


def cloudy(rng):
    return clouds(rng, coarse=int(rng.integers(2, 6)))


def stripes(rng):
    rows, columns = np.indices((SIZE, SIZE))
    along = rows if rng.random() < 0.5 else columns if rng.random() < 0.5 else rows + columns
    width = int(rng.choice([8, 16, 32]))
    return (along // width % 2).astype(float)


def checks(rng):
    width = int(rng.choice([16, 32, 64]))
    rows, columns = np.indices((SIZE, SIZE)) // width
    return ((rows + columns) % 2).astype(float)


def dots(rng):
    cell = int(rng.choice([16, 32]))
    rows, columns = np.indices((SIZE, SIZE)) % cell - cell / 2
    return (np.hypot(rows, columns) < cell * rng.uniform(0.2, 0.4)).astype(float)


def tiles(rng):
    cell = int(rng.choice([32, 64]))
    rows, columns = np.indices((SIZE, SIZE))
    joints = (rows % cell < 2) | (columns % cell < 2)
    shade = rng.random((SIZE // cell, SIZE // cell))[rows // cell, columns // cell]
    return np.where(joints, 1.0, 0.3 * shade)


def bricks(rng):
    rows, columns = np.indices((SIZE, SIZE))
    course = rows // 16
    shifted = (columns + 16 * (course % 2)) % SIZE
    joints = (rows % 16 < 2) | (shifted % 32 < 2)
    shade = rng.random((8, 4))[course, shifted // 32]
    return np.where(joints, 1.0, 0.45 * shade)


def wood(rng):
    rows, columns = np.indices((SIZE, SIZE))
    planks = int(rng.choice([2, 4]))
    width = SIZE // planks
    board = rows // width
    shifted = (columns + rng.integers(0, SIZE, planks)[board]) % SIZE
    streaks = rng.random((SIZE, 1)) * 0.25 + 0.35 * clouds(rng, 4, 4)[rows, shifted // 4]
    rings = 0.2 * np.sin(2 * np.pi * (rows / width * 3 + 1.5 * clouds(rng, 2, 2)[rows, shifted // 2]))
    joints = (rows % width < 1) * 0.5
    return np.clip(0.15 + 0.35 * rng.random(planks)[board] + streaks + 0.5 * rings + joints, 0, 1)


def marble(rng):
    rows, columns = np.indices((SIZE, SIZE)) / SIZE
    veins = np.sin(2 * np.pi * (2 * columns + rows + 1.2 * clouds(rng, 4, 3)))
    return np.abs(veins) ** 0.35 * 0.8


def cells(rng):
    seeds = rng.random((int(rng.integers(8, 30)), 2)) * SIZE
    rows, columns = np.indices((SIZE, SIZE))
    away = np.abs(np.stack([rows, columns], -1)[:, :, None] - seeds)
    away = np.hypot(*np.moveaxis(np.minimum(away, SIZE - away), -1, 0))  # [SIZE, SIZE, seeds]
    return rng.random(len(seeds))[away.argmin(-1)]


def camouflage(rng):
    return np.round(clouds(rng, coarse=4) * 3) / 3


PATTERNS = {
    f.__name__: f
    for f in (plain, speckled, cloudy, stripes, checks, dots, tiles, bricks, wood, marble, cells, camouflage)
}


def paint(rng, pattern, first, second):
    """The pattern of that name in two colours [3] of 0..1: uint8 [SIZE, SIZE, 3]."""
    share = PATTERNS[pattern](rng)[..., None]
    picture = np.asarray(first) * (1 - share) + np.asarray(second) * share
    picture = picture + 0.02 * rng.standard_normal((SIZE, SIZE, 1))
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)
