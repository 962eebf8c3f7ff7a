"""What a real camera does to a picture: colour, blur, noise, coarse compression."""

import cv2
import numpy as np


def develop(frames, rng, strength):
    """Frames uint8 [N, H, W, 3] with one set of faults for the whole clip; strength 0 returns them as they are."""
    if strength == 0:
        return frames
    gain = 1 + 0.12 * strength * rng.uniform(-1, 1, 3)
    gamma = np.exp(0.3 * strength * rng.uniform(-1, 1))
    contrast = 1 + 0.25 * strength * rng.uniform(-1, 1)
    # Cameras set their exposure by themselves: no clip is black or white all over.
    seen = max(float(frames[0].mean()), 1.0)
    light = np.clip(seen, 80, 175) / seen
    curve = np.clip(np.linspace(0, 1, 256)[:, None] * light, 0, 1) ** gamma * gain
    curve = np.clip((curve - 0.5) * contrast + 0.5 + 0.06 * strength * rng.uniform(-1, 1), 0, 1)
    table = (curve * 255).astype(np.uint8)  # [256, 3]
    grey = rng.random() < 0.06 * strength
    coarse = rng.uniform(0.35, 1.0) if rng.random() < 0.4 * strength else 1.0
    blur = rng.uniform(0.3, 1.4) * strength * frames.shape[1] / 224 if rng.random() < 0.35 else 0.0
    trail = rng.uniform(0.1, 0.4) if rng.random() < 0.25 * strength else 0.0
    noise = rng.uniform(0, 8) * strength if rng.random() < 0.5 else 0.0
    quality = int(rng.integers(18, 80)) if rng.random() < 0.6 else None
    height, width = frames.shape[1:3]
    done, before = [], None
    for frame in frames:
        frame = np.stack([table[frame[..., channel], channel] for channel in range(3)], -1)
        if grey:
            frame = np.repeat(frame.mean(-1, keepdims=True), 3, -1).astype(np.uint8)
        if coarse < 1:
            small = cv2.resize(frame, (int(width * coarse), int(height * coarse)), interpolation=cv2.INTER_AREA)
            frame = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        if blur:
            frame = cv2.GaussianBlur(frame, (0, 0), blur)
        if trail and before is not None:
            frame = cv2.addWeighted(frame, 1 - trail, before, trail, 0)
        before = frame
        if noise:
            frame = np.clip(frame + noise * rng.standard_normal(frame.shape, dtype=np.float32), 0, 255).astype(np.uint8)
        if quality:
            frame = cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        done.append(frame)
    return np.stack(done)
