"""A decoded picture → RGB as a browser shows it: turned, in its shape, in its colours."""

import cv2
import numpy as np
from av import VideoFrame
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorRange

from d2st.video.wanted import Wanted

_MATRICES = {1: 1, 4: 4, 7: 7, 9: 9, 10: 9}  # by their numbers in ITU-T H.273 → as FFmpeg's scaler numbers them
_BT601 = 5
_PQ, _HLG = 16, 18
_WHITE = 203  # candelas a square metre of an ordinary white in HDR, ITU-R BT.2408
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def rgb(frame: VideoFrame, displayed: tuple[int, int], wanted: Wanted, rough: bool = False) -> np.ndarray:
    """A frame as displayed and wanted, uint8 RGB [H, W, 3]. displayed: the clip's height and width in square pixels.

    rough: quicker, for a picture that is much smaller than the frame; it is not the same to the bit.
    """
    less = (
        max(1, min(displayed) // (wanted.short_side or min(displayed))) if rough and not frame.interlaced_frame else 1
    )
    hdr = frame.color_trc in (_PQ, _HLG)
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    if frame.format.is_rgb or frame.format.name in ("pal8", "gray"):
        picture: np.ndarray = frame.to_ndarray(format="rgb24")
    else:
        picture = frame.reformat(
            max(1, frame.width // less),
            max(1, frame.height // less),
            format="rgb48le" if hdr else "rgb24",
            src_colorspace=_MATRICES.get(int(frame.colorspace), _BT601),
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation="BICUBIC" if less == 1 else "AREA",
        ).to_ndarray()
    if frame.interlaced_frame and len(picture) > 1:  # one of two moments that share the picture
        rows, columns = picture.shape[:2]
        picture = cv2.resize(np.ascontiguousarray(picture[::2]), (columns, rows), interpolation=cv2.INTER_LINEAR)
    shrunk = wanted.shrink(_turned(picture, _matrix(frame)), displayed)
    return _tone_mapped(shrunk, frame.color_trc) if hdr else shrunk


def displayed_size(frame: VideoFrame, aspect) -> tuple[int, int]:
    """Height and width in square pixels, after turning. aspect: width of a pixel divided by its height, or None."""
    height, width = frame.height, max(1, round(frame.width * pixel_aspect(aspect)))
    a, b, _, _ = _matrix(frame)
    return (width, height) if abs(b) > abs(a) else (height, width)


def pixel_aspect(said) -> float:
    """Width of a pixel divided by its height; 1 where a file says none, or one that cannot be."""
    return float(said) if said and 0.1 <= said <= 10 else 1.0


def turned(frame: VideoFrame) -> str:
    """In words, how a frame is displayed."""
    a, b, c, d = _matrix(frame)
    if abs(b) > abs(a):
        mirrored = (b > 0) == (c > 0)
        return "mirrored left to right, then " * mirrored + f"turned by {'90°' if c < 0 else '270°'} clockwise"
    if a < 0 and d < 0:
        return "turned by 180°"
    return "mirrored left to right" if a < 0 else "mirrored top to bottom" if d < 0 else "as stored"


def _matrix(frame) -> tuple[int, int, int, int]:
    """a, b, c, d: a pixel at x, y is displayed at a x + c y, b x + d y."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return 1, 0, 0, 1
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
    return a, b, c, d


def _turned(picture: np.ndarray, matrix) -> np.ndarray:
    """The picture by quarter turns and mirror images, the nearest to its matrix."""
    a, b, c, d = matrix
    if abs(b) > abs(a):
        picture, a, d = picture.swapaxes(0, 1), c, b
    return picture[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]


def _tone_mapped(picture: np.ndarray, transfer: int) -> np.ndarray:
    """uint16 RGB in BT.2020 with PQ or HLG → uint8 sRGB: ordinary white stays white, what is brighter is pressed."""
    signal = picture.astype(np.float32) / 65535
    if transfer == _PQ:  # SMPTE ST 2084
        power = np.maximum(signal, 0) ** (1 / 78.84375)
        light = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        light = light * 10000 / _WHITE
    else:  # ARIB STD-B67, its gamma of 1.2 for a screen of 1000 candelas
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        luminance = scene @ np.array([0.2627, 0.678, 0.0593], np.float32)
        light = scene * luminance[..., None] ** 0.2 * 1000 / _WHITE
    light = np.maximum(light @ _TO_709.T, 0)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    pressed = np.where(brightest > 0.8, 1 - 0.2 * np.exp(-(brightest - 0.8) / 0.2), brightest)
    light = light * pressed / brightest
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return np.rint(255 * np.clip(encoded, 0, 1)).astype(np.uint8)
