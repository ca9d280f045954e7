"""Full disks, missing permissions, and a second owner: nothing paid for is lost."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from surrogo import Evaluation, Optimizer, StoreError, load, optimize
from surrogo.events import without_memory
from tests.execution.forked import as_nobody, in_a_fork

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")

BOX = [(-1, 1), (0, 5)]
LONG = {"log": "x" * 20_000}  # needs new pages


def go_on(optimizer, n):
    for _ in range(n):
        trial = optimizer.ask()
        optimizer.tell(trial, float(trial.x @ trial.x))


def events(record):
    return [without_memory(event) for event in record.trials.events]


@pytest.fixture
def folder():
    """Return a folder that other users may enter, and change."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


def full(optimizer):
    """Let the store get no more pages; return what frees them."""
    run = optimizer._journal._connection.execute
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count').fetchone()[0]}")
    return lambda: run("PRAGMA max_page_count = 1000000")


def test_on_a_full_disk_a_value_waits_and_an_ask_has_not_happened(tmp_path):
    path = tmp_path / "run.db"
    with Optimizer(BOX, store=path, strategy="srbf", rng=1) as optimizer:
        go_on(optimizer, 4)
        trial, other = optimizer.ask(2)
        free = full(optimizer)
        with pytest.raises(StoreError, match="full"):
            optimizer.tell(trial, Evaluation(0.25, info=LONG))
        with pytest.raises(StoreError, match="full"):
            optimizer.ask()
        assert optimizer.trials[trial.id].value == 0.25
        assert len(optimizer.trials) == other.id + 1
        assert load(path).trials[trial.id].state == "running"
        free()
        optimizer.tell(other, 0.5)
        go_on(optimizer, 3)
        assert events(load(path)) == events(optimizer)
    assert load(path).trials[trial.id].value == 0.25


def test_what_waited_is_written_by_close(tmp_path):
    path = tmp_path / "run.db"
    optimizer = Optimizer(BOX, store=path, strategy="srbf", rng=1)
    trial = optimizer.ask()
    free = full(optimizer)
    with pytest.raises(StoreError, match="full"):
        optimizer.tell(trial, Evaluation(0.25, info=LONG))
    free()
    optimizer.close()
    assert load(path).trials[0].value == 0.25


def lost_disk(path):
    """Lose the disk in the fifth evaluation, get it back, and go on."""
    import resource

    calls = []

    def fun(x):
        calls.append(x)
        if len(calls) == 5:
            size = path.with_name(path.name + "-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        return float(x @ x)

    options = {"strategy": "srbf", "rng": 2, "max_evals": 9, "store": path}
    with pytest.raises(StoreError, match="cannot be used") as error:
        optimize(fun, BOX, **options)
    kept = error.value.result.trials
    assert [trial.state for trial in kept] == ["done"] * 5
    assert kept[4].value == float(calls[4] @ calls[4])
    assert [trial.state for trial in load(path).trials][:4] == ["done"] * 4
    limits = resource.RLIM_INFINITY, resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    whole = optimize(fun, BOX, **options)
    plain = optimize(fun, BOX, strategy="srbf", rng=2, max_evals=9)
    assert whole.trials.rows().tobytes() == plain.trials.rows().tobytes()


def test_a_disk_that_fills_up_in_a_run_loses_no_value(tmp_path):
    assert in_a_fork(lambda: lost_disk(tmp_path / "run.db")) == 0


def no_space_at_all(path):
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    with pytest.raises(StoreError, match="cannot be"):
        Optimizer(BOX, store=path)


def test_a_full_disk_leaves_no_half_of_a_store(tmp_path):
    assert in_a_fork(lambda: no_space_at_all(tmp_path / "run.db")) == 0
    assert list(tmp_path.iterdir()) == []


def refused_and_read(path, expected):
    with pytest.raises(StoreError, match="cannot be"):
        Optimizer(BOX, store=path)
    assert events(load(path)) == expected


@pytest.mark.parametrize(("of_file", "of_folder"), [(0o444, 0o777), (0o644, 0o555)])
def test_a_store_that_may_not_be_written_can_be_read(folder, of_file, of_folder):
    path = folder / "run.db"
    with Optimizer(BOX, store=path, strategy="srbf", rng=1) as optimizer:
        go_on(optimizer, 6)
    before, expected = path.read_bytes(), events(load(path))
    for left in folder.glob("run.db-*"):
        left.unlink()
    path.chmod(of_file)
    folder.chmod(of_folder)
    try:
        assert as_nobody(lambda: refused_and_read(path, expected)) == 0
    finally:
        folder.chmod(0o777)
    assert path.read_bytes() == before


def no_folder(path):
    with pytest.raises(StoreError, match="cannot be written"):
        Optimizer(BOX, store=path)


def test_a_folder_that_is_not_there_or_closed_is_refused(folder, tmp_path):
    no_folder(tmp_path / "none" / "run.db")
    folder.chmod(0o555)
    assert as_nobody(lambda: no_folder(folder / "run.db")) == 0
    folder.chmod(0o777)


def refused_elsewhere(optimizer, path):
    with pytest.raises(StoreError, match="in use by process"):
        Optimizer(BOX, store=path)
    with pytest.raises(StoreError, match="fork"):
        optimizer.ask()
    optimizer.close()  # owns nothing here


def test_nobody_else_can_have_a_store_that_is_open(tmp_path):
    path = tmp_path / "run.db"
    with Optimizer(BOX, store=path, strategy="srbf", rng=1) as optimizer:
        go_on(optimizer, 2)
        with pytest.raises(StoreError, match="in use by process"):
            Optimizer(BOX, store=path)
        assert in_a_fork(lambda: refused_elsewhere(optimizer, path)) == 0
        go_on(optimizer, 2)
        assert events(load(path)) == events(optimizer)
    with Optimizer(BOX, store=path) as optimizer:
        assert len(optimizer.trials) == 4


def own_for_ever(path):
    optimizer = Optimizer(BOX, store=path, strategy="srbf", rng=1)
    go_on(optimizer, 3)
    path.with_name("ready").touch()
    time.sleep(60.0)


def test_after_sigkill_of_its_owner_a_store_opens_at_once(tmp_path):
    path = tmp_path / "run.db"
    child = os.fork()
    if child == 0:
        try:
            own_for_ever(path)
        finally:
            os._exit(1)
    while not path.with_name("ready").exists():
        time.sleep(0.01)
    with pytest.raises(StoreError, match=f"in use by process {child}"):
        Optimizer(BOX, store=path)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Optimizer(BOX, store=path) as optimizer:
        assert [trial.state for trial in optimizer.trials] == ["done"] * 3
