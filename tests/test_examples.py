"""The examples run as their README says, in few evaluations."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from surrogo.cli.run import run

EXAMPLES = Path(__file__).parents[1] / "examples"
CONFIGS = sorted(EXAMPLES.glob("*/*.toml"))


@pytest.fixture
def copied(tmp_path):
    """Return a copier of an example, with a smaller budget."""

    def copy(name, max_evals):
        built = shutil.ignore_patterns("fin", "*.db*", "simulations")
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, ignore=built)
        path = folder / f"{name}.toml"
        text = re.sub(r"max_evals = \d+", f"max_evals = {max_evals}", path.read_text())
        path.write_text(text)
        return path

    return copy


def test_both_are_here():
    assert [path.stem for path in CONFIGS] == ["fin", "reactor"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_coupling_has_less_than_twenty_lines(path):
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) < 20


def test_the_readme_names_one_command_for_each():
    text = (EXAMPLES / "README.md").read_text()
    for path in CONFIGS:
        command = f"surrogo run examples/{path.parent.name}/{path.name}"
        assert re.search(rf"^(make -C \S+ && )?{command}$", text, re.MULTILINE)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_fin(copied):
    path = copied("fin", 14)
    subprocess.run(["make", "-s", "-C", path.parent], check=True)
    result = run(path)
    assert result.nfev == 14
    assert result.fun < 60.0
    done = result.trials.in_state("done")
    flow, mass = np.array([trial.evaluation.outputs for trial in done]).T
    missing = np.maximum(0.0, 25.0 - flow)
    values = [trial.value for trial in done]
    np.testing.assert_allclose(values, mass + missing**2, rtol=1e-8)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_fin_that_diverges_is_a_failure(copied):
    path = copied("fin", 1)
    text = path.read_text().replace("length = [0.01, 0.1]", "length = [0.011, 0.012]")
    path.write_text(text)
    subprocess.run(["make", "-s", "-C", path.parent], check=True)
    [trial] = run(path).trials
    assert re.search(r"exit code 2: fin: diverged in step \d+ fin: cells", trial.reason)


def test_the_reactor(copied):
    result = run(copied("reactor", 5))
    assert result.nfev == 5
    assert len(result.trials.in_state("done")) == 5
    for trial in result.trials:
        shares = trial.evaluation.outputs
        assert shares.sum() == pytest.approx(1.0)
        assert -trial.value == pytest.approx(shares[1] / (trial.x["hours"] + 0.5))
