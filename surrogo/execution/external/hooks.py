"""Functions of the user that read what a simulator left in its folder."""

from __future__ import annotations

import importlib.util
import os
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from surrogo import checks


@dataclass(frozen=True)
class FileHook:
    """The function `name` of a Python file; loaded where it is called.

    Parameters
    ----------
    path : Path
    name : str
    """

    path: Path
    name: str

    @classmethod
    def of(cls, text: str, root: Path) -> FileHook:
        """Read ``"post.py:deflection"`` and load it, to see that it is there.

        Raises
        ------
        ValueError
            If there is no such function.
        """
        file, colon, name = text.rpartition(":")
        if not colon or not file.endswith(".py") or not name.isidentifier():
            raise ValueError(
                "a hook must be 'file.py:function' (or in Python a function of the "
                f"folder), got {checks.shown(text)}"
            )
        hook = cls((root / file).absolute(), name)
        hook.function()
        return hook

    def function(self) -> Callable[[Path], Any]:
        """Return the function.

        Raises
        ------
        ValueError
            If the file cannot be loaded or has no such function.
        """
        found = getattr(_module(self.path), self.name, None)
        if not callable(found):
            raise ValueError(f"{self.path} has no function {self.name!r}")
        return found  # type: ignore[no-any-return]

    def __call__(self, folder: Path) -> Any:
        """Call the function with the folder of a trial."""
        return self.function()(folder)


@lru_cache
def _module(path: Path) -> Any:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    name = f"_surrogo_hook_{zlib.crc32(os.fsencode(path)):08x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # it is the user's own code
        del sys.modules[name]
        raise ValueError(
            f"{path} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    return module
