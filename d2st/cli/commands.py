"""What each command does: parsed arguments in, exit status out. Each imports what it needs, so that help is quick."""

import json
import os
import sys
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from d2st.errors import D2STError


def run_predict(arguments) -> int:
    from d2st import video

    video.warm_up()  # the process that decodes clips starts while torch is loaded
    from d2st import matching
    from d2st.cli.points import draw_figure, drawable
    from d2st.data.folders import clips_by_action
    from d2st.models.side_by_side import side_by_side
    from d2st.recognizer import Recognizer

    support, queries = support_and_queries(arguments)
    figure = drawable(arguments.figure) if arguments.figure else None
    folders = clips_by_action(support)
    model = load(arguments)
    recognizer = Recognizer(
        model,
        arguments.matching or matching.DEFAULT,
        matching.CENTRED if arguments.centre is None else arguments.centre,
    )
    read = reader(model, arguments)
    problems = learn(recognizer, read, folders, support)
    predictions = []
    for query, encoded in side_by_side(read, partial(with_encoding, model), queries, model.device, clips_shown()):
        prediction = attempt(lambda encoded: recognizer.predict(known(recognizer, *encoded())), encoded)
        problems += not prediction
        if prediction:
            predictions.append((query, prediction))
    if not predictions:
        raise D2STError("None of the query clips could be answered.")
    if figure:
        draw_figure(figure, recognizer, predictions[0][1].query, arguments, predictions[0][1])
    if arguments.json:
        matched = {"matching": recognizer.matching, "centred": recognizer.centre}
        print_json(describe(model) | matched | {"predictions": [prediction_row(*each) for each in predictions]})
    else:
        print_model(model)
        for query, prediction in predictions:
            print_prediction(query, prediction)
        if figure:
            print(f"Wrote {figure}.")
    return 1 if problems else 0


def learn(recognizer, read, folders: dict, support: str) -> int:
    """Add the clips of each action; how many of them, and of the actions, could not be used."""
    from d2st.data.folders import empty
    from d2st.models.side_by_side import side_by_side
    from d2st.training.distributed import shared

    model = recognizer.model

    def encoded(examples):
        clips = [clip for _, clip in examples]
        for _, result in side_by_side(read, partial(with_encoding, model), clips, model.device, clips_shown()):
            yield attempt(result)

    without = [action for action, clips in folders.items() if not clips]
    for action in without:
        warn(f"{empty(support, action)}. It is left out.")
    problems = len(without)
    examples = [(action, clip) for action, clips in folders.items() for clip in clips]
    for (action, _), found in zip(examples, shared(examples, encoded), strict=True):
        problems += not (found and attempt(recognizer.add, action, known(recognizer, *found)))
    return problems


def with_encoding(model, clip) -> tuple:
    return clip, model.encode(clip.frames)


def known(recognizer, clip, encoding):
    """The clip, once the recognizer knows its features."""
    recognizer.know(clip, encoding.features, encoding.notes)
    return clip


def clips_shown():
    """Shows how many clips are done, on a terminal; of several processes one does."""
    from tqdm import tqdm

    return partial(tqdm, desc="clips", disable=True if os.environ.get("RANK", "0") != "0" else None)


def prediction_row(query: str, prediction) -> dict:
    return {
        "query": query,
        "label": prediction.label,
        "scores": {action: prediction.scores[action] for action in prediction.best},
        "actions": len(prediction.scores),
        "margin": prediction.margin,
        "matches": prediction.matches,
        "nearest": prediction.nearest.name,
        "alignment": prediction.alignment,
        "notes": list(prediction.notes),
    }


def support_and_queries(arguments) -> tuple[str, list[str]]:
    """The folder of examples and the queries: those named, or of a set that comes along."""
    from d2st.data.folders import clips_in

    support = support_folder(arguments)
    if support and arguments.examples:
        return support, [str(clip) for clip in clips_in(Path(support).parent / "query")]
    if not support or not arguments.query:
        raise D2STError("Name the examples with --support DIR and the queries with --query FILE, or try --examples.")
    return support, arguments.query


def support_folder(arguments) -> str | None:
    """The folder of examples that is named, or that of a set that comes along."""
    from d2st.data.bundled import bundled

    if not arguments.examples:
        return arguments.support
    sets = bundled("assets/examples")
    folder = sets / arguments.examples
    if not (folder / "support").is_dir():
        known = ", ".join(sorted(each.name for each in sets.iterdir()))
        raise D2STError(f"No example set '{arguments.examples}' comes along. There are {known}.")
    return str(folder / "support")


def run_evaluate(arguments) -> int:
    from d2st import matching
    from d2st.data.datasets import load_splits
    from d2st.data.episodes import sample_episodes
    from d2st.data.folders import clips_by_action
    from d2st.training.distributed import rank_and_world
    from d2st.training.evaluation import accuracies, all_matchings, mean_accuracy
    from d2st.training.recipes import load_recipe

    if bool(arguments.recipe) == bool(arguments.data):
        raise D2STError("Say what to evaluate on: either a recipe's name or --data DIR.")
    if arguments.recipe and arguments.looks not in (None, 1):
        raise D2STError(
            "A recipe is evaluated as the paper does, in one look at a clip. Leave out --looks, or name --data."
        )
    if arguments.data and arguments.split:
        raise D2STError("--data DIR has no splits, a recipe's data set has. Leave out --split, or name a recipe.")
    if arguments.recipe:
        recipe = load_recipe(arguments.recipe)
        arguments.model, arguments.split = arguments.model or recipe.model, arguments.split or "novel"
        sets = [split.clips for split in load_splits(recipe.data, arguments.split)]
        (name, centred), short_side, which = recipe.matchings[0], recipe.short_side, recipe.test_frames
    else:
        sets = [list(clips_by_action(arguments.data).values())]
        name, centred, short_side, which = matching.DEFAULT, matching.CENTRED, None, lambda frames: {}
    name = arguments.matching or name
    centred = centred if arguments.centre is None else arguments.centre
    matchings = all_matchings() if name == "all" else [(matching.matching_named(name).name, centred)]
    numbers = (arguments.way, arguments.shot, arguments.queries, arguments.episodes, arguments.seed)
    for actions in sets:
        sample_episodes([len(clips) for clips in actions], *numbers)  # complain before the work, not after it
    arguments.device = joined_device(arguments.device)
    model = load(arguments)
    if arguments.recipe:
        model = replace(model, beside=0.0)  # as they were trained, by themselves
    seen = dict(short_side=short_side, **which(model.frames)) | ({"looks": None} if arguments.recipe else {})
    encoded, problems = encode_all(model, sets, reader(model, arguments, **seen))
    each = [
        accuracies(
            features,
            sample_episodes([len(clips) for clips in features], *numbers),
            matchings,
            model.frames,
            model.weights,
        )
        for features in encoded
    ]
    if not rank_and_world()[0]:
        print_accuracies(arguments, model, {key: mean_accuracy([one[key] for one in each]) for key in each[0]})
    return 1 if problems else 0


def encode_all(model, sets, read) -> tuple[list, int]:
    """Each clip of each action of each set: the features, [N, L·T, F] an action, and how many clips cannot be used."""
    import torch

    from d2st.matching import alike
    from d2st.models.side_by_side import side_by_side
    from d2st.training.distributed import shared

    def features(clip):
        return model.encode(clip.frames).features

    def encoded(files):
        for _, result in side_by_side(read, features, files, model.device, clips_shown()):
            yield attempt(result)

    files = [file for actions in sets for clips in actions for file in clips]
    done = shared(files, encoded)
    whole = [each for each in done if each is not None]
    together, came = iter(alike(whole, model.frames) if whole else ()), iter(each is not None for each in done)
    counts = [[sum(islice(came, len(clips))) for clips in actions] for actions in sets]
    stacked: list = [[torch.stack([*islice(together, n)]) if n else [] for n in actions] for actions in counts]
    return stacked, len(done) - len(whole)


def joined_device(device: str) -> str:
    """The device of this process; under torchrun it joins the others, and each has a GPU of its own."""
    from d2st.models.zoo import pick_device
    from d2st.training.distributed import join_processes

    return str(join_processes(pick_device(device)))


def print_accuracies(arguments, model, results: dict) -> None:
    if not arguments.json:
        print_model(model)
        print(f"{arguments.way}-way {arguments.shot}-shot, {arguments.episodes} episodes, 95 % interval")
        for (name, centred), result in results.items():
            print(f"  {name + (', centred' if centred else ''):24} {result}")
        return
    asked = {name: getattr(arguments, name) for name in ("split", "way", "shot", "queries", "episodes", "seed")}
    rows = [
        {"matching": name, "centred": centred, "accuracy": result.mean, "interval": result.interval}
        for (name, centred), result in results.items()
    ]
    print_json(describe(model) | {"data": arguments.data or arguments.recipe} | asked | {"results": rows})


def run_train(arguments) -> int:
    from tqdm import tqdm

    from d2st.data.datasets import load_splits
    from d2st.models.zoo import begin_from, new_host, pick_device, spec_of
    from d2st.simulate.catalogue import mirror, reverse
    from d2st.training.distributed import join_processes
    from d2st.training.recipes import load_recipe
    from d2st.training.trainer import Trainer
    from d2st.training.variants import all_ways, plain

    recipe = load_recipe(arguments.recipe, **parsed_settings(arguments.set))
    folder = folder_to_be(arguments.out or f"runs/{recipe.name}")
    device = join_processes(pick_device(arguments.device), recipe.tasks_per_step)
    spread = partial(all_ways, mirror=mirror, reverse=reverse) if recipe.symmetries else plain
    base = [spread(split) for split in load_splits(recipe.data, "base")]
    validation = load_splits(recipe.data, "validation")
    classes = sum(len(split.actions) for split in base) if recipe.auxiliary_loss_weight else 0
    side = spec_of(recipe.model).config.image
    if recipe.crop != side:
        raise D2STError(
            f"{recipe.model} takes pictures of {side} pixels a side, and the recipe's crop is {recipe.crop}. "
            f"Say --set crop={side} short_side={side}."
        )
    host = new_host(recipe.model, recipe.kind, classes, recipe.seed, arguments.backbone_weights, recipe.drop_path)
    origin = begin_from(arguments.begin, host, recipe.model) if arguments.begin else ""
    trainer = Trainer(host, recipe, base, validation, folder, device, arguments.views, origin)
    if trainer.resume(arguments.changed_recipe):
        print(f"Going on from task {trainer.progress.task} in {folder}.")
    hidden = True if trainer.rank else None  # one process shows its progress
    progress = trainer.run(partial(tqdm, desc="tasks", unit_scale=recipe.tasks_per_step, disable=hidden), print_row)
    if not trainer.rank:
        print(
            f"Best validation accuracy {progress.best:.1f} ± {progress.best_interval:.1f} %: {folder}/best.safetensors"
        )
    return 0


def parsed_settings(settings: list[str]) -> dict[str, object]:
    """["base_lr=0.01", …] → {"base_lr": 0.01, …}; values are read as YAML."""
    import yaml

    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        try:
            parsed[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            equals = ""
        if not (name and equals):
            raise D2STError(f"'{setting}' sets nothing. After --set, write NAME=VALUE, such as base_lr=0.01.")
    return parsed


def print_row(row) -> None:
    from tqdm import tqdm

    tqdm.write("  ".join(f"{name} {value:.4g}" for name, value in row.items()))


def run_simulate(arguments) -> int:
    from d2st.simulate import write_split, write_training_set

    out, per_class, seed, family = arguments.out, arguments.per_class, arguments.seed, arguments.family
    folder_to_be(out)
    if arguments.split:
        paths = write_split(out, arguments.split, per_class or 20, seed, family, arguments.fps or 12)
    else:
        paths = write_training_set(out, per_class, seed, family, arguments.fps)
    print(f"Wrote {len(paths)} clips to {arguments.out}.")
    return 0


def run_import(arguments) -> int:
    from d2st.models.official import import_official

    checkpoint = import_official(arguments.source, arguments.target, arguments.heads)
    print(f"Wrote {arguments.target}: {checkpoint.config}")
    return 0


def load(arguments):
    """Start the process that decodes clips, and while it starts, load the model."""
    from d2st import video

    video.warm_up()
    from d2st.models.zoo import load_model

    adapter = None if arguments.adapter == "none" else arguments.adapter
    return load_model(arguments.model, adapter, arguments.backbone_weights, arguments.device, arguments.looks)


def reader(model, arguments, **how):
    """A function that reads the frames that a model takes, by `--decoder`: of a file, or of pictures at `--fps`."""
    from d2st.video import read_clip

    said = {name: value for name, value in (("fps", arguments.fps), ("decoder", arguments.decoder)) if value}
    return partial(read_clip, **dict(frames=model.frames, crop=model.image, looks=model.looks) | how | said)


def writable(file: Path) -> Path:
    """The file, where it can be written; said before the work, not after it."""
    if not file.parent.is_dir():
        raise D2STError(f"There is no folder '{file.parent}' to write '{file.name}' into. Make it first.")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise D2STError(f"'{file}' cannot be written. Choose another file.")
    return file


def folder_to_be(folder: str) -> str:
    """The folder, where it can be made or is there to write into."""
    place = Path(folder).absolute()
    nearest = next(each for each in (place, *place.parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise D2STError(f"'{folder}' cannot be written: '{nearest}' is no folder, or not yours. Choose another --out.")
    return folder


def attempt(function, *inputs):
    """The function's result, or None and a warning where a clip cannot be used."""
    try:
        return function(*inputs)
    except D2STError as error:
        warn(error)


def warn(sentence) -> None:
    print(f"warning: {sentence}", file=sys.stderr)


def print_json(content: dict) -> None:
    """As one line that gives back what went in, whatever letters the console has."""
    line = json.dumps(content, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        line = json.dumps(content)
    print(line)


def describe(model) -> dict:
    return {"model": model.name, "kind": model.kind, "trained": model.trained}


def print_model(model) -> None:
    print(f"{model.name} on {model.device}: {model.described}")


def print_prediction(query, prediction) -> None:
    print(f"\n{query}: {prediction.label}, ahead by {prediction.margin:.2f}")
    for note in prediction.notes:
        print(f"  note: {note}")
    if not prediction.matches:
        print("  Nothing matches well: the query is further from every action than the actions are from each other.")
    width = max(map(len, prediction.best))
    for action in prediction.best:
        print(f"  {action:{width}} {prediction.scores[action]:8.2f} {prediction.shares[action]:6.0%}")
    if more := len(prediction.scores) - len(prediction.best):
        print(f"  … and {more:,} more")
