"""Spaces: the unit cube and points, both ways; plain data; what is refused."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import Bounds

from surrogo.space import Categorical, Integer, Ordinal, Real, Space, all_unit_points
from tests.strategies import spaces, spaces_and_points, spaces_and_units

EPS = np.finfo(float).eps

MIXED = Space.of(
    {
        "rate": Real(1e-4, 1.0, "log"),
        "order": Integer(1, 4),
        "mesh": Ordinal(["coarse", "medium", "fine"]),
        "solver": Categorical(["explicit", "implicit"]),
        "tolerance": Real(1e-9, 1e-3, "log", active_if={"solver": "implicit"}),
    }
)
POINT = {"rate": 0.01, "order": 3, "mesh": "fine", "solver": "explicit"}
BOX = Space.of([(0, 1), (-2.0, 2.0)])


# ---- the unit cube both ways ------------------------------------------------


@given(spaces_and_units)
def test_from_unit_stays_inside(both):
    space, U = both
    X = space.from_unit(U)
    assert X.shape == U.shape
    assert np.all(space.contains(X))


@given(spaces_and_points)
def test_to_unit_stays_in_the_cube(both):
    space, X = both
    U = space.to_unit(X)
    assert np.all((U >= 0) & (U <= 1))


@given(spaces_and_points)
def test_round_trip_gives_the_point_back(both):
    space, X = both
    back = space.from_unit(space.to_unit(X))
    for variable, x, x_back in zip(space.variables, X.T, back.T, strict=True):
        assert np.all(np.abs(x_back - x) <= error_in_x(variable, x))


@given(spaces_and_units)
def test_snapping_twice_is_snapping_once(both):
    space, U = both
    once = space.to_unit(space.from_unit(U))
    twice = space.to_unit(space.from_unit(once))
    error = [error_in_u(variable) for variable in space.variables]
    assert np.all(np.abs(twice - once) <= error)


def error_in_x(variable, x):
    """Return four units in the last place of the range, on the variable's scale."""
    if variable.kind != "real":
        return 0.0
    if variable.scale == "linear":
        return 4 * EPS * (variable.high - variable.low)
    return 4 * EPS * (1 + np.max(np.abs(ends_on_scale(variable)))) * x + 5e-324


def error_in_u(variable):
    """Return what rounding of the ends on the scale costs of the unit interval."""
    if variable.kind != "real":
        return 0.0
    if variable.scale == "linear":
        return 8 * EPS
    a, b = ends_on_scale(variable)
    return 16 * EPS * (1 + max(abs(a), abs(b))) / max(b - a, 1e-6)


def ends_on_scale(variable):
    ends = np.array([variable.low, variable.high])
    return np.log(ends) - (np.log1p(-ends) if variable.scale == "logit" else 0.0)


@given(spaces())
def test_the_faces_of_the_cube_are_the_bounds(space):
    X = space.from_unit(np.array([[0.0], [1.0]]) * np.ones(space.d))
    U = space.to_unit(X)
    for j in np.flatnonzero(space.active(X).all(axis=0)):
        variable = space.variables[j]
        if variable.kind == "real":
            assert X[:, j].tolist() == [variable.low, variable.high]
            assert U[:, j].tolist() == [[0.0, 1.0], [0.5, 0.5]][variable.levels == 1]


@given(spaces_and_units)
def test_a_point_does_not_depend_on_its_neighbours_in_the_array(both):
    space, U = both
    alone = np.vstack([space.from_unit(u[None]) for u in U])
    np.testing.assert_array_equal(space.from_unit(U), alone)
    np.testing.assert_array_equal(
        space.to_unit(alone), np.vstack([space.to_unit(x[None]) for x in alone])
    )


@given(spaces_and_units)
def test_arguments_are_not_changed(both):
    space, U = both
    U.flags.writeable = False
    X = space.from_unit(U)
    X.flags.writeable = False
    (
        space.to_unit(X),
        space.contains(X),
        space.active(X),
        space.encode(space.decode(X[0])),
    )


def test_log_and_logit_are_straight_on_their_scale():
    space = Space.of([Real(1e-6, 1e-2, "log"), Real(0.01, 0.99, "logit")])
    X = space.from_unit([[0.25, 0.5], [0.5, 0.75]])
    odds = 99**0.5
    np.testing.assert_allclose(X, [[1e-5, 0.5], [1e-4, odds / (1 + odds)]], rtol=1e-14)


def test_points_outside_go_to_the_nearest_inside():
    assert BOX.to_unit([[-1e308, 1e308]]).tolist() == [[0.0, 1.0]]
    assert BOX.from_unit([[-0.5, 1.5]]).tolist() == [[0.0, 2.0]]
    between = MIXED.to_unit([[1.0, 2.4, 1.2, 0.0, 1e-6]])
    assert between[0, 1:4].tolist() == [1.5 / 4, 1.5 / 3, 0.25]


def test_fixed_variables_sit_at_the_centre_and_come_back():
    space = Space.of([(3, 3), Integer(2, 2), Ordinal([7.0]), (0, 1)])
    assert space.to_unit([[3, 2, 7, 0.0]]).tolist() == [[0.5, 0.5, 0.5, 0.0]]
    assert space.from_unit([[0.9, 0.0, 1.0, 1.0]]).tolist() == [[3, 2, 7, 1]]
    assert space.d == 4
    assert space.d_free == 1
    assert space.levels.tolist() == [1, 1, 1, np.inf]


# ---- what a space is built from ---------------------------------------------


@pytest.mark.parametrize(
    "bounds",
    [
        [(0, 1), (-2, 2)],
        ((0, 1), [-2, 2]),
        np.array([[0, 1], [-2, 2]]),
        np.array([[0, 1], [-2, 2]], dtype=np.float32),
        Bounds([0, -2], [1, 2]),
        [Real(0, 1), (-2, 2)],
        (pair for pair in [(0, 1), (-2, 2)]),
        BOX,
    ],
)
def test_every_way_to_write_a_box_gives_the_same_space(bounds):
    assert Space.of(bounds) == BOX


def test_bounds_of_scipy_may_be_scalars():
    assert Space.of(Bounds(0, [1, 2])) == Space.of([(0, 1), (0, 2)])


def test_one_variable_is_a_space():
    assert Space.of(Integer(1, 3)) == Space.of([Integer(1, 3)])


def test_a_dict_gives_names_and_may_mix():
    space = Space.of({"a": (0, 1), "b": Integer(1, 3)})
    assert space.names == ("a", "b")
    assert space.named
    assert space.kinds == ("real", "integer")
    assert not BOX.named
    assert BOX.names == ("x0", "x1")


def test_equal_spaces_have_equal_hashes_and_survive_pickling():
    again = pickle.loads(pickle.dumps(MIXED))
    assert again == MIXED
    assert hash(again) == hash(MIXED)


@pytest.mark.parametrize(
    ("bounds", "match"),
    [
        ([], "at least one variable; give a list"),
        ({}, "at least one variable; give a list"),
        ("box", r"cannot read bounds from 'box'; give a list of \(low, high\)"),
        (None, "cannot read bounds from None"),
        (3.0, r"cannot read bounds from 3\.0"),
        (np.array(3.0), r"cannot read bounds from array\(3\.\)"),
        ((0, 1), r"bounds of x0 must be a pair \(low, high\) or a variable, got 0"),
        ([(0, 1), (0, 1, 2)], r"bounds of x1 must be a pair .* got \(0, 1, 2\)"),
        ([(0, 1), "ab"], "bounds of x1 must be a pair .* got 'ab'"),
        ([((0, 1), (2, 3))], r"bounds of x0: the lower bound must be a finite number"),
        (np.zeros((2, 3)), "bounds of x0 must be a pair"),
        ([(1, 0)], r"bounds of x0: .* must not be above .* low=1\.0, high=0\.0; swap"),
        ([(0, np.nan)], "bounds of x0: the upper bound must be a finite .* got nan"),
        ([(-np.inf, 0)], "bounds of x0: the lower bound must be a finite .* got -inf"),
        (Bounds(0, [1, np.inf]), "bounds of x1: the upper bound must be a finite"),
        ([("0", 1)], "the lower bound must be a finite number, got '0'; give a plain"),
        ([(None, 1)], "the lower bound must be a finite number, got None"),
        ([(-1e308, 1e308)], "range high - low must be a finite number, and it overf"),
        ({1: (0, 1)}, r"names of variables must be text, got \(1,\)"),
        ([Ordinal(["a", "b"])], "variable x0 has choices that are no numbers"),
        ([Ordinal([1, None])], "variable x0 has choices that are no numbers"),
        ([Ordinal([0, 2**60 + 1])], "name the variables: {'name': Ordinal"),
    ],
)
def test_bad_bounds_are_refused(bounds, match):
    with pytest.raises(ValueError, match=match):
        Space.of(bounds)


def test_names_of_a_space_are_checked():
    with pytest.raises(ValueError, match="each of the 2 variables must have a name"):
        Space(BOX.variables, ("a", "a"), True)
    with pytest.raises(ValueError, match="each of the 2 variables must have a name"):
        Space(BOX.variables, ("a",), True)


# ---- conditions -------------------------------------------------------------

CHAIN = {
    "leaf": Real(0, 1, active_if={"middle": [1, 3], "root": "a"}),
    "middle": Integer(1, 3, active_if={"root": ["a", "b"]}),
    "root": Categorical(["a", "b", "c"]),
}


@pytest.mark.parametrize(
    ("point", "there"),
    [
        ({"root": "c"}, {"root"}),
        ({"root": "b", "middle": 1}, {"root", "middle"}),
        ({"root": "a", "middle": 2}, {"root", "middle"}),
        ({"root": "a", "middle": 3, "leaf": 0.5}, {"root", "middle", "leaf"}),
    ],
)
def test_a_variable_exists_where_its_parents_say_so(point, there):
    space = Space.of(CHAIN)
    row = space.encode(point)
    assert space.decode(row) == point
    assert {space.names[j] for j in np.flatnonzero(space.active([row])[0])} == there


def test_inactive_variables_are_ignored_and_put_to_one_number():
    space = Space.of(CHAIN)
    rows = [space.encode({"root": "c", "leaf": v}) for v in (0.1, np.nan, "nonsense")]
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])
    assert space.to_unit([rows[0]])[0, :2].tolist() == [0.5, 0.5]
    gone = np.array([np.nan, np.inf, rows[0][2]])
    assert space.contains([gone]).tolist() == [True]
    np.testing.assert_array_equal(space.to_unit([gone]), space.to_unit([rows[0]]))


def test_inactive_variables_sit_at_one_half_whatever_their_bins():
    space = Space.of([Integer(0, 1), Integer(1, 4, active_if={0: 1})])
    assert space.to_unit([[0, 1], [1, 1]]).tolist() == [[0.25, 0.5], [0.75, 0.125]]
    assert space.from_unit([[0.25, 0.0]]).tolist() == [[0, 3]]


def test_inactive_variables_are_nan_without_names():
    space = Space.of([Integer(0, 1), Real(2, 3, active_if={0: 1})])
    assert space == Space.of([Integer(0, 1), Real(2, 3, active_if={0: [1]})])
    np.testing.assert_array_equal(space.decode([0, 2.5]), [0, np.nan])
    np.testing.assert_array_equal(space.decode([0, np.nan]), [0, np.nan])
    np.testing.assert_array_equal(space.decode([1, 2.5]), [1, 2.5])
    np.testing.assert_array_equal(space.encode([0, np.nan]), [0, 2.5])
    by_name = Space.of([Integer(0, 1), Real(2, 3, active_if={"x0": 1})])
    np.testing.assert_array_equal(by_name.active([[0, 2], [1, 2]])[:, 1], [False, True])


@pytest.mark.parametrize(
    ("conditions", "match"),
    [
        ({"a": {"b": 1}, "b": {"a": 1}}, r"round in a ring among \['a', 'b'\]; one of"),
        ({"a": {"b": 1}, "b": {"c": 1}, "c": {"b": 1}}, "round in a ring"),
        ({"a": {"a": 1}}, r"active_if of 'a' must name another .* \['b', 'c', 'r'\]"),
        ({"a": {"z": 1}}, "must name another variable, .* got 'z'"),
        ({"a": {7: 1}}, "must name another variable, .* got 7"),
        ({"a": {-1: 1}}, "must name another variable, .* got -1"),
        ({"a": {"r": 1}}, "must depend on an integer, ordinal .* 'r' is real; make"),
        ({"a": {"b": 5}}, r"must give values of 'b' \(an integer in \[1, 3\]\), got"),
        ({"a": {"b": [1, "x"]}}, r"must give values of 'b' .* got \[1, 'x'\]"),
    ],
)
def test_bad_conditions_are_refused(conditions, match):
    variables = {name: Integer(1, 3) for name in "abc"} | {"r": Real(0, 2)}
    for name, active_if in conditions.items():
        variables[name] = Integer(1, 3, active_if=active_if)
    with pytest.raises(ValueError, match=match):
        Space.of(variables)


# ---- points both ways -------------------------------------------------------


@given(spaces_and_points)
def test_encode_undoes_decode(both):
    space, X = both
    for row in X:
        again = space.encode(space.decode(row))
        assert again.tobytes() == row.tobytes()


@given(spaces_and_points)
def test_named_points_hold_python_values_of_what_exists(both):
    space, X = both
    if not space.named:
        return
    for row, active in zip(X, space.active(X), strict=True):
        point = space.decode(row)
        there = [j for j in range(space.d) if active[j]]
        assert list(point) == [space.names[j] for j in there]
        for j in there:
            assert type(point[space.names[j]]) in allowed_types(space.variables[j])


def allowed_types(variable):
    fixed = {"real": {float}, "integer": {int}}
    return fixed.get(variable.kind) or {type(value) for value in variable.values}


def test_points_come_in_every_form():
    row = MIXED.encode(POINT)
    numpy_types = {
        "rate": np.float64(0.01),
        "order": np.int8(3),
        "mesh": np.str_("fine"),
    }
    assert MIXED.encode(POINT | numpy_types).tolist() == row.tolist()
    assert MIXED.encode(POINT | {"order": 3.0}).tolist() == row.tolist()
    in_order = [0.01, 3, "fine", "explicit", None]
    assert MIXED.encode(in_order).tolist() == row.tolist()
    assert BOX.encode((0.5, 1)).tolist() == [0.5, 1.0]
    assert BOX.encode(np.array([0.5, 1], dtype=np.float32)).tolist() == [0.5, 1.0]
    assert Space.of([(0, 1)]).encode(0.5).tolist() == [0.5]
    assert Space.of([(0, 1)]).encode(np.array(0.5)).tolist() == [0.5]


def test_there_is_one_zero():
    rows = [BOX.encode([0.0, z]) for z in (0.0, -0.0)]
    assert rows[0].tobytes() == rows[1].tobytes()
    zero = Space.of([(-0.0, 0.0), (-0.0, 1.0)])
    assert not np.signbit(zero.from_unit([[0.0, 0.0], [1.0, 1.0]])).any()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"rate": 2.0},
            r"x must lie inside the bounds: 'rate' .* in \[0\.0001, 1\.0\]",
        ),
        ({"rate": np.nan}, "'rate' must be a number in .* got nan"),
        ({"rate": np.inf}, "'rate' must be a number in .* got inf"),
        ({"rate": "0.1"}, "'rate' must be a number in .* got '0.1'"),
        ({"rate": [0.1]}, r"'rate' must be a number in .* got \[0\.1\]"),
        ({"order": 2.5}, r"'order' must be an integer in \[1, 4\], got 2\.5"),
        ({"order": True}, "'order' must be an integer .* got True"),
        ({"order": 10**400}, "'order' must be an integer .* got 1000"),
        ({"mesh": "finer"}, r"'mesh' must be one of \['coarse', .* got 'finer'"),
        ({"mesh": 2}, "'mesh' must be one of .* got 2"),
        ({"mesh": np.array(["fine", "fine"])}, r"'mesh' must be one of .* got array"),
        ({"solver": "implicit"}, "'tolerance' must be a number .* got nothing"),
        ({"solver": "implicit", "tolerance": np.nan}, "'tolerance' must .* got nan"),
        ({"speed": 1}, r"x must have the names \['rate', .* unknown \[\"'speed'\"\]"),
    ],
)
def test_bad_named_points_are_refused(change, match):
    with pytest.raises(ValueError, match=match):
        MIXED.encode(POINT | change)


def test_missing_names_are_asked_for():
    with pytest.raises(ValueError, match=r"x0 must have .* missing \['mesh'\]"):
        MIXED.encode({k: v for k, v in POINT.items() if k != "mesh"}, "x0")


@pytest.mark.parametrize(
    ("point", "match"),
    [
        ([0.5], r"x must have 2 values, one for each of \['x0', 'x1'\], got \[0\.5\]"),
        ([0.5, 1, 1], "x must have 2 values"),
        ([[0.5, 1]], "x must have 2 values"),
        (np.zeros((2, 2)), "x must have 2 values"),
        (np.zeros((2, 1)), "x must have 2 values"),
        (0.5, r"x must have 2 values, .* got 0\.5"),
        ("ab", "x must have 2 values, .* got 'ab'"),
        (None, "x must have 2 values, .* got None"),
        ({"x0": 0.5, "x1": 1}, "must be a sequence of 2 numbers because the bounds ha"),
        ([0.5, np.nan], r"'x1' must be a number in \[-2\.0, 2\.0\], got nan"),
        ([-np.inf, 1], "'x0' must be a number in .* got -inf"),
        ([0.5, 3], "'x1' must be a number in .* got 3"),
        ([0.5, "1"], "'x1' must be a number in .* got '1'"),
        ([0.5, 1j], "'x1' must be a number in .* got 1j"),
    ],
)
def test_bad_positional_points_are_refused(point, match):
    with pytest.raises(ValueError, match=match):
        BOX.encode(point)


@pytest.mark.parametrize(
    ("call", "argument", "match"),
    [
        (BOX.to_unit, [0.5, 1.0], r"X must have shape \(n, 2\), got shape \(2,\); one"),
        (BOX.to_unit, [[0.5]], r"X must have shape \(n, 2\), got shape \(1, 1\)"),
        (BOX.to_unit, [[0.5, "1"]], "X must hold real numbers, got .*; give a number"),
        (BOX.to_unit, [[0.5], [1, 2]], "X must hold real numbers"),
        (BOX.to_unit, [[0.5, 1j]], "X must hold real numbers"),
        (BOX.to_unit, [[0.5, np.nan]], r"X must be finite, got nan at \[0, 1\]; repl"),
        (MIXED.to_unit, [[np.inf, 1, 1, 0, 1]], r"X must be finite, got inf at \[0, 0"),
        (BOX.from_unit, [[0.5, np.nan]], r"U must be finite, got nan at \[0, 1\]"),
        (BOX.from_unit, [[np.inf, 0.5]], r"U must be finite, got inf at \[0, 0\]"),
        (BOX.contains, [0.5, 1.0], r"X must have shape \(n, 2\)"),
        (BOX.active, [0.5, 1.0], r"X must have shape \(n, 2\)"),
        (BOX.decode, [0.5], r"x must have shape \(n, 2\)"),
        (BOX.decode, [0.5, np.nan], r"x must be finite, got nan at \[1\]"),
    ],
)
def test_bad_arrays_are_refused(call, argument, match):
    with pytest.raises(ValueError, match=match):
        call(argument)


def test_contains_says_no_without_raising():
    X = [[0.5, np.nan], [0.5, np.inf], [0.5, 2.5], [0.5, 2.0]]
    assert BOX.contains(X).tolist() == [False, False, False, True]


# ---- plain data -------------------------------------------------------------


@given(spaces())
def test_plain_data_survive_json(space):
    text = json.dumps(space.to_dict(), allow_nan=False)
    again = Space.from_dict(json.loads(text))
    assert again == space
    assert again.to_dict() == space.to_dict()
    assert repr(again) == repr(space)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"names": ["a"], "variables": []},
        {"names": 3, "variables": [], "named": True},
        {"names": ["a"], "variables": None, "named": True},
    ],
)
def test_what_is_no_space_is_refused(data):
    with pytest.raises(ValueError, match="these data must describe a space, got"):
        Space.from_dict(data)


# ---- all points of a discrete space -----------------------------------------


def test_all_unit_points_are_all_points():
    space = Space.of({"n": Integer(1, 40, "log"), "on": Categorical([True, False])})
    points = space.from_unit(all_unit_points(space, 80))
    assert {tuple(row) for row in points} == {
        (n, on) for n in range(1, 41) for on in (0, 1)
    }
    assert len(points) == 80
    assert all_unit_points(space, 79) is None


def test_all_unit_points_come_once_where_variables_do_not_exist():
    points = all_unit_points(
        Space.of({k: v for k, v in CHAIN.items() if k != "leaf"}), 9
    )
    assert len(points) == 3 + 3 + 1


def test_fixed_real_variables_can_be_listed_and_free_ones_cannot():
    assert all_unit_points(Space.of([(2, 2), Ordinal([1, 5])]), 9).tolist() == [
        [0.5, 0.25],
        [0.5, 0.75],
    ]
    assert all_unit_points(BOX, 10**9) is None
    assert all_unit_points(Space.of([Integer(0, 2**43)] * 100), 10**9) is None
