"""What programs can ask, with every kind of adapter."""

import pytest
from small import EXAMPLES

from d2st.demo.endpoints import Endpoints
from d2st.models.zoo import SHIPPED, load_model

CLIP = str(EXAMPLES / "people" / "query" / "kick.mp4")


@pytest.mark.parametrize("kind, points, pathways", [("st", 0, 1), ("dst", 0, 2), ("d2st", 6, 2)])
def test_any_kind_can_be_inspected_and_explored(kind, points, pathways):
    ending = "" if kind == "d2st" else f"-{kind}"
    offered = Endpoints(load_model(adapter=str(SHIPPED / f"efficientnet-lite0{ending}.safetensors"), device="cpu"))
    found = offered.inspect(CLIP)
    assert len(found["traces"]) == points and all(len(by) == pathways for by in found["changes"].values())
    assert all(0 <= share <= 1 for trace in found["traces"] for g in trace["groups"] for share in g["in_bounds"])
    assert offered.explore(CLIP).startswith("<!doctype html>")
