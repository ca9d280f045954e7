"""A run as a TOML file: what varies, the simulator, its outputs, the stop rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.cli.toml_file import ConfigError, TomlFile, of_key
from surrogo.execution.external import ExternalSimulator, SpecError
from surrogo.execution.external.errors import known_only
from surrogo.space import Space
from surrogo.variables import KINDS, Categorical, Real

_SIMULATOR = (
    "command",
    "templates",
    "copy",
    "link",
    "folder",
    "keep",
    "timeout",
    "memory",
    "output_limit",
    "licence",
    "env",
    "inherit",
    "exit_codes",
    "inactive",
)
_OUTPUTS = ("value", "residuals", "constraints", "outputs", "cost")
# Arguments of `optimize` under their own names, and `seed`.
RUN = (
    "max_evals",
    "max_time",
    "target",
    "tol",
    "confidence",
    "patience",
    "strategy",
    "workers",
    "batch_size",
    "eval_timeout",
    "eval_memory",
    "retries",
    "on_interrupt",
    "prior",
    "store",
    "progress",
    "seed",
)
_NEEDED = ("variables", "simulator", "outputs")
_INTERVAL = ("kind", "low", "high", "scale", "active_if")
_CHOICES = ("kind", "values", "active_if")


@dataclass(frozen=True)
class Config:
    """What a configuration says, checked as far as that is possible without running.

    Attributes
    ----------
    run : dict
        The section of that name.
    """

    file: TomlFile
    space: Space
    simulator: ExternalSimulator
    run: dict[str, Any]

    @classmethod
    def read(cls, path: str | Path) -> Config:
        """Read a configuration; its relative paths begin from its own folder.

        Raises
        ------
        ConfigError
            If something is missing, unknown or makes no sense.
        OSError
            If the file cannot be read.
        """
        file = TomlFile.read(Path(path))
        file.check_sections((*_NEEDED, "run"), _NEEDED)
        space = _space(file)
        return cls(file, space, _simulator(file, space), file.section("run", RUN))

    @property
    def root(self) -> Path:
        """Return the folder that relative paths begin from."""
        return self.file.path.absolute().parent

    def error_of_run(self, error: ValueError) -> ConfigError:
        """Say where a setting of the run stands that was refused."""
        key = of_key(error, self.run)
        key = "seed" if not key and "rng" in str(error) else key
        return self.file.error("run", key, str(error))


def _simulator(file: TomlFile, space: Space) -> ExternalSimulator:
    given = file.section("simulator", _SIMULATOR)
    outputs = file.section("outputs", _OUTPUTS)
    if "command" not in given:
        raise file.error("simulator", "", "needs a command, such as ['./beam']")
    _check_hooks(file, outputs)
    root = file.path.absolute().parent
    try:
        return ExternalSimulator(variables=space, root=root, **given, **outputs)
    except SpecError as error:
        raise _error(file, error) from error


def _error(file: TomlFile, error: SpecError) -> ConfigError:
    """Say where in the file stands what `ExternalSimulator` refused."""
    if error.key == "variables":
        variables = file.section("variables")
        return file.error("variables", of_key(error, variables), str(error))
    in_outputs = _is_in(error.key, file.section("outputs"))
    section = "outputs" if in_outputs else "simulator"
    return file.error(section, error.key, str(error))


def _check_hooks(file: TomlFile, outputs: Mapping[str, Any]) -> None:
    """Refuse a text where a rule should be, unless it is a function of a file."""
    value = outputs.get("value")
    if isinstance(value, str) and ":" not in value:
        raise file.error(
            "outputs",
            "value",
            f"must be a rule such as {{ regex = 'drag = (\\S+)' }}, got "
            f"{checks.shown(value)}",
        )


def _is_in(key: str, outputs: Any) -> bool:
    """Whether a key stands anywhere in the section of outputs."""
    if key in _OUTPUTS:
        return True
    if isinstance(outputs, Mapping):
        return key in outputs or any(_is_in(key, v) for v in outputs.values())
    if isinstance(outputs, list):
        return any(_is_in(key, value) for value in outputs)
    return False


def _space(file: TomlFile) -> Space:
    made = {
        name: _variable(file, name, given)
        for name, given in file.section("variables").items()
    }
    try:
        return Space.of(made)
    except ValueError as error:
        raise file.error("variables", of_key(error, made), str(error)) from error


def _variable(file: TomlFile, name: str, given: Any) -> Any:
    try:
        if isinstance(given, Mapping):
            return _of_table(dict(given), name)
        if isinstance(given, list):
            return _of_list(given)
    except SpecError as error:
        raise file.error("variables", error.key, str(error)) from error
    except (TypeError, ValueError) as error:
        raise file.error("variables", name, str(error)) from error
    raise file.error(
        "variables",
        name,
        f"must be [low, high], a list of texts or a table, got {checks.shown(given)}",
    )


def _of_list(given: list[Any]) -> Any:
    if given and all(isinstance(value, str) for value in given):
        return Categorical(given)
    if len(given) == 2 and not any(isinstance(value, bool) for value in given):
        return Real(*given)
    raise ValueError(
        f"must be [low, high] or a list of texts, got {checks.shown(given)}; write "
        "{ values = [...] } for a choice of numbers, or of true and false"
    )


def _of_table(table: dict[str, Any], name: str) -> Any:
    usual = "categorical" if "values" in table else "real"
    kind = checks.one_of(table.get("kind", usual), KINDS, "kind")
    interval = kind in ("real", "integer")
    known_only(table, _INTERVAL if interval else _CHOICES, name)
    needed = ("low", "high") if interval else ("values",)
    if missing := [key for key in needed if key not in table]:
        raise ValueError(
            f"a variable of kind {kind!r} needs {' and '.join(needed)}; "
            f"{missing[0]} is missing"
        )
    table.pop("kind", None)
    return KINDS[kind](**table)
