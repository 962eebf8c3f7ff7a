"""Pictures: markers stand where the network read."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from d2st.explain import draw
from d2st.trace import SamplingTrace

FRAMES = np.full((8, 112, 112, 3), 90, np.uint8)


def trace_of(position, reference=None, groups=1, weights=None, pathway="spatial"):
    """A trace on 8×14×14 tokens of 8 pixels; position and reference [P, 3] as (frame, y, x) in pixels."""
    grid = np.array([8, 14, 14])

    def normalise(located):
        located = np.asarray(located, np.float32)
        index = np.concatenate([located[:, :1], located[:, 1:] / 8 - 0.5], axis=1)
        return (index / (grid - 1) * 2 - 1).astype(np.float32)

    points = len(position)
    weights = np.full(points, 1 / points) if weights is None else np.asarray(weights)
    return SamplingTrace(
        "stage 2",
        pathway,
        tuple(grid.tolist()),
        8,
        (points, 1, 1),
        class_queries=0,
        reference=normalise(position if reference is None else reference),
        position=np.stack([normalise(position)] * groups),
        attention=np.broadcast_to(weights, (groups, 4, points)).astype(np.float32),
    )


def changed(trace, **options):
    """Per frame: which pixels of its picture the marks changed."""
    marked, bare = draw.draw_points(FRAMES, trace, **options), draw.draw_points(FRAMES, None)
    return np.abs(marked.astype(int) - bare).max(-1) > 12


def test_a_trace_on_a_bright_dot_puts_its_marker_there():
    frames = np.zeros_like(FRAMES)
    frames[5, 40:42, 70:72] = 255  # the dot's centre: y 41, x 71
    dot = np.argwhere(draw.draw_points(frames, None)[5].min(-1) > 128).mean(0) + 0.5
    marker = np.argwhere(changed(trace_of([(5, 41, 71)]))[5]).mean(0) + 0.5
    assert np.abs(marker - dot).max() / draw.SCALE < 0.5
    assert np.allclose(dot, draw.picture_place(41, 71), atol=0.5)


@pytest.mark.parametrize("place", [(0, 4, 4), (3, 60.3, 17.9), (7, 108, 108)])
def test_a_marker_stands_on_its_frame_and_no_other(place):
    where = changed(trace_of([place]))
    assert [bool(frame.any()) for frame in where] == [index == place[0] for index in range(8)]
    centre = np.argwhere(where[place[0]]).mean(0) + 0.5
    assert np.abs(centre - draw.picture_place(*place[1:])).max() / draw.SCALE < 0.5


def test_a_point_between_two_frames_stands_on_both_and_fainter_on_the_further():
    pictures = draw.draw_points(FRAMES, trace_of([(2.3, 50, 50)], reference=[(7, 0, 0)]))
    y, x = (round(v) for v in draw.picture_place(50, 50))
    near, far = (np.abs(pictures[frame, y, x].astype(int) - FRAMES[0, 0, 0]).sum() for frame in (2, 3))
    assert near > far > 0
    assert not changed(trace_of([(2.3, 50, 50)]))[[0, 1, 4, 5, 6, 7]].any()


@pytest.mark.parametrize("outside", [(4, -6, 56), (4, 56, 118), (8.5, 56, 56), (-1, 56, 56)])
def test_a_point_outside_the_clip_is_hollow(outside):
    reference = [(1, 100, 10)]
    inside = tuple(np.clip(outside, (0, 8, 8), (7, 104, 104)))

    def at_the_centre(place):
        picture = draw.draw_points(FRAMES, trace_of([place], reference))[int(np.clip(place[0], 0, 7))]
        y, x = (int(v) for v in draw.picture_place(*place[1:]))
        return tuple(picture[y, x].tolist())

    assert at_the_centre(outside) in {(90, 90, 90), draw.FILM}
    assert at_the_centre(inside) == draw.COLOURS[0]


def test_a_disc_is_as_opaque_as_the_share_that_it_reads():
    def colour_at(y):  # the frame's last token has its centre at y 108
        picture = draw.draw_points(FRAMES, trace_of([(4, y, 56)], [(1, 10, 10)]))[4]
        row, column = (int(v) for v in draw.picture_place(y, 56))
        return picture[row, column].astype(float)

    whole, half = colour_at(108), colour_at(112)
    under = np.array(FRAMES[0, 0, 0] if draw.MARGIN == 0 else draw.FILM, float)
    assert tuple(whole) == draw.COLOURS[0]
    share = np.median((half - under) / (np.array(draw.COLOURS[0]) - under))
    assert 0.4 < share < 0.6


def test_far_outside_it_stands_at_the_edge():
    assert changed(trace_of([(4, 900, 56)]))[4][-8:].any()


def test_more_attention_makes_a_larger_disc():
    where = changed(trace_of([(1, 56, 56), (6, 56, 56)], weights=[0.3, 0.7]))
    assert where[6].sum() > 2 * where[1].sum()


def test_a_point_with_the_mean_attention_has_a_radius_of_five_pixels():
    where = changed(trace_of([(1, 30, 30), (3, 56, 56), (6, 80, 80)], weights=[0.1, 0.3, 0.6]))  # 0.3: nearly the mean
    reaches = [np.ptp(np.argwhere(where[frame])[:, 0]) / 2 / draw.SCALE for frame in (1, 3, 6)]
    assert 4 < reaches[1] < 7 and reaches[0] < reaches[1] < reaches[2] and 8 < reaches[2] < 11


def test_an_arrow_leads_from_the_reference_and_is_dotted_on_other_frames():
    def along(reference_frame):
        picture = changed(trace_of([(4, 20, 56)], reference=[(reference_frame, 100, 56)]))[4]
        y, x = (int(v) for v in draw.picture_place(60, 56))
        return picture[y - 40 : y + 40, x].mean()  # halfway, far from the cross and the disc

    assert along(4) == 1
    assert 0 < along(0) < 1


def test_one_group_alone_and_all_together():
    trace = trace_of([(2, 30, 30)], groups=3)
    shifted = trace.position.copy()
    shifted[1, 0, 0], shifted[2, 0, 0] = 0.2, 0.9
    trace = SamplingTrace(**{**vars_of(trace), "position": shifted})
    alone = [changed(trace, group=group) for group in range(3)]
    assert len({mask.tobytes() for mask in alone}) == 3
    assert (changed(trace) == np.any(alone, axis=0)).mean() > 0.999


def vars_of(trace):
    return {name: getattr(trace, name) for name in trace.__dataclass_fields__}


def test_without_a_trace_nothing_is_drawn():
    picture = draw.draw_points(FRAMES, None)
    edge = draw.MARGIN * draw.SCALE
    assert picture.shape == (8, 112 * draw.SCALE + 2 * edge, 112 * draw.SCALE + 2 * edge, 3)
    assert (picture[:, edge:-edge, edge:-edge] == 90).all()


def test_drawing_leaves_the_frames_alone():
    frames = FRAMES.copy()
    frames.setflags(write=False)
    draw.draw_points(frames, trace_of([(4, 50, 50)]))
    assert (frames == FRAMES).all()


def test_a_filmstrip_holds_the_frames_in_order():
    frames = np.stack([np.full((32, 32, 3), 25 * index, np.uint8) for index in range(8)])
    strip = draw.filmstrip(frames, side=40)
    assert strip.shape == (40, 320, 3)
    assert [int(strip[20, 40 * index + 20, 0]) for index in range(8)] == [25 * index for index in range(8)]


@pytest.mark.parametrize("layers", [0, 1, 4, 12])
def test_the_figure_shows_some_layers_and_both_pathways(tmp_path, layers):
    clip = SimpleNamespace(name="wave.mp4", frames=FRAMES, times=np.arange(8) / 4)
    base = trace_of([(4, 50, 50)])
    traces = [
        SamplingTrace(**{**vars_of(base), "layer": f"block {index}", "pathway": pathway})
        for index in range(layers)
        for pathway in ("spatial", "temporal")
    ]
    draw.save_points_figure(clip, traces, tmp_path / "points.png")
    height, width = cv2.imread(str(tmp_path / "points.png")).shape[:2]
    rows = {0: 1, 1: 2, 4: 8, 12: 8}[layers]
    assert width > 1200 and 150 < (height - 60) / rows < 260
