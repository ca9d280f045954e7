"""`surrogo status` and `surrogo export`, beside a run and after it."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from surrogo import Categorical, Integer, Optimizer, Real, load, optimize
from surrogo.cli.app import app
from surrogo.execution.store_file import chain

ROOT = Path(__file__).parents[1]
ENV = os.environ | {"PYTHONPATH": str(ROOT)}

# A run that says when it has three values, and goes on when it is told to.
RUN = """
import sys
from surrogo import Optimizer

with Optimizer({"a": (0, 1), "b": (0, 1)}, store=sys.argv[1], rng=0) as optimizer:
    for value in (3.0, 1.0, 2.0):
        optimizer.tell(optimizer.ask(), value, seconds=0.5)
    optimizer.ask()
    print("ready", flush=True)
    sys.stdin.readline()
    optimizer.tell(3, 0.5)
"""


def command(*arguments):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "surrogo", *map(str, arguments)],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )


def said(*arguments):
    """Run the command here; return what it printed."""
    outcome = CliRunner().invoke(app, [str(a) for a in arguments])
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def refused(*arguments):
    """Run the command here; return the one line of its error."""
    outcome = CliRunner().invoke(app, [str(a) for a in arguments])
    assert outcome.exit_code == 1
    assert outcome.stdout == ""
    (line,) = outcome.stderr.splitlines()
    assert line.startswith("surrogo: ")
    return line


def fun(p):
    if p["order"] == 3:
        raise ValueError("=1+1 did not converge")
    return p["rate"] * p["order"]


BOUNDS = {
    "rate": Real(1e-3, 1, scale="log"),
    "order": Integer(1, 3),
    "flag": Categorical(["-O2", "@home", "plain"]),
    "extra": Real(0, 1, active_if={"flag": "plain"}),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "run.db"
    optimize(fun, BOUNDS, max_evals=14, target=-1.0, rng=3, store=path)
    return path


@pytest.fixture
def going_on(tmp_path):
    """A run in another process, which waits; and its store."""
    path = tmp_path / "run.db"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(path)],
        env=ENV,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    yield process, path
    process.kill()
    process.communicate()


def files(path):
    """Return what is in the folder of a store, and all of the store but its log."""
    names = sorted(file.name for file in path.parent.iterdir())
    return names, path.read_bytes()


def test_both_read_a_run_that_goes_on(going_on):
    process, path = going_on
    before = files(path)
    shown = command("status", path)
    assert f"going on in process {process.pid} on " in shown.stdout
    assert "3 done, 0 failed, 1 running" in shown.stdout
    assert "best: 1, trial 1" in shown.stdout
    assert "0.5 s for an evaluation" in shown.stdout
    table = command("export", path, "--csv")
    assert shown.stderr == table.stderr == ""
    states = [line["state"] for line in csv.DictReader(io.StringIO(table.stdout))]
    assert states == ["done", "done", "done", "running"]
    assert files(path) == before

    process.communicate("go on\n")
    assert process.returncode == 0
    assert "; it can go on" in command("status", path).stdout
    assert load(path).fun == 0.5
    assert files(path)[0] == ["run.db"]


def test_a_killed_run_is_said_to_be_one(going_on):
    process, path = going_on
    process.kill()
    process.wait()
    before = files(path)
    shown = said("status", path)
    assert f"not running: process {process.pid} on " in shown
    assert "1 unfinished to evaluate again" in " ".join(shown.split())
    assert "3 done, 0 failed, 1 unfinished" in shown
    assert files(path) == before


def test_a_run_of_this_process_is_seen_and_not_disturbed(tmp_path):
    path = tmp_path / "run.db"
    with Optimizer([(0, 1)], store=path, rng=0) as optimizer:
        assert f"going on in process {os.getpid()}" in said("status", path)
        optimizer.tell(optimizer.ask(), 1.0)
        # Whoever closes the lock file in this process would have lost the lock.
        again = command("status", path)
        assert f"going on in process {os.getpid()}" in again.stdout


def test_status_of_a_run_that_ended(store):
    before = files(store)
    text = said("status", store)
    assert "The budget of evaluations is used up." in text
    assert "stops at: 14 evaluations, target -1" in text
    assert "x ValueError: =1+1 did not converge" in text
    assert files(store) == before


def test_status_fits_the_screen(tmp_path):
    path = tmp_path / "run.db"
    bounds = {f"variable_{i}_{'long' * 30}": (0, 1) for i in range(30)}
    with Optimizer(bounds, store=path, rng=0) as optimizer:
        optimizer.budget(10**9)
        optimizer.tell(optimizer.ask(), -1.23456789e-300)
        for i in range(6):
            optimizer.tell_failure(optimizer.ask(), f"\x1b[31mno {i} \n" + "?" * 200)
    lines = said("status", path).splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_an_empty_run_has_a_status(tmp_path):
    path = tmp_path / "run.db"
    Optimizer([(0, 1)], store=path).close()
    assert "none yet" in said("status", path)
    assert said("export", path).splitlines() == [
        "id,x0,value,state,reason,seconds,asked,ended"
    ]


def test_a_refused_process_does_not_count(store):
    with pytest.raises(ValueError, match="another space"):
        Optimizer([(0, 1)], store=store)
    shown = said("status", store)
    assert "The budget of evaluations is used up." in shown
    assert "opened" not in shown


def test_csv_holds_what_the_frame_holds(store):
    lines = list(csv.DictReader(io.StringIO(said("export", store, "--csv"))))
    frame = load(store).to_frame()
    assert list(lines[0]) == [*frame.columns, "asked", "ended"]
    for line, (_, row) in zip(lines, frame.iterrows(), strict=True):
        assert int(line["id"]) == row["id"]
        for name in ("rate", "order", "extra", "value", "seconds"):
            number = float(line[name] or "nan")
            np.testing.assert_array_equal(number, row[name])
        assert line["flag"].lstrip("'") == row["flag"]
        assert line["asked"] <= line["ended"]


def test_no_cell_is_a_formula(store):
    rows = list(csv.reader(io.StringIO(said("export", store))))
    texts = [cell for row in rows for cell in row if cell and not is_number(cell)]
    assert "'-O2" in texts
    assert not [text for text in texts if text[0] in "=+-@"]


def is_number(text):
    try:
        return bool(float(text)) or True
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("reason", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("a;=1", "a;'=1"),
        ("said -1; -2", "said -1; '-2"),
        ("\x1b[2J\tx", "\\x1b[2J x"),
        ("plain", "plain"),
    ],
)
def test_text_of_strangers_in_a_table(tmp_path, reason, cell):
    path = tmp_path / "run.db"
    with Optimizer([(0, 1)], store=path, rng=0) as optimizer:
        optimizer.tell_failure(optimizer.ask(), reason)
    (line,) = csv.DictReader(io.StringIO(said("export", path)))
    assert line["reason"] == cell
    (trial,) = json.loads(said("export", path, "--json"))
    assert trial["reason"] == load(path).trials[0].reason


def test_json_holds_every_value_exactly(store):
    objects = json.loads(said("export", store, "--json"))
    trials = load(store).trials
    assert [o["value"] for o in objects if o["state"] == "done"] == [
        t.value for t in trials.in_state("done")
    ]
    assert [o["rate"] for o in objects] == [t.x["rate"] for t in trials]
    assert {o["flag"] for o in objects} == {t.x["flag"] for t in trials}


def test_export_writes_a_file(store, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("old")
    assert said("export", store, "--csv", table) == ""
    assert table.read_text("utf-8") == said("export", store)


def test_a_store_is_never_replaced_by_its_table(store):
    before = files(store)
    assert "is a database and stays as it is" in refused("export", store, store)
    assert files(store) == before


def test_a_folder_that_is_not_there_is_said(store, tmp_path):
    error = refused("export", store, tmp_path / "nowhere" / "table.csv")
    assert error.endswith("a folder that exists and may be written to")
    assert ".part" not in error


def test_an_interrupted_run_is_said_to_be_one(tmp_path):
    def interrupted(x):
        raise KeyboardInterrupt

    optimize(interrupted, [(0, 1)], rng=0, store=tmp_path / "run.db")
    shown = said("status", tmp_path / "run.db")
    assert "state: interrupted " in shown
    assert "1 unfinished" in shown


def test_two_formats_at_a_time_are_refused(store):
    outcome = CliRunner().invoke(app, ["export", str(store), "--csv", "--json"])
    assert outcome.exit_code == 2
    assert "not both" in outcome.stderr


@pytest.mark.parametrize("name", ["status", "export"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no store"),
        (b"", "an empty file"),
        (b"nothing of this kind" * 100, "is no store of surrogo"),
        ("half", "damaged"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(store, tmp_path, name, content, words):
    path = tmp_path / "other.db"
    if content == "half":
        content = store.read_bytes()[: store.stat().st_size // 2]
    if content is not None:
        path.write_bytes(content)
    assert words in refused(name, path)
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"] * path.exists()


def forged(path, head=None, events=None, statement=None):
    """Write what no surrogo writes, with checksums that hold."""
    Optimizer([(0, 1)], store=path, rng=0).close()
    with closing(sqlite3.connect(path)) as connection:
        run = connection.execute
        if statement is not None:
            run(statement)
        if head is not None:
            run("UPDATE head SET data = ?", (head,))
        last = zlib.crc32(run("SELECT data FROM head").fetchone()[0].encode())
        for number, (time, event) in enumerate(events or []):
            last = chain(last, number, time, event)
            run("INSERT INTO event VALUES (?, ?, ?, ?)", (number, time, event, last))
        run("UPDATE tail SET n = ?, chain = ?", (len(events or []), last))
        connection.commit()
    return path


DEEP = "[" * 100_000 + "]" * 100_000
ASK = '{"event": "ask", "ids": [0], "x": [[0.5]], "effort": 1}'


@pytest.mark.parametrize(
    "forgery",
    [
        {"head": "[]"},
        {"head": "{}"},
        {"head": DEEP},
        {"head": '{"space": {"variables": "xxxx"}}'},
        {"events": [(1.0, DEEP)]},
        {"events": [(1.0, "[]")]},
        {"events": [(1.0, '{"event": ["ask"]}')]},
        {"events": [(1.0, '{"event": "budget", "max_evals": NaN}')]},
        {"events": [(1.0, f'{{"event": "budget", "max_evals": {"9" * 5000}}}')]},
        {"events": [(1.0, ASK), (1.0, '{"event": "end", "id": 7}')]},
        {"events": [("now", ASK)]},
        {"statement": "UPDATE session SET begun = 'now'"},
        {"statement": "UPDATE session SET versions = '[['"},
        {"statement": "CREATE VIEW more AS SELECT * FROM event"},
    ],
)
@pytest.mark.parametrize("name", ["status", "export"])
def test_forged_stores_are_refused(tmp_path, name, forgery):
    refused(name, forged(tmp_path / "run.db", **forgery))


@pytest.mark.parametrize(
    "forgery",
    [
        {"statement": "UPDATE session SET begun = -1e300, ended = 1e300, status = 5"},
        {"statement": "UPDATE session SET process = char(27) || '[2J', host = x'ff'"},
        {"statement": "UPDATE session SET process = char(27) || '[2J', ended = NULL"},
        {"statement": "DELETE FROM session"},
        {"events": [(1e300, ASK)]},
        {"events": [(1.0, '{"event": "rules", "rules": {"\\u001b[2J": 1e308}}')]},
        {"events": [(1.0, f'{{"event": "budget", "max_evals": {10**300}}}')]},
    ],
)
def test_lies_in_a_store_do_no_harm(tmp_path, forgery):
    path = forged(tmp_path / "run.db", **forgery)
    shown = said("status", path)
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown + said("export", path)


def test_without_typer_it_says_what_to_install():
    code = (
        "import sys; sys.modules['typer'] = None; "
        "from surrogo.__main__ import main; main()"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.strip().endswith("pip install 'surrogo[cli]'")


def test_the_version():
    from surrogo import __version__

    assert said("--version") == f"{__version__}\n"
