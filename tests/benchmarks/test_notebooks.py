"""The notebooks run from top to bottom on the committed results."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "benchmarks" / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def test_there_are_notebooks():
    told = {"bbob.ipynb", "from_data_to_decision.ipynb", "ode.ipynb"}
    assert told | {"which_method.ipynb"} <= set(NOTEBOOKS)


# Jupyter's own packages warn about their own future.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name):
    notebook = nbformat.read(FOLDER / name, as_version=4)
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=where
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert any(outputs)
