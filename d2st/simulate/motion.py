"""Movements in time: places between keys, speeds that start and stop softly."""

import numpy as np


def soften(share):
    """0..1 to 0..1 with a soft start and a soft stop."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def follow(keys, time):
    """The value at `time` of keys [(time, value), ...], stopping softly at each key.

    Values are numbers or arrays of one shape; before the first key and after the last the value stands still.
    """
    times = [key[0] for key in keys]
    index = int(np.searchsorted(times, time, side="right"))
    if index == 0:
        return np.asarray(keys[0][1], float)
    if index == len(keys):
        return np.asarray(keys[-1][1], float)
    (before, start), (after, end) = keys[index - 1], keys[index]
    start, end = np.asarray(start, float), np.asarray(end, float)
    return start + (end - start) * soften((time - before) / (after - before))


def stroke(points, start, end, per_point=6):
    """Keys that run along `points` [N, 3] from time `start` to `end` at even speed, soft only at both ends."""
    points = np.asarray(points, float)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=-1))])
    share = np.linspace(0, 1, per_point * len(points))
    along = soften(share) * 0.5 + share * 0.5
    places = np.stack([np.interp(along * length[-1], length, points[:, i]) for i in range(points.shape[1])], -1)
    return list(zip(start + (end - start) * share, places, strict=True))


def drift(rng, times, size, periods=(1.0, 4.0)):
    """A slow wandering [len(times), 3] of about `size` about zero; times in seconds."""
    times = np.asarray(times, float)[:, None, None]
    period, phase = rng.uniform(*periods, (3, 3)), rng.uniform(0, 2 * np.pi, (3, 3))
    return size * np.sin(2 * np.pi * times / period + phase).mean(-1)
