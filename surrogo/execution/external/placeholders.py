"""Texts with places for values: ``{{height}}``, or ``{{height:.6e}}`` with a format.

Only two braces that a letter or underscore follows are a place; ``{{1, 2}, {3, 4}}``
and the single braces of JSON or C stay as they are. There is no escape, no expression
and no shell: what is filled in is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.execution.external.errors import did_you_mean

PYTHON, FOLDER = "python", "folder"  # places that are no variables

_PLACE = re.compile(r"\{\{[ \t]*([^\W\d][^{}:\n]*?)[ \t]*(?::([^{}\n]*))?\}\}")
_LONGEST_FORMAT = 20  # characters; a width of a billion is no number but a mistake


@dataclass(frozen=True)
class Place:
    """A place for the value of a variable.

    Attributes
    ----------
    format : str
        As in Python's format(); empty is all digits.
    where : str
        For errors: the text that it stands in, and the line.
    """

    name: str
    format: str
    where: str


@dataclass(frozen=True)
class Text:
    """A text with places.

    Examples
    --------
    >>> text = Text.parse("h = {{height:.2f}} # {m}", "beam.in")
    >>> text.fill({"height": 0.125})
    'h = 0.12 # {m}'
    """

    parts: tuple[str | Place, ...]

    @classmethod
    def parse(cls, text: str, source: str) -> Text:
        """Find the places in `text`; `source` says in errors what it is."""
        parts: list[str | Place] = []
        end = 0
        for found in _PLACE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            where = f"{source}, line {line}" if "\n" in text else source
            place = Place(found.group(1), found.group(2) or "", where)
            parts += [text[end : found.start()], place]
            end = found.end()
        return cls((*parts, text[end:]))

    @property
    def places(self) -> list[Place]:
        """Return the places, in their order."""
        return [part for part in self.parts if isinstance(part, Place)]

    def fill(self, values: Mapping[str, Any]) -> str:
        """Return the text with the values put in."""
        return "".join(
            part if isinstance(part, str) else written(values[part.name], part.format)
            for part in self.parts
        )


class Absent(str):
    """What stands where a variable does not exist: it takes any format."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self)


def written(value: Any, format_spec: str) -> str:
    """Write a value; without a format a float has all the digits that it needs.

    Examples
    --------
    >>> written(0.1, ""), written(3, ""), written(2.0, ".1e"), written("oak", "")
    ('0.1', '3', '2.0e+00', 'oak')
    """
    if format_spec:
        return format(value, format_spec)
    return repr(value) if isinstance(value, float) else str(value)


def check_places(texts: Iterable[Text], samples: Mapping[str, Any]) -> None:
    """Refuse places without a variable, and formats that its values do not have.

    Parameters
    ----------
    texts : iterable of Text
    samples : mapping
        One value of each name that there is; None where its kind is not known.

    Raises
    ------
    ValueError
    """
    for place in (place for text in texts for place in text.places):
        if place.name not in samples:
            raise ValueError(
                f"{place.where}: {{{{{checks.cut(place.name, 60)}}}}} is no variable"
                f"{did_you_mean(place.name, samples)} There are "
                f"{', '.join(map(repr, samples))}"
            )
        _check_format(place, samples[place.name])


def check_used(names: Iterable[str], texts: Iterable[Text]) -> None:
    """Refuse variables that have no place.

    Raises
    ------
    ValueError
    """
    used = {place.name for text in texts for place in text.places}
    unused = [name for name in names if name not in used]
    if unused:
        raise ValueError(
            f"the simulator never gets {', '.join(map(repr, unused))}; write "
            f"{{{{{unused[0]}}}}} into a template, the command or env"
        )


def _check_format(place: Place, sample: Any) -> None:
    samples = (1.5, 1, "text") if sample is None else (sample,)
    if len(place.format) <= _LONGEST_FORMAT:
        for value in samples:
            try:
                written(value, place.format)
            except (ValueError, TypeError, OverflowError, MemoryError):
                continue
            return
    raise ValueError(
        f"{place.where}: {checks.shown(place.format)} is no format for "
        f"{place.name!r}, whose values are like {samples[0]!r}; write for example "
        f"{{{{{place.name}:.6e}}}}"
    )
