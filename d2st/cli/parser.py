"""The commands, from demo and predict to import."""

import argparse
import re

from d2st.cli import benchmark, check, commands, points, probe, results, scan, usual
from d2st.demo import launch
from d2st.demo.launch import Parser

DECODERS = ("pyav", "decord")  # as `d2st.video.wanted` has them, which takes numpy to import: help is to be quick
DECODER_HELP = "decord gives the frames of the published pipeline, which can be wrong (default: {})"


def at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few: 1 or more")
    return number


def rate(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is no rate: more than 0, and at most 1000 frames a second")
    return number


def pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text} is no regular expression: {error}") from None
    if not groups:
        raise argparse.ArgumentTypeError(f"{text} has no group, such as _0*(\\d+) has")
    return text


def command_line() -> argparse.ArgumentParser:
    model = Parser(add_help=False)
    launch.add_model_arguments(model)

    clips = Parser(add_help=False)
    clips.add_argument(
        "--fps",
        type=rate,
        help="frames a second of clips that are folders of numbered pictures (default: the recipe's, else 25)",
    )

    clips.add_argument("--decoder", choices=DECODERS, help=DECODER_HELP.format(f"the recipe's, else {DECODERS[0]}"))

    match = Parser(add_help=False)
    match.add_argument(
        "--centre",
        action=argparse.BooleanOptionalAction,
        help="subtract each clip's temporal mean from its features first (default: as the recipe, else yes)",
    )
    match.add_argument("--json", action="store_true", help="print one JSON object")

    figure = Parser(add_help=False)
    figure.add_argument(
        "--layer", metavar="NAME", help="whose points a figure shows, as 'stage 2' (default: the first)"
    )
    figure.add_argument("--pathway", metavar="NAME", help="spatial or temporal (default: a row for each)")

    top = Parser(prog="d2st", description="Few-shot action recognition with the D²ST-Adapter.")
    names = top.add_subparsers(required=True, metavar="COMMAND")

    demo = names.add_parser("demo", help="start the page in the browser")
    launch.add_arguments(demo)
    demo.set_defaults(run=launch.run)

    predict = names.add_parser("predict", parents=[model, clips, match, figure], help="name the action of query clips")
    predict.add_argument("--support", metavar="DIR", help="holds one folder of clips for each action")
    predict.add_argument("--query", nargs="+", metavar="FILE", help="the clips to name")
    predict.add_argument("--examples", metavar="SET", help="instead of both: a set that comes along, table or people")
    predict.add_argument("--matching", metavar="NAME", help="{matchings} (default: {matching})")
    predict.add_argument(
        "--figure",
        metavar="FILE",
        help="draw the first query with its points and its nearest example: .pdf, .svg or .png",
    )
    predict.set_defaults(run=commands.run_predict)

    scanning = names.add_parser(
        "scan", parents=[model, clips, match], help="say which action is where in a long file, as a time line"
    )
    scanning.add_argument("film", metavar="LONG", help="a video, of four hours at most")
    scanning.add_argument("--support", metavar="DIR", help="holds one folder of clips for each action")
    scanning.add_argument("--examples", metavar="SET", help="instead: a set that comes along, table or people")
    scanning.add_argument("--matching", metavar="NAME", help="{matchings} (default: {matching})")
    scanning.add_argument(
        "--window", type=float, default=2.0, metavar="SECONDS", help="that are compared at a time (default: 2)"
    )
    scanning.add_argument(
        "--stride", type=float, default=0.5, metavar="SECONDS", help="from one window to the next (default: 0.5)"
    )
    scanning.add_argument(
        "--out", nargs="+", default=[], metavar="FILE",
        help="FILE.json, FILE.csv, FILE.vtt (subtitles), FILE.png, FILE.svg or FILE.pdf (a picture)",
    )  # fmt: skip
    scanning.set_defaults(run=scan.run_scan)

    inspect = names.add_parser(
        "inspect", parents=[model, clips, figure], help="explore, draw or dump the sampling points of a clip"
    )
    inspect.add_argument("clip", metavar="CLIP")
    inspect.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="FILE.html plays them in a browser, FILE.png draws all layers, FILE.pdf and FILE.svg one for print, "
        "FILE.json dumps them",
    )
    inspect.set_defaults(run=points.run_inspect)

    probing = names.add_parser("probe", help="say and draw what is read of a clip: why a frame is what it is")
    probing.add_argument("clip", metavar="CLIP", help="a video, or a folder of numbered pictures")
    probing.add_argument("--frames", type=at_least_one, default=8, help="how many (default: %(default)s)")
    probing.add_argument("--fps", type=rate, default=25, help="of numbered pictures (default: %(default)s)")
    probing.add_argument("--decoder", choices=DECODERS, default=DECODERS[0], help=DECODER_HELP.format(DECODERS[0]))
    probing.add_argument("--out", metavar="FILE", help="the picture of the frames (default: CLIP-frames.png, here)")
    probing.add_argument("--json", action="store_true", help="print one JSON object")
    probing.set_defaults(run=probe.run_probe)

    evaluate = names.add_parser("evaluate", parents=[model, clips, match], help="accuracy over few-shot episodes")
    evaluate.add_argument("recipe", nargs="?", help="score classes of a recipe's data set, with its model")
    evaluate.add_argument(
        "--split", choices=("validation", "novel"), help="of a recipe's classes, which (default: novel)"
    )
    evaluate.add_argument(
        "--data", metavar="DIR", help="or those in DIR, which holds one folder of clips for each action"
    )
    evaluate.add_argument(
        "--matching",
        metavar="NAME",
        help="{matchings}, or 'all': each of them with and without centring (default: the recipe's, else {matching})",
    )
    evaluate.add_argument("--way", type=int, default=5)
    evaluate.add_argument("--shot", type=int, default=1)
    evaluate.add_argument("--queries", type=int, default=1, help="query clips per action and episode (default: 1)")
    evaluate.add_argument("--episodes", type=int, default=1000)
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.set_defaults(run=commands.run_evaluate)

    train = names.add_parser("train", help="train adapters by a recipe")
    train.add_argument("recipe", help="a name such as simulated/efficientnet-lite0, or a YAML file")
    train.add_argument("--out", metavar="DIR", help="where checkpoints and curves go (default: runs/RECIPE)")
    train.add_argument(
        "--from",
        dest="begin",
        metavar="FILE",
        help="begin from a checkpoint's adapters, or from those that come along: 'default' (default: new ones)",
    )
    train.add_argument(
        "--views",
        metavar="DIR",
        help="where kept views of the clips lie; runs that name the same folder share them (default: in the run's own)",
    )
    train.add_argument(
        "--changed-recipe", action="store_true", help="go on with a run although its recipe was another one"
    )
    train.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="change single settings of the recipe"
    )
    train.add_argument("--backbone-weights", metavar="FILE", help="read the backbone's weights here, download nothing")
    train.add_argument("--device", default="auto", help="auto (default), cuda, mps or cpu")
    train.set_defaults(run=commands.run_train)

    tables = Parser(add_help=False)
    tables.add_argument("--episodes", type=int, default=1000)
    tables.add_argument("--device", default="auto", help="auto (default), cuda, mps or cpu")
    tables.add_argument(
        "--rebuild", action="store_true", help="make the document of the JSON beside it again, and measure nothing"
    )

    compare = names.add_parser(
        "compare", parents=[tables], help="the shipped adapters against each other and the frozen backbone"
    )
    compare.add_argument("recipe", nargs="?", default="simulated/further")
    compare.add_argument("--out", default="RESULTS.md", metavar="FILE", help="and FILE.json (default: %(default)s)")
    compare.set_defaults(run=results.run_compare)

    ablation = names.add_parser(
        "ablation", parents=[tables], help="what the paper's idea is worth: trainings of every kind of adapter"
    )
    ablation.add_argument("checkpoints", nargs="*", metavar="FILE", help="of each kind one or more, of other seeds")
    ablation.add_argument("--recipe", default="simulated/further", help="whose novel clips are named")
    ablation.add_argument(
        "--clips", nargs="+", default=[], metavar="DIR", help="more clips: one folder for each action in DIR"
    )
    ablation.add_argument(
        "--recording", type=pattern, metavar="PATTERN",
        help="finds in a clip's name, in the group of a regular expression, which recording it is of; none is then "
        "in both support set and query",
    )  # fmt: skip
    ablation.add_argument("--shots", nargs="+", type=at_least_one, default=[1, 5], help="(default: 1 5)")
    ablation.add_argument("--matching", metavar="NAME", help="{matchings} (default: {matching})")
    ablation.add_argument(
        "--centre", action=argparse.BooleanOptionalAction, help="subtract each clip's temporal mean (default: yes)"
    )
    ablation.add_argument("--out", default="ABLATION.md", metavar="FILE", help="and FILE.json (default: %(default)s)")
    ablation.set_defaults(run=results.run_ablation)

    usually = names.add_parser(
        "usual", help="write into a checkpoint where its sampling points usually are, over a recipe's validation clips"
    )
    usually.add_argument("checkpoint", metavar="FILE", help="a checkpoint; its weights stay as they are")
    usually.add_argument("recipe", nargs="?", default="simulated/further")
    usually.add_argument(
        "--backbone-weights", metavar="FILE", help="read the backbone's weights here, download nothing"
    )
    usually.add_argument("--device", default="auto", help="auto (default), cuda, mps or cpu")
    usually.set_defaults(run=usual.run_usual)

    bench = names.add_parser("benchmark", help="measure how long things take on this machine")
    bench.add_argument(
        "--model", help="{models}, or timm/NAME; with random weights, none is downloaded (default: {model})"
    )
    bench.add_argument("--device", default="auto", help="auto (default), cuda, mps or cpu")
    bench.add_argument("--only", nargs="+", metavar="NAME", help="these measurements alone (default: all)")
    bench.add_argument("--rounds", type=at_least_one, metavar="N", help="no more than so many of each")
    bench.add_argument("--json", metavar="FILE", help="write them into FILE, beside those of other models and devices")
    bench.add_argument(
        "--out", metavar="FILE", help="with --json: a document of all that is there, such as BENCHMARKS.md"
    )
    bench.set_defaults(run=benchmark.run_benchmark)

    data = names.add_parser("data", help="check a recipe's data set")
    data.add_argument("action", choices=["check"])
    data.add_argument("recipe")
    data.set_defaults(run=check.run_data_check)

    simulate = names.add_parser("simulate", help="render clips of simulated actions")
    simulate.add_argument("--out", required=True, metavar="DIR")
    simulate.add_argument(
        "--split",
        choices=("base", "validation", "world", "novel"),
        help="default: all four, in DIR/SPLIT/FAMILY, as the simulated recipes read them",
    )
    simulate.add_argument(
        "--family", choices=("people", "table", "hands", "strokes", "pairs", "floor"), help="default: all"
    )
    simulate.add_argument(
        "--per-class", type=at_least_one, help="clips of each action (default: 20; without --split 6 to 60)"
    )
    simulate.add_argument("--fps", type=at_least_one, help="frames a second (default: 12; 4 or 6 without --split)")
    simulate.add_argument("--seed", type=int, default=0)
    simulate.set_defaults(run=commands.run_simulate)

    importing = names.add_parser("import", help="convert an official D²ST checkpoint")
    importing.add_argument("source", metavar="IN.pyth")
    importing.add_argument("target", metavar="OUT.safetensors")
    importing.add_argument("--heads", type=int, help="attention heads of a ViT (default: width / 64)")
    importing.set_defaults(run=commands.run_import)
    return top
