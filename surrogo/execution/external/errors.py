"""How a simulator, or what is said about one, can be wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from surrogo import checks


class SimulatorError(RuntimeError):
    """A simulation gave no value; the text says why."""


class SpecError(ValueError):
    """What describes a simulator makes no sense.

    Attributes
    ----------
    key : str
        The argument, or the key of a configuration, that is wrong.
    """

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key

    def __reduce__(self) -> tuple[type[SpecError], tuple[str, str]]:
        return type(self), (self.key, str(self))


def known_only(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Refuse the first of the keys that nobody knows.

    Examples
    --------
    >>> known_only({"regx": 1}, ("regex", "file"), "value")
    Traceback (most recent call last):
        ...
    surrogo.execution.external.errors.SpecError: value has no key 'regx', did you mean \
'regex'? It may have 'regex', 'file'
    """
    known = list(known)
    for key in given:
        if key not in known:
            listed = ", ".join(map(repr, known))
            raise SpecError(
                str(key),
                f"{what} has no key {checks.shown(key)}{did_you_mean(key, known)} "
                f"It may have {listed}",
            )


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a question that suggests the nearest word, or a full stop.

    Examples
    --------
    >>> did_you_mean("heigth", ["height", "width"])
    ", did you mean 'height'?"
    """
    known = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(word).lower(), list(known), n=1)
    return f", did you mean {known[near[0]]!r}?" if near else "."
