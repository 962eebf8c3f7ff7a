"""What training feeds the adapters: stem outputs of clips, computed anew or kept on disk."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from d2st.backbones import Host
from d2st.errors import D2STError
from d2st.models.model import frozen_fingerprint
from d2st.training.augment import augment, enlarge, stretch
from d2st.training.precision import mixed_precision
from d2st.training.recipes import Recipe
from d2st.training.variants import Variant
from d2st.video import DECODING_VERSION, read_clip

KEPT_FRAMES = 16  # of a clip, in a view that is kept: training takes its frames from these, other ones each time
# Raised whenever the same seed gives another view, so that none that was kept before is taken for it.
AUGMENTATION_VERSION = 2


class Inputs:
    """Stem outputs of clips; where the recipe keeps views, each is computed once and kept in `folder`.

    Runs that share the folder share the work, and the system holds in memory what fits. A view that was
    kept is known by all that it depends on: file, frozen weights, decoding, augmentation, settings.
    """

    def __init__(self, host: Host, recipe: Recipe, device: torch.device, folder: Path):
        self.host, self.recipe, self.device, self.folder = host, recipe, device, folder
        self.settings = (
            frozen_fingerprint(host), replace(host.config, classes=0), DECODING_VERSION, AUGMENTATION_VERSION,
            KEPT_FRAMES, recipe.seed, recipe.short_side, recipe.crop, recipe.frame_interval, recipe.mixed_precision,
            recipe.decoder,
        )  # fmt: skip

    def get(self, variant: Variant, role: str, rng: np.random.Generator) -> Tensor:
        """One variant to train on, as "support" or "query" → its stem output [T, …]."""
        recipe, path = self.recipe, variant.path
        mirrored = variant.mirrored ^ (recipe.flip == role and rng.random() < 0.5)
        colour = recipe.colour in (role, "all")
        seen = stretch(KEPT_FRAMES, self.host.config.frames, recipe.shortest_stretch, rng)
        if not recipe.cached_views:
            return variant.in_order(self.stem(self.view(path, mirrored, colour, rng, seen)))
        number = int(rng.integers(recipe.cached_views))
        fixed = np.random.default_rng([recipe.seed, number, mirrored, *os.fsencode(path)])
        every = np.arange(KEPT_FRAMES)
        stem = self.kept(
            path, (number, mirrored, colour), lambda: self.view(path, mirrored, colour, fixed, every), seen
        )
        return variant.in_order(enlarge(stem, recipe.smallest_part, rng))

    def get_for_test(self, path: Path) -> Tensor:
        """A clip as it is seen when testing → its stem output [T, …]."""
        if self.recipe.cached_views:
            return self.kept(path, ("test", self.recipe.spread), lambda: self.test_view(path))
        return self.stem(self.test_view(path))

    def kept(self, path: Path, what: tuple, view: Callable[[], Tensor], frames=slice(None)) -> Tensor:
        """The stem's output for the pixels that `view()` gives, or of some of its frames."""
        try:
            changed = _state(path)
        except OSError as error:
            raise D2STError(f"'{path}' cannot be read any more ({error.strerror}). Put the clip back.") from None
        rate = (self.recipe.fps,) if path.is_dir() else ()
        name = repr((str(path), *changed, what, self.settings, *rate))
        file = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npy"
        if not file.exists():
            stem = self.stem(view()).half().cpu().numpy()
            part = file.with_suffix(f".{os.getpid()}.part")
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with open(part, "wb") as out:
                    np.save(out, stem)
                part.replace(file)
            except OSError as error:
                raise D2STError(
                    f"'{self.folder}' cannot hold the kept views ({error.strerror}). Name another folder with --views, "
                    "or keep none: --set cached_views=0."
                ) from None
        return torch.tensor(np.load(file, mmap_mode="r")[frames], device=self.device).float()

    def view(self, path: Path, mirrored: bool, colour: bool, rng: np.random.Generator, parts: np.ndarray) -> Tensor:
        """Augmented frames of a clip, one in each of these of its `KEPT_FRAMES` parts: uint8 [N, 3, crop, crop]."""
        recipe = self.recipe
        places = (parts + rng.uniform(0, 1, KEPT_FRAMES)[parts]) / KEPT_FRAMES
        window = recipe.window(self.host.config.frames, rng.uniform()) if recipe.frame_interval else None
        which = dict(places=places.tolist(), window=window, decoder=recipe.decoder, fps=recipe.fps)
        clip = read_clip(path, short_side=recipe.short_side, crop=None, **which)
        return augment(clip.frames, recipe.crop, mirrored, colour, rng)

    def test_view(self, path: Path) -> Tensor:
        """The frames that the model sees when testing: uint8 [T, 3, crop, crop]."""
        frames, recipe = self.host.config.frames, self.recipe
        clip = read_clip(path, frames, recipe.short_side, recipe.crop, **recipe.test_frames(frames))
        return torch.tensor(clip.frames).permute(0, 3, 1, 2)

    @torch.no_grad()
    def stem(self, pixels: Tensor) -> Tensor:
        with mixed_precision(self.recipe, self.device):
            return self.host.stem(self.host.normalise(pixels.to(self.device))[None])[0].float()


def _state(path: Path) -> tuple[int, int]:
    """Bytes and time of the last change, in nanoseconds, of a file, or of all the pictures in a folder."""
    files = [each.stat() for each in (path.iterdir() if path.is_dir() else [path])]
    return sum(each.st_size for each in files), max((each.st_mtime_ns for each in files), default=0)
