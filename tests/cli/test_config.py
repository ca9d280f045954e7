"""Configurations: what they may say, and how each mistake in one is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import surrogo
from surrogo import Categorical, Integer, Ordinal, Real
from surrogo.cli.config import Config
from surrogo.cli.run import exit_code, report, run, store_of
from surrogo.cli.toml_file import ConfigError, TomlFile

GOOD = """\
[variables]
x = [-2, 2]

[simulator]
command = ["{{python}}", "parabola.py", "{{x}}"]
copy = ["parabola.py"]
keep = "none"

[outputs]
value = { regex = 'loss = (\\S+)' }

[run]
max_evals = 5
seed = 0
"""


@pytest.fixture
def write(tmp_path):
    """Return a writer of configurations beside a small program."""
    code = "import sys; print('loss =', (float(sys.argv[1]) - 1) ** 2)"
    (tmp_path / "parabola.py").write_text(code)

    def written(text=GOOD, **changes):
        for old, new in changes.get("change", {}).items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "run.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_configuration_runs(write, tmp_path, monkeypatch):
    monkeypatch.chdir("/")  # paths begin from the configuration
    result = run(write())
    assert result.nfev == 5
    assert exit_code(result) == 0
    assert surrogo.load(tmp_path / "run.db").fun == result.fun
    there = {path.name.partition(".db")[0] for path in tmp_path.iterdir()}
    assert there == {"parabola.py", "run", "run.toml", "simulations"}


def test_a_run_goes_on_only_when_asked_to(write, tmp_path):
    with pytest.raises(ConfigError, match="no run to resume"):
        run(write(), resume=True)
    run(write())
    with pytest.raises(ConfigError, match="holds a run already; --resume goes on"):
        run(write())
    result = run(write(change={"= 5": "= 7"}), resume=True)
    assert result.nfev == 7
    with pytest.raises(ConfigError, match=r"line 12, \[run\]: .*another space: x is"):
        run(write(change={"-2, 2": "-3, 2"}), resume=True)


def test_a_store_and_prior_values_with_names(write, tmp_path):
    run(write())
    path = write(change={"seed = 0": "seed = 1\nstore = 'b.db'\nprior = 'run.db'"})
    result = run(path)
    assert result.nfev == 10 or len(result.trials) == 10
    assert (tmp_path / "b.db").exists()


def test_all_kinds_of_variables(write):
    text = """
[variables]
a = [0, 1]
b = { low = 1e-3, high = 1.0, scale = "log" }
c = { kind = "integer", low = 1, high = 9 }
d = ["steel", "oak wood"]
e = { values = [1, 2.5, "x"] }
f = { kind = "ordinal", values = [1, 2, 4] }
"two words" = { low = 0, high = 1, active_if = { d = "steel", c = [1, 2] } }
[simulator]
command = ["/bin/echo", "{{a}} {{b}} {{c}} {{d}} {{e}} {{f}} {{two words}}"]
[outputs]
value.regex = '(\\S+)'
"""
    config = Config.read(write(text))
    assert dict(zip(config.space.names, config.space.variables, strict=True)) == {
        "a": Real(0, 1),
        "b": Real(1e-3, 1, scale="log"),
        "c": Integer(1, 9),
        "d": Categorical(["steel", "oak wood"]),
        "e": Categorical([1, 2.5, "x"]),
        "f": Ordinal([1, 2, 4]),
        "two words": Real(0, 1, active_if={"d": "steel", "c": [1, 2]}),
    }
    assert store_of(config) == config.file.path.with_suffix(".db")


COMMAND = 'command = ["{{python}}", "parabola.py", "{{x}}"]'
VALUE = "value = { regex = 'loss = (\\S+)' }"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        # sections
        ("[variables]", "[variabels]", 1, "'variabels': is not known, did you mean 'v"),
        ("[run]", "[run.more]", 12, r"\[run\] more: is not known"),
        ("[outputs]", "[output]", 9, "'output': is not known, did you mean 'outputs'"),
        ("x = [-2, 2]", "", None, r"needs a section \[variables\]"),
        # keys
        ("keep =", "kepe =", 7, r"\[simulator\] kepe: .*mean 'keep'.* got 'none'"),
        ("copy =", "'copy ' =", 6, "is not known, did you mean 'copy'"),
        ("max_evals", "max_eval", 13, r"\[run\] max_eval: .*mean 'max_evals'"),
        ("value =", "values =", 10, r"\[outputs\] values: .*mean 'value'"),
        ("regex =", "regx =", 10, "needs one of 'regex'"),
        ("S+)' }", "S+)', fiel = 'a' }", 10, r"fiel: .* mean 'file'"),
        (
            "[outputs]",
            "[outputs.outputs]\na.regex = 1\n[outputs]",
            9,
            "regex must be t",
        ),
        ("keep", "[simulator.licence]\ntoken = 2\nkeep", 7, "licence"),
        ("keep", "[simulator.env]\nOMP = 2\nkeep", 7, r"\[simulator\] env: .*OMP.: 2"),
        # variables
        ("[-2, 2]", "[2, -2]", 2, r"\[variables\] x: the lower bound"),
        ("[-2, 2]", "[1, 2, 3]", 2, r"must be \[low, high\] or a list of texts"),
        ("[-2, 2]", "[false, true]", 2, "a choice of numbers, or of true and false"),
        ("2]", "2]\n'$(a)' = [0, 1]", 3, r"never gets '\$\(a\)'"),
        ("[variables]\n", "", 1, "'x': is not known. There are variables"),
        ("[-2, 2]", "'2'", 2, r"must be \[low, high\].* got '2'"),
        ("[-2, 2]", "{ low = 1 }", 2, "high is missing"),
        ("[-2, 2]", "{ low = 1, hihg = 2 }", 2, "hihg: .*did you mean 'high'"),
        (
            "[-2, 2]",
            "{ kind = 'int', low = 1, high = 2 }",
            2,
            "must be one of .*'integ",
        ),
        (
            "[-2, 2]",
            "{ low = 0, high = 1, scale = 'log' }",
            2,
            "x: .*needs a lower bou",
        ),
        (
            "2]",
            "2]\ny = {low = 0, high = 1, active_if = {z = 1}}",
            3,
            "y: active_if of",
        ),
        ("2]", "2]\ny = [0, 1]", 3, "never gets 'y'"),
        ("x = [", "X = [", 5, r"{{x}} is no variable, did you mean 'X'"),
        # programs, files, outputs
        (COMMAND, "", 4, r"\[simulator\]: needs a command"),
        (COMMAND, "command = 'echo {{x}}; rm -rf *'", 5, "command: .*list of texts"),
        ("{{python}}", "pythn3", 5, r"command: there is no program 'pythn3'"),
        ("{{python}}", "./fin", 5, "fin does not exist; build it"),
        ("'loss", "'(loss", 10, "is no regular expression"),
        (
            'copy = ["parabola.py"]',
            "templates = ['fin.in']",
            6,
            "there is no file .*fin",
        ),
        (VALUE, "value = 'loss'", 10, "must be a rule such as"),
        (VALUE, "value = 3", 10, "the value rule must be a table such as .*, got 3"),
        ("= (\\S", "= (a|b)(\\S", 10, "has 2 groups; say with group = 1"),
        ('"none"', '"none"\nmemory = "4GB"', 8, r"memory \(in bytes\) must be a fin"),
        (VALUE, "cost = { regex = '(1)' }", None, "there must be a rule for the value"),
        ('"none"', '"nothing"', 7, r"keep must be one of 'all', 'failed', 'none'"),
        ('"none"', '"none"\ntimeout = "1 h"', 8, "timeout .in seconds. must be a fini"),
        # the run
        ("= 5", "= 0", 13, r"\[run\] max_evals: .*max_evals"),
        ("= 5", "= '5'", 13, "max_evals"),
        ("seed = 0", "seed = 'a'", 14, r"\[run\] seed: "),
        ("seed = 0", "workers = 0", 14, r"\[run\] workers: "),
        ("seed = 0", "strategy = 'egoo'", 14, r"\[run\] strategy: "),
        ("seed = 0", "prior = 'a.db'", 14, r"\[run\] prior: there is no file"),
        ("seed = 0", "seed = -1", 14, r"\[run\] seed: seed must be an integer of at"),
        ("seed = 0", "store = 1", 14, "must be the name of a file, got 1"),
        ("seed = 0", "store = '.'", 14, "is a folder; give the name of a file"),
        ("seed = 0", "store = 'no/a.db'", 14, "there is no folder .*no; make it"),
        ("seed = 0", "prior = '.'", 14, "there is no file .*; make it, or mend"),
        # TOML itself
        ("'loss = (\\S+)'", '"loss = (\\S+)"', None, r"line 10.*single quotes"),
        ("[-2, 2]", "[-2, 2", None, r"is no TOML: .*line"),
        ("seed = 0", "seed = 0\nseed = 1", None, r"Cannot ov.*line 15.*stands twice"),
        ('y"]', "y]", None, "line 6.*a text needs a quote at its end"),
        ("seed = 0", "progress = True", None, "line 14.*True is written true"),
        ("[run]", "[simulator]\nlink = []\n[run]", None, "twice.*under one heading"),
    ],
)
def test_mistakes_are_named_before_any_evaluation(
    write, tmp_path, old, new, line, words
):
    path = write(change={old: new})
    with pytest.raises(ConfigError, match=words) as caught:
        run(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    if line is not None:
        assert f"{path}, line {line}, " in text
    assert not (tmp_path / "simulations").exists()
    assert not (tmp_path / "run.db").exists()


def test_files_that_are_no_configuration(tmp_path):
    path = tmp_path / "a.toml"
    with pytest.raises(FileNotFoundError):
        run(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"must be UTF-8.*save it as UTF-8"):
        run(path)
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(ConfigError, match="no TOML"):
        run(path)
    path.write_text("run = 3\nvariables = 1\nsimulator = 1\noutputs = 1")
    with pytest.raises(ConfigError, match=r"must be a table, got 1; write \[variables"):
        run(path)


def test_a_configuration_of_a_windows_editor_runs(write, tmp_path):
    path = write()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert run(path).nfev == 5


def test_a_pattern_without_parentheses_takes_all_and_says_so(write):
    result = run(write(change={"(\\S+)": "\\S+"}))
    assert exit_code(result) == 1
    assert "has 'loss = " in report(result)
    assert "put parentheses around the number in the pattern" in report(result)
    whole = run(write(change={"loss = (\\S+)": "[0-9.]+$", "seed": "store='b'\nseed"}))
    assert exit_code(whole) == 0


def test_an_output_that_does_not_match_is_said_in_the_result(write):
    change = {"'loss": "'lass", "= 5": "= 30"}
    result = run(write(change=change))
    assert result.nfev == 10
    assert exit_code(result) == 1
    assert "nothing matches 'lass" in result.message
    assert "The end of 'stdout.txt': loss = " in report(result)


HOSTILE = "; touch broken; $(touch broken) `touch broken`\n-rf --help"


def test_nothing_of_a_configuration_reaches_a_shell(write, tmp_path):
    name = "; touch broken #.txt"
    (tmp_path / name).write_text("{{" + "a; touch broken" + "}}")
    (tmp_path / "show.py").write_text(
        "import json, os, sys\n"
        "json.dump([sys.argv[1:], os.environ['V']], open('out.json', 'w'))\n"
        "print('loss = 1')\n"
    )
    text = f"""
[variables]
"a; touch broken" = [{json.dumps(HOSTILE)}, "b"]
[simulator]
command = ["{{{{python}}}}", "show.py", "$(touch broken)", "{{{{a; touch broken}}}}"]
copy = ["show.py"]
templates = [{json.dumps(name)}]
keep = "all"
env = {{ V = "`touch broken` {{{{a; touch broken}}}}" }}
licence = {{ name = "solver", tokens = 1, folder = "." }}
[outputs]
value = {{ regex = 'loss = (\\S+)' }}
[run]
max_evals = 2
store = "$(touch broken).db"
"""
    result = run(write(text))
    assert result.nfev == 2
    for trial in result.trials:
        folder = Path(trial.evaluation.info["folder"])
        value = trial.x["a; touch broken"]
        argv, variable = json.loads((folder / "out.json").read_text())
        assert argv == ["$(touch broken)", value]
        assert variable == f"`touch broken` {value}"
        assert (folder / name).read_text() == value
    assert not [p for p in tmp_path.rglob("*") if p.name == "broken"]
    assert (tmp_path / "$(touch broken).db").exists()


def test_lines_of_keys(write):
    text = "[a]\n# key = 1\n'key' = 1\n[a.sub]\nother = {key2 = 1}\n[b]\nkey = 2\n"
    file = TomlFile(Path("f"), text, {})
    found = [file.line(*where) for where in (("a", "key"), ("a", "key2"), ("b", "key"))]
    assert found == [3, 5, 7]
    assert [file.line("a", "sub"), file.line("b", "no"), file.line("", "b")] == [
        4,
        6,
        6,
    ]
    assert file.line("c", "key") is None
    assert re.match("f, line 5, ", str(file.error("a", "key2", "wrong")))


# ---- the command -----------------------------------------------------------------


def test_the_command(write):
    from typer.testing import CliRunner

    from surrogo.cli.app import app

    path = str(write())
    said = CliRunner().invoke(app, ["run", path])
    assert said.exit_code == 0
    assert "5 evaluations, 0 failed" in said.stdout
    again = CliRunner().invoke(app, ["run", path])
    assert again.exit_code == 1
    assert "--resume goes on with it" in again.stderr
    assert CliRunner().invoke(app, ["run", "--resume", path]).exit_code == 0
    write(change={"keep": "kepe"})
    typo = CliRunner().invoke(app, ["run", path])
    assert typo.stderr.startswith(f"surrogo: {path}, line 7, [simulator] kepe: ")
