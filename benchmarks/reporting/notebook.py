"""What the notebooks share."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from IPython.display import Image
from matplotlib.figure import Figure

from benchmarks import tables
from benchmarks.harness import store
from benchmarks.reporting.sections import Section, sections

RESULTS = Path(__file__).parents[1] / "results"


def parts(table: str, results: Path = RESULTS) -> list[Section]:
    """Return the sections of a committed table."""
    chosen = tables.get(table)
    return list(sections(chosen, store.load(chosen.folder(results))))


def image(figure: Figure) -> Image:
    """Return a figure as a picture that is stored in the notebook."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return Image(buffer.getvalue())
