"""Imports point one way only, as the map of the rooms in docs/decisions says.

The syntax trees are read, so that imports inside functions and under
`if TYPE_CHECKING:` follow the same arrows. A type-only import in the wrong direction
is a hint that the type lives in the wrong room.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

PACKAGE = Path(__file__).parents[1] / "surrogo"

# Modules at the top of the package are the room "core", except the command line.
CLI = {"cli", "__main__"}
# Each room may import from itself and from these.
_ACQUISITION = {"core", "samplers", "surrogates"}
_OPTIMIZERS = _ACQUISITION | {"acquisition", "execution"}
_CALIBRATION = _OPTIMIZERS | {"optimizers"}
_REPORT = _CALIBRATION | {"calibration"}
MAY_IMPORT = {
    "core": set(),
    "samplers": {"core"},
    "surrogates": {"core"},
    "execution": {"core"},
    "problems": {"core"},
    "acquisition": _ACQUISITION,
    "optimizers": _OPTIMIZERS,
    "calibration": _CALIBRATION,
    "report": _REPORT,
    "cli": _REPORT | {"report"},
}
PACKAGES = set(MAY_IMPORT) - {"core", "cli"}
# Inside core, these import only from those on their left.
CORE_ORDER = ("_version", "checks", "space", "trials", "result")
# Importer, room: allowed inside functions only. Result.plot and Result.report, and the
# plot of a calibration.
ALLOWED_LAZILY = {
    ("surrogo.result", "report"),
    ("surrogo.calibration.outcome", "report"),
}


@dataclass(frozen=True)
class Import:
    """One import of one of our own modules."""

    importer: str
    target: str
    line: int
    lazy: bool  # inside a function

    @property
    def allowed_lazily(self) -> bool:
        pair = self.importer, room_of(self.target)
        return self.lazy and pair in ALLOWED_LAZILY


def module_of(path: str) -> str:
    """Return the dotted name of a file given relative to the package."""
    parts = ["surrogo", *PurePosixPath(path).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return the room of a module; a package that no one knows is its own room."""
    parts = module.split(".")
    if len(parts) == 1:
        return "root"
    if parts[1] in CLI:
        return "cli"
    return parts[1] if parts[1] in PACKAGES or len(parts) > 2 else "core"


def imports_of(path: str, source: str, modules: set[str]) -> Iterator[Import]:
    """Find all imports of our own modules in a file."""
    importer = module_of(path)
    package = importer if path.endswith("__init__.py") else importer.rpartition(".")[0]

    def walk(node: ast.AST, lazy: bool) -> Iterator[Import]:
        for target in targets_of(node, package, modules):
            yield Import(importer, target, node.lineno, lazy)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, lazy or function)

    return walk(ast.parse(source), lazy=False)


def targets_of(node: ast.AST, package: str, modules: set[str]) -> Iterator[str]:
    """Return the modules of ours that one node of the syntax tree imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        above = parts[: len(parts) - node.level + 1] if node.level else []
        base = ".".join([*above, node.module] if node.module else above)
        # `from package import name` imports a module, or a name of the package.
        names = [f"{base}.{alias.name}" for alias in node.names]
        names = [name if name in modules else base for name in names]
    elif isinstance(node, ast.Call):
        names = [dynamic_target(node)]
    else:
        return
    yield from (name for name in names if name.split(".")[0] == "surrogo")


def dynamic_target(call: ast.Call) -> str:
    """Return the literal name in `import_module("name")`, or an empty one."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    if name not in {"import_module", "__import__"} or not call.args:
        return ""
    argument = call.args[0]
    literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return argument.value if literal else ""


def complaint(found: Import) -> str | None:
    """Return why an import is forbidden, or None."""
    here, there = room_of(found.importer), room_of(found.target)
    where = f"{found.importer}, line {found.line}"
    if here not in MAY_IMPORT:
        return f"{where}: {here!r} is no room; add it to MAY_IMPORT"
    if there == "root":
        return f"{where}: nobody imports from surrogo/__init__; name the module"
    if there not in MAY_IMPORT[here] | {here} and not found.allowed_lazily:
        allowed = ", ".join(sorted(MAY_IMPORT[here])) or "only itself"
        return f"{where}: imports {found.target}, but {here} may import {allowed}"
    order = [found.importer.split(".")[1], found.target.split(".")[1]]
    if set(order) <= set(CORE_ORDER) and sorted(order, key=CORE_ORDER.index) == order:
        return f"{where}: imports {found.target}, which stands above it in core"
    return None


def cycle(found: list[Import]) -> str | None:
    """Return one cycle of modules that import each other, or None."""
    graph: dict[str, set[str]] = {}
    for one in found:
        if not one.allowed_lazily:
            graph.setdefault(one.importer, set()).add(one.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return "import cycle: " + " <- ".join(error.args[1])
    return None


def complaints(sources: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the imports of a package, given path -> source."""
    modules = {module_of(path) for path in sources}
    found = [
        one
        for path, source in sources.items()
        if path != "__init__.py"  # the public names: may import everything
        for one in imports_of(path, source, modules)
    ]
    return [text for text in [*map(complaint, found), cycle(found)] if text]


def test_imports_of_the_package_point_one_way() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    sources = {
        file.relative_to(PACKAGE).as_posix(): file.read_text("utf-8") for file in files
    }
    assert len(sources) > 10
    assert complaints(sources) == []


# ---- the checker itself ---------------------------------------------------------

TREE = {
    "__init__.py": "from surrogo.optimizers.loop import optimize",
    "checks.py": "import numpy",
    "space.py": "from surrogo import checks",
    "trials.py": "from surrogo.space import Space",
    "result.py": "def plot(self):\n    from surrogo.report import plots",
    "samplers/__init__.py": "from surrogo.samplers.sobol import Sobol",
    "samplers/sobol.py": "from .base import Sampler",
    "samplers/base.py": "from .. import checks\nfrom ..space import Space",
    "surrogates/__init__.py": "from surrogo.surrogates.gp import GaussianProcess",
    "surrogates/gp.py": "import surrogo.checks",
    "acquisition/__init__.py": "from surrogo.samplers import Sobol",
    "execution/__init__.py": "from surrogo.trials import Evaluation",
    "optimizers/loop.py": "import surrogo.execution, surrogo.result",
    "problems/__init__.py": "",
    "calibration/__init__.py": "from surrogo.optimizers import loop",
    "report/__init__.py": "",
    "report/plots.py": "from surrogo.calibration import fit",
    "cli.py": "from surrogo.report import plots",
    "__main__.py": "from surrogo.cli import main",
}


def test_a_tidy_tree_has_no_complaints() -> None:
    assert complaints(TREE) == []


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        # directions, in every way of writing an import
        ("checks.py", "import surrogo.samplers", "core may import only itself"),
        ("space.py", "from surrogo.samplers import Sobol", "core may import"),
        ("space.py", "from surrogo import samplers", "core may import"),
        ("space.py", "from . import samplers as s", "core may import"),
        ("space.py", "from .samplers.sobol import Sobol", "core may import"),
        ("samplers/sobol.py", "from surrogo.surrogates import gp", "samplers may"),
        ("samplers/sobol.py", "from ..surrogates import gp", "samplers may"),
        ("samplers/sobol.py", "import os, surrogo.surrogates.gp as g", "samplers may"),
        ("surrogates/gp.py", "from surrogo.samplers import Sobol", "surrogates may"),
        ("surrogates/gp.py", "from surrogo.acquisition import LogEI", "surrogates may"),
        ("surrogates/deep/er.py", "from ...samplers import Sobol", "surrogates may"),
        ("execution/pool.py", "from surrogo.optimizers import loop", "execution may"),
        ("problems/ode.py", "from surrogo.optimizers import loop", "problems may"),
        ("acquisition/ei.py", "from surrogo.optimizers import x", "acquisition may"),
        ("acquisition/ei.py", "import surrogo.execution", "acquisition may"),
        ("optimizers/ego.py", "from surrogo.calibration import x", "optimizers may"),
        ("optimizers/ego.py", "from surrogo.problems import x", "optimizers may"),
        ("calibration/fit.py", "from surrogo.report import plots", "calibration may"),
        ("report/html.py", "from surrogo.cli import main", "report may"),
        ("report/html.py", "from surrogo.__main__ import main", "report may"),
        # lazy, conditional and dynamic ones
        ("space.py", "def f():\n    import surrogo.samplers", "core may"),
        ("space.py", "async def f():\n    from . import samplers", "core may"),
        ("space.py", "class A:\n    from . import samplers", "core may"),
        ("space.py", "try:\n    from . import samplers\nfinally:\n    1", "core may"),
        ("space.py", "if TYPE_CHECKING:\n    from . import samplers", "core may"),
        ("space.py", "importlib.import_module('surrogo.samplers')", "core may"),
        ("space.py", "x = __import__('surrogo.samplers')", "core may"),
        # the allow-listed one, where it is not allowed
        ("result.py", "from surrogo.report import plots", "core may"),
        ("result.py", "if TYPE_CHECKING:\n    import surrogo.report", "core may"),
        ("result.py", "def f():\n    import surrogo.optimizers", "core may"),
        ("trials.py", "def f():\n    import surrogo.report", "core may"),
        # the root
        ("space.py", "import surrogo", "nobody imports from surrogo/__init__"),
        ("space.py", "from surrogo import optimize", "nobody imports"),
        ("space.py", "from surrogo import *", "nobody imports"),
        ("space.py", "from . import optimize", "nobody imports"),
        ("samplers/base.py", "from .. import optimize", "nobody imports"),
        ("space.py", "def f():\n    import surrogo", "nobody imports"),
        ("cli.py", "from surrogo import optimize", "nobody imports"),
        # order in core, cycles, rooms that no one knows
        ("checks.py", "from surrogo import trials", "stands above it in core"),
        ("space.py", "from surrogo.result import Result", "stands above it in core"),
        ("checks.py", "from surrogo import threads", "import cycle"),
        ("samplers/base.py", "from surrogo.samplers import Sobol", "import cycle"),
        ("samplers/base.py", "def f():\n    from . import sobol", "import cycle"),
        ("surrogates/gp.py", "import surrogo.surrogates.gp", "import cycle"),
        ("utils/x.py", "import surrogo.checks", "'utils' is no room"),
    ],
)
def test_forbidden_imports_are_found(path: str, source: str, words: str) -> None:
    tree = TREE | {"threads.py": "from surrogo import checks", path: source}
    assert words in "\n".join(complaints(tree))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("space.py", "import numpy, surrogates"),
        ("space.py", "from surrogates import rbf"),
        ("space.py", "text = 'import surrogo.samplers'"),
        ("space.py", "importlib.import_module(name)"),
        ("result.py", "from surrogo.trials import Trials"),
        ("result.py", "import surrogo._version"),
        ("result.py", "class R:\n    def f(self):\n        from .report import plots"),
        ("optimizers/ego.py", "from .. import checks\nfrom ..acquisition import x"),
        ("report/html.py", "from surrogo.result import Result"),
    ],
)
def test_allowed_imports_pass(path: str, source: str) -> None:
    tree = TREE | {"_version.py": "", path: source}
    assert complaints(tree) == []
