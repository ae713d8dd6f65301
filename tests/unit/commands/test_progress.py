import ast
from pathlib import Path

import callmon.pipeline
from callmon.commands.progress import STEPS


def test_the_bar_knows_every_step_of_the_pipeline() -> None:
    tree = ast.parse(Path(callmon.pipeline.__file__).read_text(encoding="utf-8"))
    told = {
        node.args[at].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for name, at in (("progress", 0), ("partial", 1))
        if node.func.id == name and isinstance(node.args[at], ast.Constant)
    }
    assert told == set(STEPS)


def test_the_steps_fill_the_bar() -> None:
    assert abs(sum(share for _, share in STEPS.values()) - 1) < 1e-9
