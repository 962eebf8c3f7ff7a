"""Any network of timm's → the configuration of a host on it."""

from functools import cache
from typing import Any

import torch
from torch import nn

from d2st.backbones import CNNConfig, Colour, Config, TimmViTConfig, build_host
from d2st.errors import D2STError
from d2st.kinds import points_along

GROUPS = (1, 2, 4, 8)  # of a CNN's stages, as the paper's ResNet has them
WIDEST = 56  # tokens a side of the paper's largest map


@cache
def timm_config(architecture: str) -> Config:
    """The configuration for a CNN with feature stages, or a ViT, by its name at timm.

    Stages, picture size and colours are read off the network; then the host is run against the
    network itself, and must compute the same. Raises `D2STError` that says what is missing.
    """
    import timm

    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network: Any = roughened(timm.create_model(architecture, num_classes=0).eval())
    except Exception as error:  # unknown names, and networks that want another library
        raise D2STError(f"timm cannot make the network '{architecture}': {error}.") from None
    given = network.pretrained_cfg
    _, height, width = given["input_size"]
    if height != width:
        raise D2STError(f"timm/{architecture} takes pictures of {width}×{height} pixels; only square ones are known.")
    colours = tuple(given["mean"]), tuple(given["std"])
    make = _vit_config if hasattr(network, "patch_embed") and hasattr(network, "blocks") else _cnn_config
    config = make(network, architecture, height, *colours)
    _check(config, network, architecture)
    return config


def _vit_config(network: Any, architecture: str, image: int, mean: Colour, std: Colour) -> TimmViTConfig:
    missing = [name for name in ("_pos_embed", "norm_pre", "norm", "num_prefix_tokens") if not hasattr(network, name)]
    if missing:
        raise D2STError(f"timm/{architecture} has no '{missing[0]}', which a ViT must have for an adapter's host.")
    side, other = network.patch_embed.grid_size
    if side != other:
        raise D2STError(f"timm/{architecture} cuts pictures into {side}×{other} patches; only square grids are known.")
    _refuse_grids([side], architecture)
    ratio = TimmViTConfig.ratio
    return TimmViTConfig(
        architecture, image, groups=_groups(4, network.embed_dim, ratio), ratio=ratio, mean=mean, std=std
    )


def _cnn_config(network: Any, architecture: str, image: int, mean: Colour, std: Colour) -> CNNConfig:
    features = getattr(network, "feature_info", None)
    if not features:
        raise D2STError(f"timm/{architecture} does not tell its feature stages ('feature_info'), nor is it a ViT.")
    # Larger maps than the paper's largest cost much and know little.
    ends = [feature["module"] for feature in features if feature["reduction"] >= image / WIDEST]
    names = _in_order(network, ends)
    if not ends or not set(ends) <= set(names):
        raise D2STError(f"timm/{architecture} does not run its feature stages one after the other.")
    stages, begin = [], 0
    for end in ends:
        stages.append(tuple(names[begin : names.index(end) + 1]))
        begin = names.index(end) + 1
    heads = [tuple(names[begin : begin + length]) for length in range(len(names) - begin + 1)]
    x = torch.linspace(-1, 1, 3 * image**2).view(1, 3, image, image)
    with torch.no_grad():
        expected = network.forward_features(x)
        maps = []
        for stage in stages:
            for name in stage:
                x = network.get_submodule(name)(x)
            maps.append(x)
        if any(each.dim() != 4 or each.shape[2] != each.shape[3] for each in maps):
            raise D2STError(f"timm/{architecture} has stages that give no square maps of channels × rows × columns.")
        head = next((head for head in heads if _same(_run(network, head, x), expected)), None)
    if head is None:
        raise D2STError(f"timm/{architecture} computes more than its stages in a row, and no host can take it apart.")
    _refuse_grids([each.shape[2] for each in maps], architecture)
    ratio = CNNConfig.ratio
    wanted = (*GROUPS, *[GROUPS[-1]] * len(maps))
    groups = tuple(_groups(most, each.shape[1], ratio) for most, each in zip(wanted, maps, strict=False))
    return CNNConfig(architecture, tuple(stages), head, groups, ratio, image, mean=mean, std=std)


def _in_order(network: Any, ends: list[str]) -> list[str]:
    """The network's modules as they stand, those that hold a stage's end taken apart."""

    def parts(module: nn.Module, prefix: str):
        for name, child in module.named_children():
            path = prefix + name
            if any(end.startswith(path + ".") for end in ends) and path not in ends:
                yield from parts(child, path + ".")
            else:
                yield path

    return [name for name in parts(network, "") if name != "classifier"]


def _run(network: Any, names: tuple[str, ...], x: torch.Tensor) -> torch.Tensor | None:
    try:
        for name in names:
            x = network.get_submodule(name)(x)
        return x
    except (RuntimeError, TypeError, ValueError):  # what comes after the features may want other shapes
        return None


def _same(one: torch.Tensor | None, other: torch.Tensor) -> bool:
    if one is None or one.shape != other.shape:
        return False
    return bool((one - other).abs().max() <= 1e-4 * other.abs().max())


@torch.no_grad()
def roughened(network: Any) -> Any:
    """A new network with no layer left that hands on what it gets, so that one that is left out is noticed."""
    for tensor in network.state_dict().values():
        if tensor.dim() == 1 and tensor.is_floating_point():
            tensor.add_(0.2 * torch.rand_like(tensor))
    return network


def _groups(most: int, width: int, ratio: float) -> int:
    """The largest power of two up to `most` that divides the bottleneck."""
    bottleneck = int(width * ratio)
    return next(parts for parts in (8, 4, 2, 1) if parts <= most and bottleneck % parts == 0)


def _refuse_grids(sides: list[int], architecture: str) -> None:
    for side in sides:
        try:
            points_along(side)
        except ValueError as error:
            raise D2STError(f"timm/{architecture} cannot carry adapters: {error}.") from None


def _check(config: Config, network: Any, architecture: str) -> None:
    """Raise `D2STError` where a host on the network would compute something else than the network."""
    host = build_host(config, None)
    host.fill(network.state_dict())
    frame = torch.linspace(-1, 1, 3 * config.image**2).view(1, 1, 3, config.image, config.image)
    with torch.no_grad():
        expected = network.forward_features(frame[0])
        if isinstance(config, CNNConfig):
            expected = expected.mean((2, 3))
        elif network.cls_token is not None:
            expected = expected[:, 0]
        else:
            expected = expected[:, network.num_prefix_tokens :].mean(1)
        if not _same(host(frame)[0][0], expected):
            raise D2STError(f"timm/{architecture} does more than run its stages or blocks one after the other.")
