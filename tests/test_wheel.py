"""The wheel works on its own: in a fresh environment, from another directory."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SMOKE = """
import sys
from pathlib import Path

import surrogo

assert Path(sys.prefix) in Path(surrogo.__file__).parents, surrogo.__file__
result = surrogo.optimize(
    lambda x: (x[0] - 0.3) ** 2 + x[1] ** 2, [(-1, 1), (-1, 1)], max_evals=12, rng=0
)
assert result.nfev == 12, result.nfev
print(surrogo.__version__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the backend that is installed here: no download."""
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


def run(*arguments: str | Path, python: str | Path = sys.executable, **options) -> str:
    """Run a Python and return what it printed; its errors are shown if it fails."""
    process = subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=False, **options
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {
        "surrogo"
    }
    assert "surrogo/py.typed" in names
    assert "surrogo/report/page.html" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_wheel_has_the_command(wheel: Path) -> None:
    files = zipfile.ZipFile(wheel)
    (name,) = (n for n in files.namelist() if n.endswith("entry_points.txt"))
    assert "surrogo = surrogo.__main__:main" in files.read(name).decode()


def test_wheel_works_with_run_time_dependencies_only(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "fresh", symlinks=os.name != "nt")
    python = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin") / "python"
    quick = "-q", "--disable-pip-version-check", "--no-compile"
    run("-m", "pip", "--python", python, "install", *quick, wheel)
    # -I: neither the directory nor PYTHONPATH may lead to the source tree.
    printed = run("-I", "-c", SMOKE, python=python, cwd=tmp_path)
    version = wheel.name.split("-")[1]
    assert printed.split() == [version]
