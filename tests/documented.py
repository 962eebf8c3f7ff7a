"""The code that documents show, taken out of them and run."""

import ast
import json
import re
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[1] / "docs"


def python_blocks(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCUMENTS / name).read_text(encoding="utf-8"), re.DOTALL)


def cells(name: str) -> list[dict[str, Any]]:
    return json.loads((DOCUMENTS / name).read_text(encoding="utf-8"))["cells"]


def run(code: str, names: dict[str, Any]) -> Any:
    """Run code as a cell of a notebook is run: names stay, and the value of a last expression comes back."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<document>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<document>", "eval"), names) if last else None
