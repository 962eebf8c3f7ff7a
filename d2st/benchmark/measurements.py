"""What is measured, a row each: the competitors, how often each has its turn, and what else there is to count."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from d2st.backbones import Config, Host
from d2st.benchmark.plain import plainly
from d2st.benchmark.timing import in_turn, peak_memory
from d2st.data.bundled import bundled
from d2st.data.folders import Split
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.matching import ALONE, DEFAULT, MATCHINGS
from d2st.models.folding import folded
from d2st.models.model import Model
from d2st.models.side_by_side import side_by_side
from d2st.models.zoo import seeded_host
from d2st.recognizer import Recognizer
from d2st.trace import Encoding
from d2st.training.inputs import Inputs
from d2st.training.recipes import load_recipe
from d2st.training.trainer import Trainer
from d2st.training.variants import plain
from d2st.video import Clip, read_clip, warm_up

FROZEN = "ours, frozen"
FEATURES = 1280  # of a frame, as the default model has them
CLIPS = 20  # that are read and encoded


@dataclass(frozen=True)
class Asked:
    """What is measured: a network with random weights, which take as long as any others."""

    name: str
    config: Config
    device: torch.device


@dataclass(frozen=True)
class Contest:
    """Competitors, the one that the others are compared with, and what else is known of them."""

    competitors: dict[str, Callable[[], object]]
    base: str
    multiply_adds: dict[str, int] = field(default_factory=dict)
    peak_memory: dict[str, int | None] = field(default_factory=dict)  # bytes


@dataclass(frozen=True)
class Measurement:
    name: str
    title: str
    rounds: int
    prepare: Callable[[Asked], Contest]


def host_of(asked: Asked, kind: str | None) -> Host:
    return folded(seeded_host(asked.config, kind)).to(asked.device).eval()


def one_clip(asked: Asked) -> Contest:
    """The bare network of its library, ours frozen and behind every kind of adapter, the plainly written one."""
    config = asked.config
    frames = torch.randn(1, config.frames, 3, config.image, config.image, device=asked.device)
    bare = seeded_host(config, None).backbone.to(asked.device, memory_format=torch.contiguous_format).eval()
    hosts = {FROZEN: host_of(asked, None)}
    hosts |= {f"ours, {kind.title}": host_of(asked, kind.name) for kind in KINDS.values() if not kind.ablated}
    hosts["D²ST-Adapter, written as the paper reads"] = plainly(hosts[f"ours, {KINDS['d2st'].title}"])
    calls: dict[str, Callable[[], object]] = {"the library's network": lambda: bare(frames[0])}
    calls |= {name: partial(host, frames) for name, host in hosts.items()}
    return Contest(calls, FROZEN, {name: multiply_adds(call) for name, call in calls.items()})


def multiply_adds(call: Callable[[], object]) -> int:
    """Of convolutions and matrix products, with attention in the form in which they can be counted."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            call()
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return counter.get_total_flops() // 2


@dataclass(frozen=True)
class Noise:
    """Stands in for a model whose features have a width: what matching takes does not depend on what they are."""

    width: int
    frames: int = 8
    image: int = 2
    weights: tuple[float, ...] = ALONE
    looks: None = None

    def encode(self, frames: np.ndarray, inspect: bool = False) -> Encoding:
        seed = int.from_bytes(frames.tobytes()[:4], "little")
        return Encoding(torch.randn(self.frames, self.width, generator=torch.Generator().manual_seed(seed)), [], {})


def noise_clip(model: Noise, seed: int) -> Clip:
    shape = (model.frames, model.image, model.image, 3)
    frames = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return Clip("noise", frames, np.arange(model.frames) / 8, (), 1.0, 8.0, model.image, model.image, model.frames)


def matching(actions: int, shots: int) -> Callable[[Asked], Contest]:
    """A query against so many actions, in every way: the first after the examples changed, and the next."""

    def prepare(asked: Asked) -> Contest:
        model = Noise(FEATURES)
        recognizer, query = Recognizer(model), noise_clip(model, actions * shots)
        for seed in range(actions * shots):
            recognizer.add(f"action {seed // shots}", noise_clip(model, seed))

        def first(name: str, centred: bool) -> None:
            recognizer.match(name, centred)  # which forgets what was compared
            recognizer.predict(query)

        calls: dict[str, Callable[[], object]] = {}
        for name, title in ((each.name, each.title) for each in MATCHINGS.values()):
            for centred in (False, True):
                way = title + ", centred" * centred
                calls[f"{way}: the first query"] = partial(first, name, centred)
                calls[f"{way}: the next"] = partial(recognizer.predict, query)
        return Contest(calls, f"{MATCHINGS[DEFAULT].title}, centred: the next")

    return prepare


def training(asked: Asked) -> Contest:
    """A step by the simulated recipe behind the paper's three kinds of adapters, on clips of noise."""
    calls = {KINDS[kind].title: step_of(asked, kind) for kind in ("st", "dst", "d2st")}
    peaks = {name: peak_memory(call, asked.device) for name, call in calls.items()}
    return Contest(calls, KINDS["d2st"].title, peak_memory=peaks)


def step_of(asked: Asked, kind: str) -> Callable[[], object]:
    recipe = load_recipe("simulated/efficientnet-lite0", model=asked.name, kind=kind, cached_views=0)
    actions = [str(number) for number in range(recipe.way)]
    base = plain(Split(actions, [[Path(action, str(clip)) for clip in range(2)] for action in actions]))
    host = seeded_host(replace(asked.config, classes=len(actions)), kind, drop_path=recipe.drop_path)
    with TemporaryDirectory() as folder:  # a step writes nothing
        trainer = Trainer(host, recipe, [base], [], folder, asked.device)
        trainer.inputs = NoiseInputs(trainer.host, recipe, asked.device, Path(folder))

    def step() -> None:
        with torch.inference_mode(False):
            trainer.step(0)

    return step


class NoiseInputs(Inputs):
    """Inputs that read no clip."""

    def view(self, path: Path, mirrored: bool, colour: bool, rng: np.random.Generator, parts: np.ndarray) -> Tensor:
        side = self.host.config.image
        return torch.tensor(rng.integers(0, 256, (len(parts), 3, side, side), np.uint8))


def starting(asked: Asked) -> Contest:
    """From the shell to the end, the default model's `predict` beside what Python takes to import torch."""

    def run(*arguments: str) -> None:
        root = Path(__file__).parents[2]
        done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True)
        if done.returncode:
            raise D2STError(f"'python {' '.join(arguments)}' failed: {done.stderr.strip().splitlines()[-1]}")

    commands = {
        'python -c "import torch"': ("-c", "import torch"),
        "d2st --help": ("-m", "d2st", "--help"),
        "d2st predict --examples table": ("-m", "d2st", "predict", "--examples", "table"),
    }
    return Contest(
        {f"`{name}`": partial(run, *words) for name, words in commands.items()}, '`python -c "import torch"`'
    )


def many_clips(asked: Asked) -> Contest:
    """Clips that come along, again and again: read alone, encoded alone, one after the other, and as commands do."""
    model = Model(asked.name, host_of(asked, "d2st"), asked.device, "d2st", False, "random weights")
    files = list(islice(cycle(sorted(bundled("assets/examples").rglob("*.mp4"))), CLIPS))
    warm_up()
    read = partial(read_clip, frames=model.frames, crop=model.image)
    frames = read(files[0]).frames

    def reading() -> None:
        for file in files:
            read(file)

    def encoding() -> None:
        for _ in files:
            model.encode(frames)

    def both() -> None:
        for file in files:
            model.encode(read(file).frames)

    def as_commands_do() -> None:
        for _, result in side_by_side(read, lambda clip: model.encode(clip.frames), files, asked.device):
            result()

    ways: dict[str, Callable[[], object]] = {
        "reading alone": reading, "the network alone": encoding, "one after the other": both,
        "as commands do": as_commands_do,
    }  # fmt: skip
    return Contest(ways, "the network alone")


MEASUREMENTS = {
    each.name: each
    for each in (
        Measurement("clip", "One clip through the network", 30, one_clip),
        Measurement("actions", "A query against 1,000 actions of 5 clips", 5, matching(1000, 5)),
        Measurement("many-actions", "A query against 10,000 actions of one clip", 3, matching(10_000, 1)),
        Measurement("start", "From the shell to the answer", 5, starting),
        Measurement("step", "A step of training: ten clips, the frozen part anew, mixed precision", 5, training),
        Measurement("clips", f"{CLIPS} clips, read and encoded", 3, many_clips),
    )
}


def measure(asked: Asked, measurement: Measurement, rounds: int | None = None, progress=iter) -> dict:
    """One measurement, as plain values. `progress` wraps the rounds, as tqdm does; at most `rounds` of them."""
    contest = measurement.prepare(asked)
    most = min(measurement.rounds, rounds or measurement.rounds)
    with torch.inference_mode():
        times = in_turn(contest.competitors, progress(range(most)), asked.device)
    rows = [
        {
            "name": name, **asdict(found), "multiply_adds": contest.multiply_adds.get(name),
            "peak_memory": contest.peak_memory.get(name),
        }
        for name, found in times.items()
    ]  # fmt: skip
    return {"name": measurement.name, "title": measurement.title, "beside": contest.base, "rows": rows}
