"""The command line: runs, redone runs, and mistakes that are told in one line."""

import subprocess

import pytest

from benchmarks import __main__ as command_line
from benchmarks.harness import environments, store
from benchmarks.solvers import base
from tests.benchmarks import bad_solvers

pytestmark = pytest.mark.usefixtures("bowls")


def test_command_line_runs_and_says_what_is_wrong(tmp_path, capsys):
    run = ["run", "bowls", "--solvers", "good", "--results", str(tmp_path)]
    assert command_line.main([*run, "--instances", "1", "--jobs", "1"]) == 0
    assert len(store.load(tmp_path / "bowls")) == 2
    assert command_line.main([*run]) == 0
    assert len(store.load(tmp_path / "bowls")) == 4
    assert command_line.main(["run", "nothing"]) == 2
    assert "table must be one of" in capsys.readouterr().err
    assert command_line.main([*run[:3], "nobody"]) == 2
    assert "solver must be one of" in capsys.readouterr().err
    assert command_line.main(["environment", "nowhere"]) == 2
    assert "environment must be one of" in capsys.readouterr().err
    assert command_line.main(["list"]) == 0
    assert "core" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--functions", "three"], "functions must be of those of bowls"),
        (["--instances", "3"], "instances must be of those of bowls, [1, 2]"),
        (["--solvers", "good", "sums squares"], "has no residuals"),
        (["--results", "/proc/nowhere"], "No such file or directory"),
        (["--results", __file__], "Not a directory"),
    ],
)
def test_mistakes_are_told_before_anything_runs(tmp_path, capsys, arguments, match):
    run = ["run", "bowls", "--solvers", "good", "--results", str(tmp_path)]
    assert command_line.main([*run, *arguments]) == 2
    assert match in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.jsonl"))


@pytest.mark.parametrize(
    "arguments", ["--jobs 0", "--jobs -1", "--jobs x", "--cpu 0", "--cpu inf"]
)
def test_numbers_out_of_range_are_refused(capsys, arguments):
    with pytest.raises(SystemExit):
        command_line.main(["run", "bowls", *arguments.split()])
    assert f"argument {arguments.split()[0]}" in capsys.readouterr().err


def test_a_choice_without_runs_is_a_mistake(capsys):
    run = ["run", "bbob-5", "--solvers", "smt-ego", "--functions", "f05"]
    assert command_line.main(run) == 2
    assert "bbob-5 has no runs of these solvers" in capsys.readouterr().err


def test_reports_of_what_is_not_there(tmp_path, capsys):
    report = ["--results", str(tmp_path)]
    assert command_line.main(["report", "nothing", *report]) == 2
    assert "table must be one of" in capsys.readouterr().err
    assert command_line.main(["report", "bbob-5", *report]) == 2
    assert "no folder of results" in capsys.readouterr().err
    (tmp_path / "bbob-5").mkdir()
    assert command_line.main(["report", "bbob-5", *report]) == 2
    assert "python -m benchmarks run bbob-5" in capsys.readouterr().err


def test_an_environment_made_by_half_does_not_count(tmp_path, monkeypatch, capsys):
    def pip(command, check):
        if "torch" in command[-1]:
            raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setenv("SURROGO_ENVIRONMENTS", str(tmp_path))
    monkeypatch.setattr(
        environments.venv, "create", lambda path, **_: path.mkdir(exist_ok=True)
    )
    monkeypatch.setattr(environments.subprocess, "run", pip)
    assert command_line.main(["environment", "torch"]) == 2
    assert "exit status 1" in capsys.readouterr().err
    assert environments.python("torch") is None
    for _ in range(2):
        assert command_line.main(["environment", "light"]) == 0
    assert environments.python("light") == tmp_path / "light" / "bin" / "python"


def test_runs_can_be_forgotten_and_made_again(tmp_path, capsys):
    run = ["run", "bowls", "--solvers", "good", "--results", str(tmp_path)]
    assert command_line.main(run) == 0
    before = store.load(tmp_path)
    assert command_line.main(run) == 0
    assert "all 4 runs are there" in capsys.readouterr().out
    assert command_line.main([*run, "--redo", "--instances", "2"]) == 0
    after = store.load(tmp_path)
    assert after[:2] == [r for r in before if r["instance"] == 1]
    assert sorted(map(store.key, after)) == sorted(map(store.key, before))
    assert not list(tmp_path.rglob("*.new"))


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"pace": "Fast"}, "pace must be one of"),
        ({"name": "a/b"}, "a solver's name must be made of letters"),
        ({"name": "a|b"}, "a solver's name must be made of letters"),
    ],
)
def test_solvers_that_cannot_be(fields, match):
    with pytest.raises(ValueError, match=match):
        base.Solver(**{"name": "x", "solve": bad_solvers.good, **fields})


def test_an_environment_that_nobody_knows(monkeypatch, capsys):
    typo = base.Solver("typo", bad_solvers.good, environment="ligth")
    monkeypatch.setitem(base.SOLVERS, "typo", typo)
    assert command_line.main(["run", "bowls", "--solvers", "typo"]) == 2
    assert "the environment of typo must be one of" in capsys.readouterr().err


def test_a_file_that_cannot_be_imported_is_named(tmp_path, monkeypatch):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "__init__.py").touch()
    (tmp_path / "broken" / "mine.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"mine.py cannot be imported"):
        base.find_all("broken")
