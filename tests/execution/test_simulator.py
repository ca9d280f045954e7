"""Programs as functions: what goes in, what comes out, and what goes wrong."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import surrogo
from surrogo import Categorical, Evaluation, ExternalSimulator, Integer, Real
from surrogo.execution import evaluate
from surrogo.execution.external import SimulatorError, SpecError

PY = "{{python}}"
LOSS = {"regex": r"loss = (\S+)"}
PARABOLA = "import sys; print('loss =', (float(sys.argv[1]) - 1) ** 2)"


@pytest.fixture
def make(tmp_path):
    """Return a maker of simulators that begin from a folder of the test."""

    def made(command, variables=("x",), value=LOSS, **options):
        given = {"root": tmp_path, "folder": "runs"} | options
        return ExternalSimulator(command, variables, value, **given)

    return made


def python(code, *arguments):
    return [PY, "-c", code, *arguments]


def runs(tmp_path):
    return sorted((tmp_path / "runs").glob("*"))


# ---- what the program gets -------------------------------------------------------


def test_a_program_is_a_function(make):
    simulator = make(python(PARABOLA, "{{x}}"))
    assert simulator({"x": 3.0}) == Evaluation(4.0)


def test_it_can_be_minimised(make):
    simulator = make(python(PARABOLA, "{{x0}}"), [(-2.0, 2.0)])
    result = surrogo.optimize(simulator, [(-2.0, 2.0)], max_evals=6, rng=0)
    assert result.nfev == 6
    assert not result.trials.in_state("failed")


def test_it_survives_pickling_with_its_templates(make, tmp_path):
    (tmp_path / "in.txt").write_text("{{x:.2f}}\n")
    code = "print('loss =', float(open('in.txt').read()))"
    simulator = pickle.loads(pickle.dumps(make(python(code), templates=["in.txt"])))
    (tmp_path / "in.txt").unlink()  # the text went along
    assert simulator({"x": 3.14159}).value == 3.14


def test_templates_keep_what_is_no_place(make, tmp_path):
    text = 'a = {{ x }}\r\n{"m": {{1,2},{3,4}}} ${x} {x} {{x:+.1e}}é'
    (tmp_path / "a.tpl").write_bytes(text.encode())
    code = "import shutil, sys; sys.stdout.buffer.write(open('sub/b','rb').read())"
    code += "; print('\\nloss = 1')"
    simulator = make(python(code), templates={"sub/b": "a.tpl"}, keep="all")
    folder = Path(simulator({"x": 0.1}).info["folder"])
    want = 'a = 0.1\r\n{"m": {{1,2},{3,4}}} ${x} {x} +1.0e-01é'
    assert (folder / "sub" / "b").read_bytes().decode() == want


def test_kinds_of_values(make):
    space = {
        "n": Integer(1, 9),
        "s": Categorical(["a b", "c"]),
        "g": Real(0, 1, active_if={"s": "c"}),
    }
    code = "import sys; print(sys.argv[1:]); print('loss = 0')"
    command = python(code, "{{n:03d}}", "--s={{s}}", "{{g:.3f}}", "{{s}}{{n}}")
    simulator = make(command, space, keep="all", inactive="none")
    folder = Path(simulator({"n": 7, "s": "a b"}).info["folder"])
    printed = (folder / "stdout.txt").read_text().splitlines()[0]
    assert printed == "['007', '--s=a b', 'none', 'a b7']"


HOSTILE = [
    "; rm -rf .",
    "$(touch broken)",
    "`touch broken`",
    "a\nb; touch broken\n",
    "--help",
    "-rf",
    "| cat > broken",
    "'\"\\ \t*",
    "{{x}} {{folder}}",
    "%PATH%",
    "é☃",
    "",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_reaches_a_shell(make, tmp_path, value):
    code = "import json, os, sys; json.dump([sys.argv[1:], os.environ['V'], open('t')"
    code += ".read(), sorted(os.listdir())], open('out.json', 'w')); print('loss = 0')"
    (tmp_path / "t").write_text("{{v}}")
    command = python(code, "{{v}}", "--v={{v}}")
    space = {"v": Categorical([value, "other"])}
    env, names = {"V": "{{v}}", "PYTHONUTF8": "1"}, ["t"]
    simulator = make(command, space, env=env, templates=names, keep="all")
    folder = Path(simulator({"v": value}).info["folder"])
    argv, variable, text, there = json.loads((folder / "out.json").read_text())
    assert argv == [value, f"--v={value}"]
    assert variable == text.replace("\r\n", "\n") == value
    assert there == ["stderr.txt", "stdout.txt", "t", "trial.json"]


@pytest.mark.parametrize("name", ["; touch broken", "$(touch broken)", "a b", "x;y"])
def test_no_name_reaches_a_shell(make, tmp_path, name):
    (tmp_path / "t").write_text("nothing")
    with pytest.raises(SpecError, match="never gets"):
        make(python(PARABOLA), [name], templates=["t"])
    (tmp_path / name).write_text("loss = 2 {{x}}")
    code = "import sys; print(open(sys.argv[1]).read())"
    simulator = make(python(code, name), templates=[name])
    assert simulator({"x": 1.0}).value == 2.0
    assert not list(tmp_path.glob("**/broken"))


def test_files_are_copied_and_linked(make, tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a").write_text("1")
    (tmp_path / "mesh").write_text("2")
    code = "import os; a = open('tables/a'); m = open('m/mesh'); print('loss =',"
    code += "int(a.read()) + int(m.read())); os.remove('tables/a'); "
    code += "assert os.path.islink('m/mesh')"
    simulator = make(
        python(code, "{{x}}"), copy=["tables"], link={"m/mesh": "mesh"}, keep="none"
    )
    assert [simulator({"x": 0.0}).value for _ in range(2)] == [3.0, 3.0]
    assert (tmp_path / "tables" / "a").exists()
    assert (tmp_path / "mesh").exists()
    assert runs(tmp_path) == []


def test_environment(make, monkeypatch):
    monkeypatch.setenv("SECRET", "1")
    monkeypatch.setenv("LICENCE", "2")
    code = "import os; e = os.environ; print('loss =', "
    code += "e.get('SECRET', '0') + e.get('LICENCE', '0') + e.get('OWN', '0'))"
    command = python(code, "{{x}}")
    for inherit, want in ((True, 123), (False, 3), (["LICENCE"], 23)):
        simulator = make(command, env={"OWN": "3"}, inherit=inherit)
        assert simulator({"x": 0.0}).value == want


def test_a_broken_python_environment_does_not_break_the_launcher(make):
    env = {"PYTHONHOME": "/nowhere", "LD_LIBRARY_PATH": "/nowhere"}
    simulator = make(["/bin/echo", "loss =", "{{x}}"], env=env)
    assert simulator({"x": 2.5}).value == 2.5


# ---- what comes out --------------------------------------------------------------

WRITES = """
import json
print("step 1 drag = 1.0\\nstep 2 drag = 2.5D+01\\nstep 3 drag = 3.0")
json.dump({"r": {"list": [1, 2, {"y": 4.5}]}, "res": [1, -2]}, open("o.json", "w"))
open("o.csv", "w").write("t, load\\n0, 10\\n1, 20\\n")
"""


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"regex": r"drag = (\S+)"}, 3.0),
        ({"regex": r"drag = (\S+)", "which": "first"}, 1.0),
        ({"regex": r"step (2) drag = (\S+)", "group": 2}, 25.0),
        ({"regex": r"^step (?P<n>\d) drag = 3", "group": "n"}, 3.0),
        ({"regex": r"(?<=2 drag = )\S+"}, 25.0),
        ({"json": "r.list[2].y", "file": "o.json"}, 4.5),
        ({"json": ["r", "list", -2], "file": "o.json", "times": -1}, -2.0),
        ({"json": "r.list.0", "file": "o.json"}, 1.0),
        ({"csv": "load", "file": "o.csv"}, 20.0),
        ({"csv": "load", "file": "o.csv", "row": 0}, 10.0),
        (lambda folder: len((folder / "o.csv").read_text()), 20.0),
    ],
)
def test_ways_to_read_a_value(make, rule, value):
    assert make(python(WRITES, "{{x}}"), value=rule)({"x": 1.0}).value == value


def test_all_parts_of_an_evaluation(make):
    simulator = (
        make(
            python(WRITES, "{{x}}"),
            value={"regex": r"drag = (\S+)", "times": 2},
            residuals={"json": "res", "file": "o.json"},
            constraints=[
                {"csv": "load", "file": "o.csv", "max": 15},
                {"regex": r"drag = (\S+)", "which": "last", "min": 4, "max": 10},
            ],
            outputs={
                "end": {"csv": "load", "file": "o.csv", "row": -1},
                "r": "hook.py:f",
            },
            cost={"json": "r.list[1]", "file": "o.json"},
        )
        if False
        else None
    )
    assert simulator is None
    simulator = make(
        python(WRITES, "{{x}}"),
        value={"regex": r"drag = (\S+)", "times": 2},
        residuals={"json": "res", "file": "o.json"},
        constraints=[
            {"csv": "load", "file": "o.csv", "max": 15},
            {"regex": r"drag = (\S+)", "which": "last", "min": 4, "max": 10},
        ],
        outputs={"end": {"csv": "load", "file": "o.csv", "row": -1}},
        cost={"json": "r.list[1]", "file": "o.json"},
    )
    out = simulator({"x": 1.0})
    assert out.value == 6.0
    assert out.residuals.tolist() == [1.0, -2.0]
    assert out.constraints.tolist() == [-5.0, 5.0, -7.0, 1.0]
    assert out.outputs.tolist() == [20.0]
    assert out.info == {"end": 20.0}
    assert out.cost == 2.0


def test_residuals_alone_are_a_value(make):
    rule = {"regex": r"drag = (\S+)"}
    out = make(python(WRITES, "{{x}}"), value=None, residuals=rule)({"x": 1.0})
    assert out.value == 1.0 + 625.0 + 9.0


def test_a_hook_of_a_file_may_return_an_evaluation(make, tmp_path):
    (tmp_path / "post.py").write_text(
        "from __future__ import annotations\n"
        "import dataclasses, surrogo\n"
        "@dataclasses.dataclass\n"
        "class Length:\n"
        "    n: int\n"
        "def read(folder):\n"
        "    n = Length(len((folder / 'stdout.txt').read_text())).n\n"
        "    return surrogo.Evaluation(n, info={'n': n})\n"
    )
    simulator = make(["/bin/echo", "{{x}}"], value="post.py:read")
    simulator = pickle.loads(pickle.dumps(simulator))
    assert simulator({"x": 1.0}).info == {"n": 4}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"regex": "lift = (.*)"}, "nothing matches 'lift = (.*)' in 'stdout.txt'"),
        ({"regex": "(step) 1"}, "'stdout.txt' has 'step' where a number should be"),
        (
            {"regex": "x", "file": "no.txt"},
            "no file 'no.txt'; its folder has o.csv, o.",
        ),
        ({"regex": "x", "file": "stderr.txt"}, "'stderr.txt', which is empty"),
        ({"json": "r.lst", "file": "o.json"}, r"no 'lst' at \['r'\], .* mean 'list'\?"),
        ({"json": "r.list[7]", "file": "o.json"}, "no 7 at .* a list of 3"),
        ({"json": "r", "file": "o.json"}, "where a number should be"),
        ({"json": "r.list", "file": "o.json"}, "where a number should be"),
        ({"json": "res", "file": "o.json"}, "must be one number, got 2"),
        ({"json": "r", "file": "o.csv"}, "'o.csv' is no JSON: "),
        ({"csv": "laod", "file": "o.csv"}, "no column 'laod', did you mean 'load'"),
        ({"csv": "load", "file": "o.csv", "row": 2}, "has 2 rows"),
        (lambda folder: "text", "must hold real numbers, got 'text'"),
    ],
)
def test_an_output_that_is_not_there(make, tmp_path, rule, words):
    simulator = make(python(WRITES, "{{x}}"), value=rule)
    with pytest.raises(SimulatorError, match=f"output 'value'.*{words}") as caught:
        simulator({"x": 1.0})
    assert str(runs(tmp_path)[0]) in caught.value.__notes__[-1]


# ---- folders ---------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "n"), [("all", 3), ("failed", 2), ("none", 0)])
def test_which_folders_stay(make, tmp_path, keep, n):
    code = "import sys; x = float(sys.argv[1]); print('loss =', 'nan' if x < 0 else x)"
    simulator = make(python(f"{code}; sys.exit(x > 1)", "{{x}}"), keep=keep)
    answers = [evaluate(simulator, {"x": x}) for x in (1.0, 2.0, -1.0)]
    assert answers[0].value == 1.0
    assert "exit code 1: loss = 2.0" in answers[1].reason
    assert ("Its folder is" in answers[1].traceback) == (keep != "none")
    assert answers[2].reason == "the value is nan"
    assert len(runs(tmp_path)) == n
    if n:
        held = [json.loads((run / "trial.json").read_text()) for run in runs(tmp_path)]
        assert sorted(one["x"]["x"] for one in held)[0] == -1.0


def test_the_reason_has_the_last_lines_of_stderr(make):
    code = "import sys; print('no', file=sys.stderr); sys.exit('mesh\\n did\\x00 not "
    code += "close\\x1b[31m')"
    answer = evaluate(make(python(code, "{{x}}")), {"x": 0.0})
    assert answer.reason.endswith("exit code 1: no mesh did? not close?[31m")
    long = python("import sys; sys.exit('y' * 9000 + 'the end')", "{{x}}")
    answer = evaluate(make(long), {"x": 0.0})
    assert answer.reason.endswith("yyythe end")
    assert len(answer.reason) < 300


def test_failures_at_two_points_have_the_same_reason(make):
    simulator = make(python("import sys; sys.exit('no licence')", "{{x}}"))
    result = surrogo.optimize(simulator, {"x": (0, 1)}, max_evals=30, rng=0)
    assert result.status == surrogo.Status.SAME_ERROR
    assert "no licence" in result.message
    assert result.nfev == 10


def test_exit_codes_of_success(make):
    code = "import sys; print('loss = 1'); sys.exit(3)"
    assert make(python(code, "{{x}}"), exit_codes=[0, 3])({"x": 0.0}).value == 1.0


def test_a_program_that_went_away(make, tmp_path):
    program = tmp_path / "prog"
    program.write_text("#!/bin/sh\necho loss = 1\n")
    program.chmod(0o755)
    simulator = make(["./prog", "{{x}}"])
    assert simulator({"x": 0.0}).value == 1.0
    program.unlink()
    with pytest.raises(SimulatorError, match=r"exit code 127: cannot start .*prog"):
        simulator({"x": 0.0})


def test_points_must_fit(make):
    simulator = make(python(PARABOLA, "{{x0}}"), ["x0"])
    assert simulator(np.array([1.0])).value == 0.0
    with pytest.raises(ValueError, match="must have 1 values"):
        simulator(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="'x00', did you mean 'x0'"):
        simulator({"x00": 1.0})


# ---- what is refused before any evaluation ---------------------------------------

OK = ["/bin/echo", "{{x}}"]


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ({"command": "echo {{x}}"}, "command", "a list of texts .* got 'echo"),
        ({"command": []}, "command", "a list of texts"),
        ({"command": ["echo", 3]}, "command", "a list of texts"),
        ({"command": ["no-such-program-1", "{{x}}"]}, "command", "not on the PATH"),
        ({"command": ["./beem", "{{x}}"]}, "command", "beem does not exist; build it"),
        ({"command": ["./plain", "{{x}}"]}, "command", "chmod \\+x"),
        ({"command": ["{{x}}", "-f"]}, "command", "the same for all points"),
        (
            {"command": ["echo", "{{y}}"]},
            "command",
            "1 of the command: {{y}} is no v",
        ),
        ({"command": ["echo", "{{x:q}}"]}, "command", "'q' is no format for 'x'"),
        (
            {"command": ["echo", "{{x:99999999999999999999999f}}"]},
            "command",
            "format",
        ),
        ({"command": ["echo", "x"]}, "variables", "never gets 'x'"),
        ({"templates": ["no.txt"]}, "templates", "there is no file .*no.txt"),
        ({"templates": ["bad"]}, "templates", "must be UTF-8"),
        ({"templates": ["."]}, "templates", "folder of a trial|must be a file"),
        ({"templates": {"../up": "plain"}}, "templates", "inside the folder"),
        ({"templates": {"/abs": "plain"}}, "templates", "inside the folder"),
        ({"templates": 3}, "templates", "list of files"),
        ({"templates": ["typo"]}, "templates", "typo, line 2: {{hight}} is no .* 'hei"),
        ({"copy": ["plain"], "link": ["plain"]}, "templates", "called 'plain'"),
        ({"copy": {"stdout.txt": "plain"}}, "templates", "are taken"),
        ({"copy": ["nothing"]}, "copy", "there is no file"),
        ({"variables": ["folder"]}, "variables", "must not be called 'folder'"),
        ({"variables": {"x": (1, 0)}}, "variables", "lower bound"),
        ({"value": None}, "value", "there must be a rule"),
        ({"value": {}}, "value", "needs one of 'regex'"),
        ({"value": {"regx": "1"}}, "value", "needs one of 'regex'"),
        ({"value": {"regex": "(", "file": "a"}}, "value", "is no regular expression"),
        ({"value": {"regex": "a", "fiel": "a"}}, "fiel", "did you mean 'file'"),
        ({"value": {"regex": "a", "group": 1}}, "value", "put parentheses"),
        ({"value": {"regex": "a", "which": "2nd"}}, "value", "'all', 'first', 'last'"),
        ({"value": {"regex": "a", "file": "../a"}}, "value", "inside the folder"),
        ({"value": {"regex": "a", "max": 3}}, "max", "has no key 'max'"),
        ({"value": {"json": "a..b", "file": "a"}}, "value", "a path in JSON"),
        ({"value": {"csv": "a", "row": "last"}}, "value", "row"),
        ({"value": {"csv": "a", "delimiter": ";;"}}, "value", "one character"),
        ({"value": "post.py"}, "value", "'file.py:function'"),
        ({"value": "no.py:f"}, "value", "there is no file"),
        ({"value": "hook.py:g"}, "value", "has no function 'g'"),
        ({"value": "raises.py:g"}, "value", "cannot be loaded: ZeroDivisionError"),
        ({"constraints": [{"regex": "a", "max": "b"}]}, "constraints", "finite number"),
        ({"outputs": 3}, "outputs", "a rule or a list"),
        ({"keep": "some"}, "keep", "'all', 'failed', 'none'"),
        ({"timeout": 0}, "timeout", "above 0"),
        ({"memory": -1}, "memory", "above 0"),
        ({"output_limit": "1 GB"}, "output_limit", "finite number"),
        ({"licence": {"name": "a"}}, "licence", "such as"),
        ({"licence": {"name": "../a", "tokens": 1}}, "licence", "letters"),
        ({"licence": {"name": "a", "tokens": 0}}, "licence", "at least 1"),
        ({"env": {"A=B": "1"}}, "env", "names to texts"),
        ({"env": {"A": 1}}, "env", "names to texts"),
        ({"inherit": "PATH"}, "inherit", "true, false or a list"),
        ({"exit_codes": []}, "exit_codes", "list"),
        ({"folder": "plain/sub"}, "folder", "can be written"),
        ({"folder": "a\0b"}, "folder", "NUL"),
        ({"copy": ["."]}, "copy", "are made inside"),
        ({"copy": ["runs"], "folder": "runs"}, "copy", "are made inside"),
    ],
)
def test_mistakes_are_named_before_any_evaluation(make, tmp_path, options, key, words):
    (tmp_path / "plain").write_text("")
    if options.get("copy") == ["runs"]:
        (tmp_path / "runs").mkdir()
    (tmp_path / "typo").write_text("{{height}}\n{{hight}} {{x}}")
    (tmp_path / "bad").write_bytes(b"\xff{{x}}")
    (tmp_path / "hook.py").write_text("def f(folder): return 1")
    (tmp_path / "raises.py").write_text("1 / 0")
    if options.get("templates") == ["typo"]:
        options = options | {"variables": ["x", "height"]}
    with pytest.raises(SpecError, match=words) as caught:
        make(**({"command": OK} | options))
    assert caught.value.key == key
    assert runs(tmp_path) == []


def test_errors_survive_pickling():
    error = pickle.loads(pickle.dumps(SpecError("key", "text")))
    assert (error.key, str(error)) == ("key", "text")
