"""Stores are read without a trace, whoever writes them."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from surrogo import Optimizer, StoreError, load
from surrogo.execution.lock import FileLock, Locked, holder

ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from surrogo import Optimizer

optimizer = Optimizer([(0, 1)], store=sys.argv[1], rng=0)
for value in range(4):
    optimizer.tell(optimizer.ask(), value)
os.kill(os.getpid(), signal.SIGKILL)
"""


def begun(path, n=4):
    with Optimizer([(0, 1)], store=path, rng=0) as optimizer:
        for value in range(n):
            optimizer.tell(optimizer.ask(), value)


@pytest.fixture
def killed(tmp_path):
    """A store whose last values are in the log only."""
    path = tmp_path / "run.db"
    subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    return path


def names(path):
    return sorted(file.name for file in path.parent.iterdir())


def test_reading_leaves_nothing_behind(tmp_path):
    path = tmp_path / "run.db"
    begun(path)
    assert load(path).nfev == 4
    assert names(path) == ["run.db"]


def test_reading_after_a_kill_leaves_everything_as_it_is(killed):
    before = names(killed)
    assert "run.db-wal" in before
    assert load(killed).nfev == 4
    assert names(killed) == before


def test_a_store_that_was_copied_with_its_log_is_read(killed, tmp_path):
    copy = tmp_path / "copies" / "run.db"
    copy.parent.mkdir()
    for ending in ("", "-wal"):
        shutil.copyfile(f"{killed}{ending}", f"{copy}{ending}")
    assert load(copy).nfev == 4
    assert names(copy) == ["run.db", "run.db-wal"]


def test_a_link_is_the_same_store(tmp_path):
    path, link = tmp_path / "run.db", tmp_path / "link.db"
    begun(path)
    link.symlink_to("run.db")
    with Optimizer([(0, 1)], store=path) as optimizer:
        with pytest.raises(StoreError, match="in use"):
            Optimizer([(0, 1)], store=link)
        optimizer.tell(optimizer.ask(), 1.0)  # it is in the log only
        assert load(link).nfev == 5


@pytest.mark.parametrize(
    "program",
    [
        "CREATE TRIGGER more AFTER INSERT ON event BEGIN DELETE FROM head; END",
        "CREATE VIEW more AS SELECT * FROM event",
    ],
)
def test_a_store_with_programs_is_refused(tmp_path, program):
    path = tmp_path / "run.db"
    begun(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(program)
    with pytest.raises(StoreError, match="triggers or views"):
        load(path)
    with pytest.raises(StoreError, match="triggers or views"):
        Optimizer([(0, 1)], store=path)


def test_the_holder_of_a_lock_is_known_and_keeps_it(tmp_path):
    path = tmp_path / "lock"
    assert holder(path) is None
    lock = FileLock(path, "this one")
    assert holder(path) == "this one"
    with pytest.raises(Locked, match="this one"):
        FileLock(path, "another")
    lock.release()
    assert holder(path) is None


def test_a_lock_file_without_its_owner_is_no_lock(tmp_path):
    path = tmp_path / "lock"
    path.write_text("process 1, long gone")
    assert holder(path) is None


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_a_lock_file_that_is_a_link_does_not_empty_what_it_points_to(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("data")
    (tmp_path / "run.db-lock").symlink_to(precious)
    with pytest.raises(StoreError, match="cannot be written"):
        Optimizer([(0, 1)], store=tmp_path / "run.db")
    assert precious.read_text() == "data"


def test_a_process_whose_lock_was_removed_overwrites_nothing(tmp_path):
    path = tmp_path / "run.db"
    code = "import sys; from surrogo import Optimizer; optimizer = "
    code += "Optimizer([(0, 1)], store=sys.argv[1]); optimizer.tell(0, 2.0)"
    with Optimizer([(0, 1)], store=path, rng=0) as optimizer:
        trial = optimizer.ask()
        (tmp_path / "run.db-lock").unlink()
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
        )
        for late in (
            lambda: optimizer.tell(trial, 7.0),
            optimizer.ask,
            optimizer.close,
        ):
            with pytest.raises(StoreError, match="another process has written"):
                late()
    assert load(path).fun == 2.0
