"""Hypothesis strategies that the tests share: spaces, their points, and records.

They reach for the ends of floating point on purpose: bounds a few units in the last
place apart, subnormal numbers, ranges that nearly overflow.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from surrogo.evaluation import Evaluation
from surrogo.space import Space
from surrogo.trials import Trials
from surrogo.variables import Categorical, Integer, Ordinal, Real

LARGEST_INTEGER = 2**43  # what Integer allows
BELOW_1 = math.nextafter(1.0, 0.0)

_ENDS = {
    "linear": st.floats(-1.7e308, 1.7e308),
    "log": st.floats(5e-324, 1.7e308),
    "logit": st.floats(5e-324, BELOW_1),
}

finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=5)
plain_values = st.none() | st.booleans() | st.integers() | finite | texts
# What users put into `info`: plain data, NumPy's types, and things that are neither.
anything = st.recursive(
    plain_values
    | st.floats()
    | st.sampled_from([np.float32("nan"), np.int8(3), np.arange(3), 1j, b"x", object])
    | arrays(np.float64, st.integers(0, 3)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(texts | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def reals(draw):
    """Real variables of every scale: wide, narrow to the last place, and fixed."""
    scale = draw(st.sampled_from(sorted(_ENDS)))
    low = draw(_ENDS[scale])
    near = st.integers(0, 20).map(lambda n: low + n * math.ulp(low))
    low, high = sorted([low, draw(_ENDS[scale] | near)])
    if scale == "logit":
        high = min(high, BELOW_1)
    if math.isinf(high - low):
        low, high = low / 2, high / 2
    return Real(low, high, scale)


@st.composite
def integers(draw):
    """Integer variables of both scales: wide, narrow, and fixed."""
    scale = draw(st.sampled_from(["linear", "log"]))
    lowest = {"linear": -LARGEST_INTEGER, "log": 1}[scale]
    low = draw(st.integers(lowest, LARGEST_INTEGER))
    near = st.integers(low, min(low + 10, LARGEST_INTEGER))
    return Integer(low, draw(st.integers(low, LARGEST_INTEGER) | near), scale)


@st.composite
def choices(draw, numeric=False):
    """Ordinal and categorical variables, of numbers or of anything allowed."""
    cls = draw(st.sampled_from([Ordinal, Categorical]))
    values = finite | st.booleans() | st.integers(-9, 9) if numeric else plain_values
    return cls(draw(st.lists(values, min_size=1, max_size=5, unique=True)))


def variables(numeric=False):
    """Variables of every kind."""
    return reals() | integers() | choices(numeric)


@st.composite
def spaces(draw, max_d=5):
    """Spaces of every kind of variable, named or not, with chains of conditions."""
    named = draw(st.booleans())
    made = draw(st.lists(variables(not named), min_size=1, max_size=max_d))
    d = len(made)
    column = draw(st.permutations(range(d)))  # so that children may precede parents
    names = [f"x{j}" for j in range(d)]
    if named:
        names = draw(st.lists(texts, min_size=d, max_size=d, unique=True))
    for j in range(1, d):
        parent = draw(st.integers(0, d - 1))
        if parent < j and made[parent].kind != "real":
            values = draw(_some_values(made[parent]))
            key = draw(st.sampled_from([column[parent], names[column[parent]]]))
            made[j] = replace(made[j], active_if={key: values})
    ordered = [made[column.index(j)] for j in range(d)]
    if named:
        return Space.of(dict(zip(names, ordered, strict=True)))
    return Space.of(ordered)


def _some_values(variable):
    if variable.kind == "integer":
        value = st.integers(variable.low, variable.high)
    else:
        value = st.sampled_from(variable.values)
    return st.lists(value, min_size=1, max_size=3)


def units(space, max_n=3):
    """Points (n, d) of the unit cube, with a liking for its faces."""
    faces = st.sampled_from([0.0, 0.5, 1.0, 5e-324, BELOW_1])
    shape = st.tuples(st.integers(1, max_n), st.just(space.d))
    return arrays(np.float64, shape, elements=st.floats(0.0, 1.0) | faces)


def points(space, max_n=3):
    """Points (n, d) of a space: rows of X."""
    return units(space, max_n).map(space.from_unit)


spaces_and_units = spaces().flatmap(lambda s: st.tuples(st.just(s), units(s)))
spaces_and_points = spaces().flatmap(lambda s: st.tuples(st.just(s), points(s)))


def _optional(strategy):
    return st.none() | strategy


def evaluations():
    """Evaluations that a record takes: finite where it counts, anything elsewhere."""
    vectors = arrays(np.float64, st.integers(1, 4), elements=finite)
    any_array = arrays(np.float64, st.sampled_from([(), (2,), (2, 2)]))
    return st.builds(
        Evaluation,
        finite,
        constraints=_optional(vectors),
        residuals=_optional(vectors),
        outputs=_optional(any_array),
        gradient=_optional(any_array),
        noise_var=_optional(finite.map(abs)),
        cost=_optional(finite),
        info=_optional(st.dictionaries(texts, anything, max_size=3)),
    )


def _ask(draw, trials):
    memory = draw(_optional(st.dictionaries(texts, anything, max_size=2)))
    trials.ask(draw(points(trials.space)), memory, draw(st.integers(0, 3)))


def _end(draw, trials):
    running = trials.in_state("running")
    if running:
        trial = draw(st.sampled_from(running))
        trials.end(trial.id, draw(evaluations()), draw(_optional(finite)))


def _fail(draw, trials):
    running = trials.in_state("running")
    if running:
        id = draw(st.sampled_from(running)).id
        trials.fail(id, draw(st.text()), draw(texts), draw(_optional(finite)))


def _add(draw, trials):
    trials.add(draw(points(trials.space, max_n=1))[0], draw(evaluations()))


def _budget(draw, trials):
    trials.budget(draw(_optional(st.integers(0, 99))))


@st.composite
def records(draw, max_events=8):
    """Records of runs: asks, ends, failures, additions and budgets in any order."""
    trials = Trials(draw(spaces(max_d=3)))
    kinds = st.sampled_from([_ask, _end, _fail, _add, _budget])
    for act in draw(st.lists(kinds, max_size=max_events)):
        act(draw, trials)
    return trials
