"""The calibration of the README runs as it stands (its doctests run anyway)."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_calibration_of_the_readme_runs():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    [code] = [block for block in blocks if "predation" in block]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 15
    assert "max_evals=60" in code
    scope = {}
    exec(code.replace("max_evals=60", "max_evals=40"), scope)
    assert scope["fit"].n_simulations == 40
    assert scope["fit"].nllh < 122.93  # the global optimum is 122.925951
