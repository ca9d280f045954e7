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
from surrogo.optimizers.lines import Lines


def corner(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray | None, ArmsMemory]:
    """Return the point (d,) that tells whether changes add up, once the star is known.

    None while values of the star are missing, or where no point can tell.
    """
    known = [value for value in descent.values if value is not None]
    if len(known) < len(descent.values):
        waits = memory.waits_for(STAR)
        return None, memory if waits else replace(memory, separable="no")
    S, y = np.array(descent.star), np.array(known)
    lines = Lines.of(S[0], float(y[0]), S[1:], y[1:])
    if len(lines.lines) == 1:
        return None, replace(memory, separable="yes", lines=lines)
    found = separable.corner(lines, S[0])
    if found is None:
        return None, replace(memory, separable="no")
    u, predicted = found
    memory = replace(memory, separable="testing", lines=lines)
    return u, memory.asking(view, CORNER, u, predicted=predicted)


def take_in(memory: ArmsMemory, lines: Lines, answer: Answer) -> ArmsMemory:
    """Return the memory after the value of a sample, or of a point that tells.

    Where a value is not the sum it should be, the lines are forgotten.
    """
    asked, value = answer.asked, answer.value
    if asked.sample:
        return replace(memory, lines=lines.with_sample(asked.sample, value))
    if not separable.adds_up(lines, asked.predicted, value):
        return replace(memory, separable="no", lines=None)
    again = memory.separable == "yes"
    return replace(memory, separable="yes", lines=replace(lines, verified=again))


def next_point(
    view: View, memory: ArmsMemory, lines: Lines, rng: Generator
) -> tuple[FloatArray, ArmsMemory]:
    """Return the next sample along a coordinate, or put the sum to the test again."""
    lines = separable.with_steps(lines, rng)
    memory = replace(memory, lines=lines)
    doubted = not lines.verified and len(lines.lines) > 1
    if doubted and not memory.waits_for(CORNER) and separable.is_down(lines):
        u, predicted = separable.other_point(lines, rng)
        return u, memory.asking(view, CORNER, u, predicted=predicted)
    busy = {one.sample.i for one in memory.waits_for(LINE) if one.sample}
    sample, lines = separable.next_sample(lines, busy)
    u = lines.at(sample.i, sample.t)
    return u, replace(memory, lines=lines).asking(view, LINE, u, sample=sample)
