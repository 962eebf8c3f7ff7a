"""What training feeds the adapters: stem outputs of clips, computed anew or kept on disk."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import EllipsisType

import numpy as np
import torch
from torch import Tensor

from d2st.backbones import Host
from d2st.errors import D2STError
from d2st.models.model import frozen_fingerprint
from d2st.training.augment import Part, augment, enlarge, some_part, stretch
from d2st.training.precision import mixed_precision
from d2st.training.recipes import Recipe
from d2st.training.variants import Variant
from d2st.video import DECODING_VERSION, read_ahead, read_clip

KEPT_FRAMES = 16  # of a clip, in a view that is kept: training takes its frames from these, other ones each time
# Raised whenever the same seed gives another view, so that none that was kept before is taken for it.
AUGMENTATION_VERSION = 3


@dataclass(frozen=True)
class View:
    """One way of seeing a clip, once all that is random about it was drawn."""

    variant: Variant
    pixels: Callable[[], Tensor]  # reads them, uint8 [N, 3, crop, crop]
    kept: Path | None = None  # the file with what the stem makes of them
    frames: np.ndarray | EllipsisType = ...  # of those that are kept
    part: Part | None = None  # of the maps, which is enlarged


class Inputs:
    """Stem outputs of clips; where the recipe keeps views, each is computed once and kept in `folder`.

    Runs that share the folder share the work, whatever their seeds, and the system holds in memory what fits. A
    view that was kept is known by all that it depends on: file, frozen weights, decoding, augmentation, settings.
    """

    def __init__(self, host: Host, recipe: Recipe, device: torch.device, folder: Path):
        self.host, self.recipe, self.device, self.folder = host, recipe, device, folder
        self.settings = (
            frozen_fingerprint(host), replace(host.config, classes=0), DECODING_VERSION, AUGMENTATION_VERSION,
            KEPT_FRAMES, recipe.short_side, recipe.crop, recipe.frame_interval, recipe.mixed_precision,
            recipe.decoder,
        )  # fmt: skip

    def drawn(self, variant: Variant, role: str, rng: np.random.Generator) -> View:
        """One variant to train on, as "support" or "query", with all that is random about it."""
        recipe, path = self.recipe, variant.path
        mirrored = variant.mirrored ^ (recipe.flip == role and rng.random() < 0.5)
        colour = recipe.colour in (role, "all")
        seen = stretch(KEPT_FRAMES, self.host.config.frames, recipe.shortest_stretch, rng)
        if not recipe.cached_views:
            own = np.random.default_rng(rng.integers(2**63))
            return View(variant, lambda: self.view(path, mirrored, colour, own, seen))
        number = int(rng.integers(recipe.cached_views))
        fixed = np.random.default_rng([number, mirrored, *os.fsencode(path)])
        every = np.arange(KEPT_FRAMES)
        return View(
            variant,
            lambda: self.view(path, mirrored, colour, fixed, every),
            self.file(path, (number, mirrored, colour)),
            seen,
            some_part(recipe.smallest_part, rng),
        )

    def for_test(self, path: Path) -> View:
        """A clip as it is seen when testing."""
        kept = self.file(path, ("test", self.recipe.spread)) if self.recipe.cached_views else None
        return View(Variant(path), lambda: self.test_view(path), kept)

    def stems(self, views: Sequence[View]) -> Iterator[Tensor]:
        """The stem's output [T, …] for each; while the network computes one, the next are read."""
        first = {view.kept: view for view in reversed(views)}  # of those that are kept in one file

        def read(view: View) -> Tensor | None:
            kept = view.kept and (view.kept.exists() or view is not first[view.kept])
            return None if kept else view.pixels()

        for view, pixels in read_ahead(read, views):
            yield self.stem_of(view, pixels())

    def stem_of(self, view: View, pixels: Tensor | None) -> Tensor:
        if view.kept is None or not view.kept.exists():
            assert pixels is not None
            stem = self.stem(pixels)
            if view.kept is None:
                return view.variant.in_order(stem)
            self.keep(stem, view.kept)
        stem = torch.tensor(np.load(view.kept, mmap_mode="r")[view.frames], device=self.device).float()
        return view.variant.in_order(stem if view.part is None else enlarge(stem, view.part))

    def file(self, path: Path, what: tuple) -> Path:
        """Where the stem's output for one way of seeing a clip is kept."""
        try:
            changed = _state(path)
        except OSError as error:
            raise D2STError(f"'{path}' cannot be read any more ({error.strerror}). Put the clip back.") from None
        rate = (self.recipe.fps,) if path.is_dir() else ()
        name = repr((str(path), *changed, what, self.settings, *rate))
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npy"

    def keep(self, stem: Tensor, file: Path) -> None:
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(part, "wb") as out:
                np.save(out, stem.half().cpu().numpy())
            part.replace(file)
        except OSError as error:
            raise D2STError(
                f"'{self.folder}' cannot hold the kept views ({error.strerror}). Name another folder with --views, "
                "or keep none: --set cached_views=0."
            ) from None

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
