"""The public names, written once here and compared with every place they stand in."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import FunctionType

import pytest

import surrogo

PUBLIC = [
    "Categorical",
    "Evaluation",
    "ExternalSimulator",
    "GaussianProcess",
    "Integer",
    "OdeModel",
    "Optimizer",
    "Ordinal",
    "RBF",
    "Real",
    "Result",
    "Slots",
    "Space",
    "SpaceExhausted",
    "Status",
    "StoreError",
    "Trial",
    "Trials",
    "__version__",
    "calibrate",
    "composite",
    "least_squares",
    "load",
    "optimize",
]
# Plain data: no docstring to look for.
DATA = {"__version__"}

ROOT = Path(__file__).parents[1]


def test_all_is_the_list_and_sorted() -> None:
    assert list(surrogo.__all__) == sorted(PUBLIC)


def test_type_checkers_see_the_same_names() -> None:
    static = static_imports()
    assert sorted(static) == sorted(PUBLIC)
    lazy = {name: absolute(module) for name, module in surrogo._HOME.items()}
    assert lazy == {name: static[name] for name in lazy}


def test_lazy_names_are_all_but_the_data() -> None:
    assert set(PUBLIC) - set(surrogo._HOME) <= DATA


@pytest.mark.parametrize("name", PUBLIC)
def test_name_resolves_to_its_home(name: str) -> None:
    home = importlib.import_module(static_imports()[name])
    assert getattr(surrogo, name) is getattr(home, name)


def test_dir_shows_the_names() -> None:
    assert set(PUBLIC) <= set(dir(surrogo))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = surrogo.no_such_name


@pytest.mark.parametrize("name", PUBLIC)
def test_name_is_in_the_reference(name: str) -> None:
    reference = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert re.search(rf"(?<!\w){name}(?!\w)", reference)


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - DATA))
def test_docstring_has_an_example(name: str) -> None:
    doc = inspect.getdoc(getattr(surrogo, name)) or ""
    assert re.search(r"^Examples\n-{8}\n(.*\n)*?>>> ", doc, re.MULTILINE)


def test_everything_public_is_documented() -> None:
    assert [name for name, what in public_things() if not inspect.getdoc(what)] == []


def public_things() -> Iterator[tuple[str, object]]:
    """Find public classes, their methods, and functions, in every module of ours.

    `inspect.getdoc` finds the docstring of the base for an overriding method, which
    a linter does not see.
    """
    for info in pkgutil.walk_packages(surrogo.__path__, "surrogo."):
        if info.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(info.name)
        for name, what in public(vars(module)):
            if getattr(what, "__module__", None) != info.name:
                continue  # imported from elsewhere
            yield f"{info.name}.{name}", what
            for method, _ in public(vars(what) if inspect.isclass(what) else {}):
                yield f"{info.name}.{name}.{method}", getattr(what, method)


def public(members: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return the public classes, functions, methods and properties of a namespace."""
    kinds = type, FunctionType, classmethod, staticmethod, property, cached_property
    return [
        (name, what)
        for name, what in members.items()
        if not name.startswith("_") and isinstance(what, kinds)
    ]


def static_imports() -> dict[str, str]:
    """Return name -> module of all imports `from .x import Name as Name`."""
    tree = ast.parse((ROOT / "surrogo" / "__init__.py").read_text("utf-8"))
    ours = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.level or (node.module or "").startswith("surrogo"))
    ]
    return {
        alias.asname: absolute("." * node.level + (node.module or ""))
        for node in ours
        for alias in node.names
        if alias.asname == alias.name  # what makes it a re-export
    }


def absolute(module: str) -> str:
    """Return the full name of a module given as `.x` or `surrogo.x`."""
    return importlib.util.resolve_name(module, "surrogo")
