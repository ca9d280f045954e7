"""Find out whether the function is a sum, and then search it along lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from surrogo.checks import FloatArray
from surrogo.optimizers import separable
from surrogo.optimizers.arms_memory import (
    CORNER,
    LINE,
    STAR,
    Answer,
    ArmsMemory,
    Descent,
)
from surrogo.optimizers.base import View
from surrogo.optimizers.failures import of_the_place
from surrogo.optimizers.lines import Lines
from surrogo.optimizers.nearness import same
from surrogo.optimizers.trust_region import LARGEST

_TESTS = 2  # of the sum, after the first: at 2 d and at 4 d samples


def corner(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray | None, ArmsMemory]:
    """Return the point (d,) that tells whether changes add up.

    None where no point can tell. While values of the star are still to come, the point
    is where it will most likely be; what it tells is seen when they are all there.
    """
    if len(descent.star[0]) == 1:  # a function of one variable
        lines = _lines(descent)
        return None, replace(memory, separable="yes", lines=lines) if lines else memory
    u = separable.corner(np.array(descent.star), descent.values, view.failed)
    if u is None:
        return None, replace(memory, separable="no")
    memory = replace(memory, separable="testing")
    return u, memory.asking(view, CORNER, u)


def _lines(descent: Descent) -> Lines | None:
    """Return the lines of a star; None if a value is not known, or too large to add."""
    star, values, d = descent.star, descent.values, len(descent.star[0])
    known = [k for k, value in enumerate(values) if value is not None]
    y = np.array([values[k] for k in known])
    if known[: d + 1] != list(range(d + 1)) or np.max(np.abs(y)) > LARGEST:
        return None
    S = np.array(star)[known]
    return Lines.of(S[0], float(y[0]), S[1:], y[1:])


def take_in_corner(memory: ArmsMemory, answer: Answer) -> ArmsMemory:
    """Return the memory after a value that should be a sum; if it is not, no lines.

    The first one is waited for again where it came before all values of the star. If it
    failed nothing is known.
    """
    lines, asked = memory.lines, answer.asked
    if lines is None and answer.failed:
        return replace(memory, separable="unknown")
    if memory.separable == "testing" and memory.waits_for(STAR):
        return replace(memory, asked=[*memory.asked, asked])
    if lines is not None and not np.isfinite(answer.value):
        return memory  # no evidence
    tests = 0 if lines is None else lines.tests + 1
    lines = lines or (_lines(memory.descent) if memory.descent else None)
    if lines is None:
        return replace(memory, separable="no")
    predicted = separable.sum_at(lines, np.array(asked.u))
    if predicted is None:
        return memory if memory.lines else replace(memory, separable="unknown")
    if not separable.adds_up(lines, predicted, answer.value):
        return replace(memory, separable="no", lines=None)
    return replace(memory, separable="yes", lines=replace(lines, tests=tests))


def _weighed(view: View, lines: Lines) -> Lines:
    """Return the lines with the failures barred that were to be expected.

    What was taken for the place may turn out to be bad luck, and the other way round.
    """
    if not any(line.failed for line in lines.lines):
        return lines
    expected = of_the_place(view)
    return lines.weighed(set(view.failed_ids[expected].tolist()))


def next_point(
    view: View, memory: ArmsMemory, lines: Lines, rng: Generator
) -> tuple[FloatArray, ArmsMemory]:
    """Return the next sample along a coordinate, or put the sum to the test again."""
    lines = separable.with_steps(_weighed(view, lines), rng)
    memory = replace(memory, lines=lines)
    d = len(lines.lines)
    due = lines.tests < _TESTS and lines.turn >= 2 * d * (1 + lines.tests)
    if due and d > 1 and not memory.waits_for(CORNER):
        u = separable.other_point(lines, rng)
        if not np.any(same(view.everything, u)):  # else another one in the next turn
            return u, memory.asking(view, CORNER, u)
    running = [one.sample for one in memory.waits_for(LINE) if one.sample]
    for u in separable.together(lines, running):
        if not np.any(same(view.everything, u)):
            return u, memory
    sample, lines = separable.next_sample(lines, running)
    u = lines.at(sample.i, sample.t)
    return u, replace(memory, lines=lines).asking(view, LINE, u, sample=sample)
