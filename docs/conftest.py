"""Pages whose libraries are not installed are not run."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("roadrunner") and find_spec("petab") else ["petab.md"]
