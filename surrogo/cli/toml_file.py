"""A TOML file whose mistakes are named with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.execution.external.errors import did_you_mean

# What people mean by what the reader of TOML complains of.
_ADVICE = {
    "Illegal character '\\n'": "; a text needs a quote at its end, on the same line",
    "Unescaped '\\": "; patterns are best in single quotes: '(\\S+)'",
    "escape": "; patterns are best in single quotes: '(\\S+)'",
    "overwrite": "; the key stands twice",
    "twice": "; put all of the section under one heading",
    "Invalid value": "; text needs quotes, and True is written true",
}
_LARGEST = 16 * 2**20  # bytes


class ConfigError(ValueError):
    """A configuration makes no sense; the text names file, line and key."""


@dataclass(frozen=True)
class TomlFile:
    """The content of a file, and where in it something stands."""

    path: Path
    text: str
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file.

        Raises
        ------
        ConfigError
            If it is no TOML.
        OSError
            If it cannot be read.
        """
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        try:
            text = raw[:_LARGEST].decode("utf-8-sig")  # Windows' editors mark it
            return cls(path, text, tomllib.loads(text))
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{path} must be UTF-8 text: {error}; save it as UTF-8"
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path} is no TOML: {error}{_advice(error)}") from None
        except RecursionError:
            raise ConfigError(f"{path} is no TOML: it is nested too deeply") from None

    def section(self, name: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        """Return a section, empty if there is none; refuse keys that nobody knows."""
        section = self.data.get(name, {})
        if not isinstance(section, dict):
            raise self.error(
                name,
                "",
                f"must be a table, got {checks.shown(section)}; write [{name}] on a "
                "line of its own",
            )
        for key in section if known is not None else ():
            self._check_key(name, key, known or ())
        return section

    def _check_key(self, section: str, key: str, known: Iterable[str]) -> None:
        known = list(known)
        if key not in known:
            value = self.data[section][key] if section else self.data[key]
            raise self.error(
                section,
                key,
                f"is not known{did_you_mean(key, known)} There are "
                f"{', '.join(known)}; got {checks.shown(value)}",
            )

    def check_sections(self, known: Iterable[str], needed: Iterable[str]) -> None:
        """Refuse sections that nobody knows, and ask for those that are missing."""
        for name in self.data:
            self._check_key("", name, known)
        for name in needed:
            if not self.data.get(name):
                raise ConfigError(f"{self.path} needs a section [{name}] with content")

    def error(self, section: str, key: str, text: str) -> ConfigError:
        """Return an error that says where it is."""
        line = self.line(section, key)
        parts = [str(self.path), f"line {line}" if line else ""]
        parts.append(f"[{section}] {key}".strip() if section else f"{key!r}")
        return ConfigError(f"{', '.join(part for part in parts if part)}: {text}")

    def line(self, section: str, key: str) -> int | None:
        """Return the line of a key in a section, or that of its heading.

        The text is searched, as the reader of TOML does not say where things are.
        """
        quote = "[\"']?"
        word = rf"{quote}{re.escape(key)}{quote}"
        heading = re.compile(rf"\s*\[+\s*{quote}{re.escape(section or key)}\b")
        in_heading = re.compile(rf"\s*\[.*\.\s*{word}\s*[\].]")
        in_line = re.compile(rf"(?:^|[\s{{,.\[]){word}\s*[=.]")
        inside, first = not section, None  # keys before all sections are in none
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            if line.lstrip().startswith("["):
                inside = heading.match(line) is not None
                first = number if inside and first is None else first
            pattern = in_heading if line.lstrip().startswith("[") else in_line
            here = inside and key and (section or pattern is in_line)
            if here and pattern.search(line):
                return number
        return first


def of_key(error: Exception, keys: Mapping[str, Any]) -> str:
    """Return the key that an error speaks of, where its text has one."""
    text = str(error)
    quoted = [key for key in keys if repr(key) in text]
    if quoted:
        return min(quoted, key=lambda key: text.index(repr(key)))
    return next((word for word in re.findall(r"\w+", text) if word in keys), "")


def _advice(error: tomllib.TOMLDecodeError) -> str:
    text = str(error)
    return next((advice for word, advice in _ADVICE.items() if word in text), "")
