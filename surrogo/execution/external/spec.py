"""From what a user wrote about a simulator to a plan: every check of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.execution import memory
from surrogo.execution.external import folders
from surrogo.execution.external.child import Limits
from surrogo.execution.external.errors import SpecError, known_only
from surrogo.execution.external.folders import Contents
from surrogo.execution.external.outputs import Outputs
from surrogo.execution.external.placeholders import (
    FOLDER,
    PYTHON,
    Text,
    check_places,
    check_used,
)
from surrogo.execution.external.plan import Plan
from surrogo.execution.external.tokens import Tokens
from surrogo.space import Space

_LARGEST = 2**62  # bytes: what a limit of the kernel can hold
_KEEP = ("failed", "all", "none")


def plan_of(given: Any) -> Plan:
    """Return the plan of an `ExternalSimulator`.

    Raises
    ------
    SpecError
        If something is missing, unknown or unused.
    """
    root = _for("root", _root, given.root)
    names, samples = _for("variables", _names, given.variables)
    argv = _for("command", _argv, given.command, root)
    env = _for("env", _env, given.env)
    contents = Contents(
        _for("templates", folders.read_templates, given.templates, root),
        _for("copy", folders.sources, given.copy, root, "copy"),
        _for("link", folders.sources, given.link, root, "link"),
    )
    _for("templates", contents.check_names)
    _check_texts(argv, [text for _, text in env], contents.texts(), samples)
    parent = _for("folder", _parent, given.folder, root)
    _for("copy", contents.check_parent, parent)
    keep = _for("keep", checks.one_of, given.keep, _KEEP, "keep")
    return Plan(
        names=names,
        argv=argv,
        env=env,
        inherit=_for("inherit", _inherited, given.inherit),
        contents=contents,
        outputs=Outputs.of(
            given.value,
            given.residuals,
            given.constraints,
            given.outputs,
            given.cost,
            root,
        ),
        parent=parent,
        keep=keep,
        limits=_limits(given),
        tokens=_for("licence", _tokens, given.licence, root),
        exit_codes=_for("exit_codes", _codes, given.exit_codes),
        inactive=str(given.inactive),
    )


def _for(key: str, make: Callable[..., Any], *arguments: Any) -> Any:
    """Make something of an argument; what is wrong with it is the argument's error."""
    try:
        return make(*arguments)
    except SpecError:
        raise
    except (OSError, TypeError, ValueError) as error:
        raise SpecError(key, str(error)) from error


def _check_texts(
    argv: Sequence[Text],
    env: Sequence[Text],
    templates: Sequence[Text],
    samples: Mapping[str, Any],
) -> None:
    places = {**samples, PYTHON: "python", FOLDER: "folder"}
    for key, texts in (("command", argv), ("env", env), ("templates", templates)):
        _for(key, check_places, texts, places)
    _for("variables", check_used, samples, [*argv, *env, *templates])


def _root(root: Any) -> Path:
    return Path(root).absolute()


def _names(variables: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the names of the variables, and a value of each where it is known."""
    listed = None if isinstance(variables, Mapping) else checks.listed(variables)
    if listed and all(isinstance(name, str) for name in listed):
        names, samples = tuple(listed), dict.fromkeys(listed)
    else:
        space = Space.of(variables)
        names, samples = space.names, _samples(space)
    if clash := {PYTHON, FOLDER} & set(names):
        raise ValueError(f"a variable must not be called {clash.pop()!r}; rename it")
    return names, samples


def _samples(space: Space) -> dict[str, Any]:
    middle = np.array([0.5])
    numbers = [float(v.from_unit(middle)[0]) for v in space.variables]
    if not space.named:
        return dict(zip(space.names, numbers, strict=True))
    pairs = zip(space.names, space.variables, numbers, strict=True)
    return {name: v.value(number) for name, v, number in pairs}


def _argv(command: Any, root: Path) -> tuple[Text, ...]:
    words = None if isinstance(command, str) else checks.listed(command)
    if not words or not all(
        isinstance(word, str) and "\0" not in word for word in words
    ):
        raise ValueError(
            "command must be a list of texts such as ['./beam', '--fast', 'beam.in'] "
            f"(no shell reads it), got {checks.shown(command)}"
        )
    texts = [
        Text.parse(word, f"argument {i} of the command") for i, word in enumerate(words)
    ]
    return (_program(words[0], texts[0], root), *texts[1:])


def _program(word: str, text: Text, root: Path) -> Text:
    """Return the program with its whole path, which is the same for all trials."""
    if text.parts == ("", *text.places, "") and text.places[0].name == PYTHON:
        return text
    if text.places:
        raise ValueError(
            f"the program must be the same for all points, got {checks.shown(word)}; "
            "let an argument depend on them (or write {{python}} for this Python)"
        )
    path = str(root / word) if "/" in word or os.sep in word else word
    found = shutil.which(path)
    if found is None:
        raise ValueError(f"there is no program {checks.shown(word)}: {_why_not(path)}")
    return Text((os.path.abspath(found),))


def _why_not(path: str) -> str:
    if os.path.isfile(path):
        return f"{path} may not be executed; chmod +x it, or name its interpreter first"
    if os.path.dirname(path):
        return f"{path} does not exist; build it, or mend the name"
    return "it is not on the PATH; install it, or give its whole path"


def _env(env: Any) -> tuple[tuple[str, Text], ...]:
    if not isinstance(env, Mapping):
        raise ValueError(f"env must map names to texts, got {checks.shown(env)}")
    for key, value in env.items():
        name = isinstance(key, str) and key and not set("=\0") & set(key)
        if not name or not isinstance(value, str) or "\0" in value:
            raise ValueError(
                "env must map names to texts such as {'OMP_NUM_THREADS': '1'}, got "
                f"{checks.shown(key)}: {checks.shown(value)}"
            )
    return tuple((key, Text.parse(v, f"{key} of env")) for key, v in env.items())


def _inherited(inherit: Any) -> tuple[str, ...] | None:
    if isinstance(inherit, bool):
        return None if inherit else ("PATH",)
    names = checks.listed(inherit)
    if names is None or not all(isinstance(name, str) for name in names):
        raise ValueError(
            "inherit must be true, false or a list of names of variables, got "
            f"{checks.shown(inherit)}"
        )
    return tuple(names)


def _parent(folder: Any, root: Path) -> Path:
    parent = root / Path(folder)
    folders.check_parent(parent)
    return parent


def _output_limit(limit: Any) -> int:
    return min(int(checks.positive(limit, "output_limit (in bytes)")), _LARGEST)


def _limits(given: Any) -> Limits:
    seconds = given.timeout
    if seconds is not None:
        seconds = _for("timeout", checks.positive, seconds, "timeout (in seconds)")
    return Limits(
        seconds,
        _for("memory", memory.checked, given.memory),
        _for("output_limit", _output_limit, given.output_limit),
    )


def _tokens(licence: Any, root: Path) -> Tokens | None:
    if licence is None:
        return None
    if not isinstance(licence, Mapping) or not {"name", "tokens"} <= set(licence):
        raise ValueError(
            "licence must be such as {'name': 'solver', 'tokens': 2}, got "
            f"{checks.shown(licence)}"
        )
    known_only(licence, ("name", "tokens", "folder"), "licence")
    folder = licence.get("folder")
    place = None if folder is None else root / folder
    if place is not None and not place.is_dir():
        raise ValueError(f"the folder of the licence must exist, got {place}")
    n = checks.integer(licence["tokens"], "tokens of the licence", 1)
    return Tokens(str(licence["name"]), n, place)


def _codes(codes: Any) -> tuple[int, ...]:
    listed = checks.listed(codes)
    if not listed:
        raise ValueError(
            f"exit_codes must be a list of those of success, got {checks.shown(codes)}"
        )
    return tuple(checks.integer(code, "an exit code") for code in listed)
