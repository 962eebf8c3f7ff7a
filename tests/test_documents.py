"""What the documents say is so: tables, links, commands, and what others read them for."""

import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from d2st.benchmark import MEASUREMENTS, document
from d2st.models.zoo import DEFAULT, MODELS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        ROOT / "checkpoints/README.md",
        *ROOT.glob("tests/**/*.md"),
    ]
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table(name: str, first: str) -> list[list[str]]:
    """The rows of the table whose head begins with the cell `first`."""
    lines = text_of(name).split(f"| {first} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def front_matter(name: str) -> dict:
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text_of(name), re.DOTALL)[1])


def test_the_models_in_the_readme_are_the_rows():
    from d2st.models.zoo import DEFAULT, MODELS

    rows = [
        [f"`{name}`" + " (default)" * (name == DEFAULT), spec.description, spec.weights.origin, spec.licence]
        for name, spec in MODELS.items()
    ]
    assert table("README.md", "name") == rows


def test_the_densities_are_those_that_adapters_have():
    from d2st.adapter import Place
    from d2st.kinds import KINDS

    for tokens, spatial, temporal, _ in table("docs/science-and-limits.md", "tokens"):
        side = int(tokens.split("×")[0])
        adapter = KINDS["d2st"].build(Place((8, side, side), 64, 16, 1, True))
        for pathway, said in ((adapter.spatial, spatial), (adapter.temporal, temporal)):
            assert "×".join(map(str, pathway.density.points((8, side, side)))) == said


def test_the_shares_of_the_arrows_are_those_that_the_checkpoint_holds():
    from d2st.models.checkpoint import read_checkpoint

    usual = read_checkpoint(ROOT / "checkpoints/efficientnet-lite0.safetensors").usual
    said = {
        (layer, pathway): share
        for layer, *shares in table("docs/science-and-limits.md", "layer")
        for pathway, share in zip(("spatial", "temporal"), shares, strict=True)
    }
    assert said == {place: f"{100 * points.share:.1f} %" for place, points in usual.points.items()}
    for name in ("docs/science-and-limits.md", "checkpoints/README.md"):
        assert f"over {usual.clips} validation" in text_of(name).replace("over the", "over")


def test_the_card_says_what_the_adapters_were_trained_on_and_reached():
    from d2st.data.datasets import LISTS
    from d2st.data.folders import Split
    from d2st.models.checkpoint import read_checkpoint
    from d2st.simulate.catalogue import SPLITS, actions, mirror, reverse
    from d2st.simulate.dataset import TRAINING_SET
    from d2st.training.recipes import load_recipe
    from d2st.training.variants import all_ways

    card, sections = text_of("checkpoints/README.md"), [each for each in TRAINING_SET if each.part == "further"]
    shown = {section.family: list(actions(section.split, section.family)) for section in sections}
    clips = sum(section.clips * len(shown[section.family]) for section in sections)
    ways = sum(
        len(all_ways(Split(each, [[Path("1.mp4")]] * len(each)), mirror, reverse).actions) for each in shown.values()
    )
    assert f"{sum(map(len, shown.values()))} actions in {clips:,} clips, {ways} in all their ways" in card
    files = sorted((ROOT / "checkpoints").glob("*.safetensors"))
    reached = [re.search(r"validation accuracy ([\d.]+ ± [\d.]+ %)", read_checkpoint(file).about)[1] for file in files]
    assert len(reached) == 3 and all(each in card for each in reached)
    data = load_recipe("simulated/further").data
    sizes = {f"data/simulated/{s.folder}": len(list(actions(s.split, s.family))) for s in TRAINING_SET}
    known = {split: sum(sizes[folder] for folder in data[split]) for split in LISTS}
    novel = sum(len(list(actions("novel", family))) for family, split in SPLITS if split == "novel")
    assert f"The {known['validation']} validation actions" in card
    assert f"the {novel} novel actions" in card and f"{known['novel']} of them are compared" in card


def test_the_card_says_what_the_ablation_of_kinds_says():
    one, two = ({row["adapter"]: f"{row['cells'][-1]['mean']:.1f}" for row in rows} for rows in kinds_by_seed())
    said = text_of("checkpoints/README.md")
    both = {title.removeprefix("D²ST-Adapter, "): f"{one[title]} and {mean}" for title, mean in two.items()}
    assert f"D²ST-Adapters have {both['D²ST-Adapter']} %" in said
    assert f"{both['points on a fixed grid']} with a regular grid in training as well as at test" in said
    assert f"{both['same density for both']} with pathways of the same density" in said
    assert f"{one['D²ST-Adapter, temporal only']} with the temporal pathway alone" in said
    assert f"{one['D²ST-Adapter, spatial only']} with the spatial one" in said
    assert f"{one['D²ST-Adapter, small maps as dense as larger ones']} with small maps as dense as larger ones" in said
    assert f"{one['D²ST-Adapter, as many parameters as DST']} with as many parameters as DST" in said


def kinds_by_seed():
    """The rows of accuracies of each seed's document."""
    return [json.loads(text_of(f"ABLATION-short-{seed}.json"))["tables"][0]["rows"] for seed in (1, 2)]


def test_the_card_says_what_the_results_say():
    novel = json.loads(text_of("RESULTS.json"))["tables"][0]
    means = [row["cells"][-1]["mean"] for row in novel["rows"] if row["matching"] == "bi-mhm, centred"]
    frozen, st, dst, d2st = (f"{mean:.1f}" for mean in means)
    said = text_of("checkpoints/README.md")
    assert f"{d2st} ± " in said and f"{dst} with DST, {st} with ST and {frozen} without adapters" in said


def test_the_weight_of_the_frozen_features_is_the_models():
    assert f"and {MODELS[DEFAULT].beside:g} for the frozen features" in text_of("docs/interfaces.md")


def test_the_documents_name_every_matching_and_command():
    from d2st.cli.parser import command_line
    from d2st.matching import CENTRED, DEFAULT, MATCHINGS

    text = text_of("docs/interfaces.md")
    assert all(f"`{name}`" in text for name in MATCHINGS)
    assert f"The default is `{DEFAULT}`{', centred' if CENTRED else ''}" in text
    commands = set(command_line().format_help().split("COMMAND")[-1].split()) & {
        word for word in re.findall(r"`(\w+)", text)
    }
    assert commands >= {"demo", "predict", "inspect", "evaluate", "train", "compare", "data", "simulate", "import"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    text = re.sub(r"```.*?```", "", text_of(name), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http:", "https:")):
            continue
        file, _, anchor = link.partition("#")
        target = (ROOT / name).parent / file if file else ROOT / name
        assert target.exists(), link
        if anchor:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}, link


def shown(name: str) -> list[str]:
    """Every command of ours in a document."""
    return re.findall(r"(?:-m d2st|python app\.py)(?= )[^`\n#|&]*", text_of(name))


@pytest.mark.parametrize("name, command", [(name, command) for name in DOCUMENTS for command in shown(name)])
def test_commands_are_understood(name, command):
    from d2st.cli.parser import command_line

    command = command.replace("$kind", "d2st").replace("$seed", "1")  # of the ablation's loops
    words = shlex.split(re.sub(r"\[.*?\]", "", command).split(";")[0])
    words = ["demo", *words[2:]] if words[1] == "app.py" else words[words.index("d2st") + 1 :]
    if not words or words[-1] == "--help":
        return
    with contextlib.redirect_stderr(io.StringIO()) as complaint:
        try:
            arguments = command_line().parse_args(words)
        except SystemExit:
            pytest.fail(f"{command}: {complaint.getvalue()}")
    recipe = getattr(arguments, "recipe", None)
    assert recipe is None or (ROOT / "d2st" / "training" / "configs" / f"{recipe}.yaml").exists()
    if getattr(arguments, "set", None):
        from d2st.cli.commands import parsed_settings
        from d2st.training.recipes import load_recipe

        settings = parsed_settings(arguments.set)
        if "timm/NAME" not in settings.values():
            load_recipe(recipe, **settings)


def test_the_documents_show_commands():
    assert sum(len(shown(name)) for name in DOCUMENTS) >= 15


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_project_speaks_of_itself_alone(name):
    assert not re.search(r"\b(issue #?\d|session \d)", text_of(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_with_set_in_running_text_name_settings_that_exist(name):
    from d2st.training.recipes import Recipe

    for setting in re.findall(r"--set ([a-z_]+)=", text_of(name)):
        assert setting in Recipe.model_fields, setting


def test_a_space_can_read_the_readme():
    front = front_matter("README.md")
    assert front["sdk"] == "gradio" and (ROOT / front["app_file"]).is_file()
    floor = re.search(r"gradio\[mcp\]>=([\d.]+)", text_of("requirements.txt"))[1]
    assert front["sdk_version"].startswith(floor)
    assert front["license"] == "apache-2.0" and "arxiv:2312.01431" in front["tags"]
    assert {front["colorFrom"], front["colorTo"]} <= {
        "red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray",
    }  # fmt: skip
    assert len(front["short_description"]) <= 60


def test_the_card_has_what_a_hub_reads():
    front = front_matter("checkpoints/README.md")
    assert front["license"] == "apache-2.0" and front["pipeline_tag"] == "video-classification"
    assert front["library_name"] == "d2st-adapter" and "accuracy" in front["metrics"]
    listed = {cells[0].strip("`") for cells in table("checkpoints/README.md", "file")}
    assert listed == {path.name for path in (ROOT / "checkpoints").glob("*.safetensors")}


def test_the_benchmarks_are_those_in_their_file():
    runs = json.loads(text_of("docs/benchmarks.json"))
    assert document(runs) == text_of("BENCHMARKS.md")
    measured = {run["model"]: [each["name"] for each in run["measurements"]] for run in runs}
    assert measured[DEFAULT] == list(MEASUREMENTS)


def test_versions_agree():
    version = re.search(r'^version = "(.+)"$', text_of("pyproject.toml"), re.MULTILINE)[1]
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0" and str(citation["version"]) == version
    assert citation["license"] == "Apache-2.0" and citation["authors"] and citation["title"] and citation["message"]
    assert "2312.01431" in str(citation["references"][0])
    assert re.search(r"^## ([\d.]+)", text_of("CHANGELOG.md"), re.MULTILINE)[1] == version


def test_the_workflow_runs_what_is_run_here():
    workflow = yaml.safe_load(text_of(".github/workflows/tests.yml"))
    assert any(".ci/run" in step.get("run", "") for step in workflow["jobs"]["tests"]["steps"])
    hooks = {hook["id"] for hook in yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"][0]["hooks"]}
    tests = [
        "python -m pytest -n2 --dist=loadgroup --ignore=tests/hold",
        "python -m pytest -n2 --dist=loadgroup tests/hold",
    ]
    checks = ["ruff check .", "ruff format --check .", "mypy", *tests]
    assert hooks == {"ruff-check", "ruff-format", "mypy"}
    assert [line for line in text_of(".ci/run").splitlines() if line in checks] == checks
