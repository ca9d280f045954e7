"""Searches of PEtab problems, and what they print."""

from __future__ import annotations

import ctypes
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from surrogo.calibration import SimulationError, petab
from surrogo.calibration.petab.quiet import quiet
from tests.calibration.petab_files import (
    BOEHM,
    MEASURED,
    OBSERVABLE,
    PARAMETERS,
    TOTAL,
    ci,
    rule,
    sbml,
    write,
)

pytest.importorskip("petab.v1")
pytest.importorskip("roadrunner")

SD = {"parameterId": "sd", "parameterScale": "log", "lowerBound": 0.001}
NOISY = OBSERVABLE | {"noiseFormula": "noiseParameter1_obs"}


def noisy(folder: Path, **files: Any) -> Path:
    """Write a problem with an estimated sigma, and data of k = 0.4 and a0 = 0.7."""
    t = np.linspace(0.0, 5.0, 8)
    y = 0.7 * np.exp(-0.4 * t) + 0.01 * (-1.0) ** np.arange(8)
    own = MEASURED[0] | {"noiseParameters": "sd"}
    rows = [
        own | {"time": a, "measurement": b}
        for a, b in zip(t.tolist(), y.tolist(), strict=True)
    ]
    settings = {
        "observables": [NOISY],
        "measurements": rows,
        "parameters": [*PARAMETERS, SD],
    }
    return write(folder, **(settings | files))


@pytest.mark.parametrize("eliminate", [False, True])
def test_parameters_are_recovered(tmp_path: Path, eliminate: bool) -> None:
    problem = petab.load(noisy(tmp_path), eliminate_noise=eliminate)
    fit = problem.calibrate(max_evals=40, rng=1)
    assert fit.parameters is not None
    assert fit.parameters["k"] == pytest.approx(0.4, abs=0.02)
    assert fit.parameters["a0"] == pytest.approx(0.7, abs=0.02)
    found = fit.eliminated["obs"]["sigma"] if eliminate else fit.parameters["sd"]
    assert found == pytest.approx(0.01, abs=0.002)
    assert len(fit.to_frame()) == 8


def test_a_sigma_that_is_read_elsewhere_is_not_eliminated(tmp_path: Path) -> None:
    shared = NOISY | {"observableFormula": "A + sd"}
    path = noisy(tmp_path, observables=[shared])
    assert petab.load(path, eliminate_noise=True).eliminated == ()
    prior = {"objectivePriorType": "normal", "objectivePriorParameters": "0;1"}
    path = noisy(tmp_path, parameters=[*PARAMETERS, SD | prior])
    assert petab.load(path, eliminate_noise=True).eliminated == ()


def test_the_user_gives_points_to_begin_with() -> None:
    problem = petab.load(BOEHM)
    fit = problem.calibrate(x0=problem.nominal, max_evals=3, rng=0)
    assert fit.value <= 138.2221


def test_a_copy_from_a_pickle_is_the_same() -> None:
    problem = petab.load(BOEHM, eliminate_noise=True)
    copy = pickle.loads(pickle.dumps(problem))
    assert copy.space == problem.space
    again = pickle.loads(pickle.dumps(problem.calibration))  # what workers get
    values = [one.evaluate(problem.nominal).value for one in (problem, copy, again)]
    assert values == [values[0]] * 3


@pytest.mark.slow
def test_workers_simulate_in_processes_of_their_own(tmp_path: Path) -> None:
    problem = petab.load(noisy(tmp_path))
    fit = problem.calibrate(max_evals=8, workers=2, rng=0)
    assert fit.n_simulations == 8
    assert np.isfinite(fit.value)


def test_a_simulation_that_fails_is_on_record_and_not_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # twice' = k twice^2 is infinite at t = 1 / (k 2 a0).
    square = f"<apply><times/>{ci('k')}{ci('twice')}{ci('twice')}</apply>"
    model = sbml(rules=TOTAL + rule("twice", square, "rateRule"))
    problem = petab.load(noisy(tmp_path, model=model))
    with pytest.raises(SimulationError, match="CVODE"):
        problem.evaluate([5.0, 5.0, 0.1])
    fit = problem.calibrate(max_evals=30, rng=0)
    failed = fit.trials.in_state("failed")
    assert 0 < len(failed) < 30
    assert capfd.readouterr() == ("", "")


def test_what_c_code_prints_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    def inside() -> None:
        with quiet():
            os.write(1, b"lost")
            os.write(2, b"lost")
            raise RuntimeError("kept")

    with pytest.raises(RuntimeError, match="kept"):
        inside()
    os.write(1, b"seen")
    os.write(2, b"too")
    assert capfd.readouterr() == ("seen", "too")


@pytest.mark.skipif(os.name != "posix", reason="asks the C library")
def test_what_c_code_has_not_written_yet_is_held_back_too(
    capfd: pytest.CaptureFixture[str],
) -> None:
    libc = ctypes.CDLL(None)
    with quiet():
        libc.printf(b"lost")  # into a buffer, where the descriptor is no terminal
    libc.printf(b"seen")
    libc.fflush(None)
    assert capfd.readouterr().out == "seen"
