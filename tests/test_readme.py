"""The calibration of the README runs as it stands (its doctests run anyway)."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_calibration_of_the_readme_runs():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    [code] = [block for block in blocks if "misfit" in block]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 15
    assert "max_evals=150, progress=True" in code
    scope = {}
    exec(code.replace("max_evals=150, progress=True", "max_evals=12, rng=0"), scope)
    assert scope["result"].nfev == 12
    assert set(scope["result"].x) == {"a", "b", "c", "d", "u0", "v0"}
