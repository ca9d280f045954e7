"""Virtual environments of the peers: which there are, and how one is made.

Old packages clash with each other, so every file ``environments/NAME.txt`` is a list of
requirements for an environment of its own, by default beside that file in a folder
NAME. Another place can be given in the variable SURROGO_ENVIRONMENTS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.solvers.base import CORE
from surrogo import checks

LISTS = Path(__file__).parents[1] / "environments"

# PyTorch's own index of builds without CUDA; with it, pip prefers those to the
# gigabytes of the default ones, because a local version (2.13.0+cpu) sorts higher.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

STAMP = "made"  # a file in an environment that is complete


def names() -> list[str]:
    """Return the environments that can be made."""
    return sorted(path.stem for path in LISTS.glob("*.txt"))


def folder(name: str) -> Path:
    return Path(os.environ.get("SURROGO_ENVIRONMENTS", LISTS)) / name


def python(name: str) -> Path | None:
    """Return the interpreter of an environment, or None if it is not made."""
    if name == CORE:
        return Path(sys.executable)
    made = (folder(name) / STAMP).exists()
    return folder(name) / "bin" / "python" if made else None


def make(name: str, torch_index: str = TORCH_INDEX) -> None:
    """Make an environment, from scratch if there is one.

    Raises
    ------
    ValueError
        If there is no list of requirements of this name.
    subprocess.CalledProcessError
        If pip fails; the environment does not count as made then.
    """
    requirements = LISTS / f"{checks.one_of(name, names(), 'environment')}.txt"
    venv.create(folder(name), clear=True, with_pip=True)
    pip = [str(folder(name) / "bin" / "python"), "-m", "pip", "install", "-q"]
    pip += ["--disable-pip-version-check"]
    if torch_index and "torch" in requirements.read_text():
        pip += ["--extra-index-url", torch_index]
    subprocess.run([*pip, "-r", str(requirements)], check=True)
    (folder(name) / STAMP).touch()
