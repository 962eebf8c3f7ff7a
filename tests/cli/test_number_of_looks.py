"""`--looks`: what it may be, and that the paper's protocol stays one look."""

import json

import pytest
from films import bundled, joined

from d2st.cli import main
from d2st.cli.parser import command_line

pytestmark = pytest.mark.usefixtures("computed_once")


@pytest.mark.parametrize("number", ["0", "9", "many"])
def test_a_number_of_looks_that_cannot_be_is_refused(number, capsys):
    for command in (["inspect", "a.mp4", "--out", "a.html"], ["predict"], ["demo"]):
        with pytest.raises(SystemExit):
            command_line().parse_args([*command, "--looks", number])
        assert "--looks" in capsys.readouterr().err


def test_a_recipe_is_evaluated_in_one_look(capsys):
    assert main(["evaluate", "simulated/efficientnet-lite0", "--looks", "2"]) == 2
    assert "in one look at a clip. Leave out --looks" in capsys.readouterr().err


def test_a_long_clip_is_inspected_in_several_looks_unless_told_otherwise(tmp_path, capsys):
    joined(bundled("people", "punch", "jump"), tmp_path / "long.mp4")
    out = tmp_path / "points.json"
    for more, looks in (([], 2), (["--looks", "1"], 1)):
        assert main(["inspect", str(tmp_path / "long.mp4"), "--out", str(out), *more]) == 0
        said = json.loads(out.read_text())
        assert said["looks"] == looks and len(said["times"]) == 8 * looks
        assert sorted({trace["look"] for trace in said["traces"]}) == list(range(looks))
        assert any("looks" in note for note in said["notes"]) == (looks > 1)
    capsys.readouterr()
