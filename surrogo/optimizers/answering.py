"""What the arms of the default strategy make of the results they have waited for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from surrogo.optimizers import arms_memory, descents, line_arm, promises, walking
from surrogo.optimizers.arms_memory import (
    CORNER,
    FINISH,
    LINE,
    STAR,
    STEP,
    Answer,
    ArmsMemory,
)
from surrogo.optimizers.base import View
from surrogo.optimizers.failures import of_the_place


def take_in(view: View, memory: ArmsMemory) -> ArmsMemory:
    """Return the memory after the results that an arm has waited for."""
    here, left = arms_memory.answers(view, memory.asked)
    here = _with_luck(view, here)
    memory = replace(memory, asked=left)
    with np.errstate(over="ignore", invalid="ignore"):  # values near 1e308
        steps = sum(answer.asked.arm == STEP for answer in here)
        for answer in sorted(here, key=_turn):
            memory = _take_in(memory, answer, steps)
        return _walked(view, memory, here)


def _turn(answer: Answer) -> bool:
    """Say whether an answer is to be taken in last: a corner needs the whole star."""
    return answer.asked.arm == CORNER


def _with_luck(view: View, here: list[Answer]) -> list[Answer]:
    """Return the answers, those marked that failed by bad luck."""
    if not any(answer.failed for answer in here):
        return here
    placed = {view.failed_ids[k] for k in np.flatnonzero(of_the_place(view))}
    return [
        replace(one, unlucky=one.failed and one.asked.id not in placed) for one in here
    ]


def _take_in(memory: ArmsMemory, answer: Answer, steps: int) -> ArmsMemory:
    """Return the memory after a result, of a walk excepted, which came with steps."""
    asked, value, descent = answer.asked, answer.value, memory.descent
    if asked.arm == STAR and descent:
        return replace(memory, descent=descent.with_value(asked.k, value))
    if asked.arm == STEP and answer.failed and descent:
        if answer.unlucky:
            return memory
        region = promises.barred(descent.region)
        return replace(memory, descent=replace(descent, region=region))
    if asked.arm == STEP and descent and asked.promise:
        return replace(
            memory, descent=descents.judged(descent, asked.promise, value, steps)
        )
    if asked.arm == LINE and memory.lines and asked.sample:
        lines = memory.lines.with_sample(asked.sample, value, asked.id)
        return replace(memory, lines=lines)
    return line_arm.take_in_corner(memory, answer) if asked.arm == CORNER else memory


def _walked(view: View, memory: ArmsMemory, here: list[Answer]) -> ArmsMemory:
    """Let the walk go on; what it did not need may be needed while others run."""
    descent = memory.descent
    if descent is None or descent.walk is None:
        return memory
    mine = [answer for answer in here if answer.asked.arm == FINISH]
    descent = replace(descent, walk=walking.advance(descent.walk, mine, view))
    kept = [answer.asked for answer in mine] if memory.waits_for(FINISH) else []
    return replace(memory, descent=descent, asked=[*kept, *memory.asked])
