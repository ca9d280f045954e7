"""The libraries of the extra `petab`, imported where they are used."""

from __future__ import annotations

import importlib
from typing import Any


def library(name: str) -> Any:
    """Import a module of the extra.

    Raises
    ------
    ImportError
        If it is not installed.

    Examples
    --------
    >>> library("math").sqrt(4.0)
    2.0
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"PEtab problems need {name.partition('.')[0]}, which is not installed; "
            "pip install 'surrogo[petab]'"
        ) from error


class Unsupported(ValueError):
    """A feature of PEtab or SBML that is not there; the text says which."""
