"""Stores that were damaged: a clear error or the same record, nothing overwritten."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from surrogo import Optimizer, StoreError, load
from surrogo.evaluation import Evaluation
from surrogo.events import without_memory
from surrogo.execution import Journal
from surrogo.optimizers.registry import make
from surrogo.result import run_data
from surrogo.space import Space
from surrogo.trials import Trials

BOX = [(-1, 1), (0, 5)]
MAGIC = 16  # bytes by which `load` knows a store; without them it expects JSON


def bowl(x):
    return float(x @ x)


def go_on(optimizer, n):
    """Ask and tell n times; some fail."""
    for _ in range(n):
        trial = optimizer.ask()
        if trial.id % 7 == 3:
            optimizer.tell_failure(trial, "the mesh did not close")
        else:
            optimizer.tell(trial, bowl(trial.x))


def begun(path, n=20):
    """Make a store of n trials, and return its bytes."""
    with Optimizer(BOX, store=path, rng=3, strategy="srbf") as optimizer:
        go_on(optimizer, n)
    return path.read_bytes()


def record(trials):
    return [without_memory(event) for event in trials.events], trials.memory


def opened(path):
    """Return what a store holds, and whether it can be gone on with."""
    with Optimizer(BOX, store=path) as optimizer:
        held = record(optimizer.trials)
        go_on(optimizer, 2)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    after, _ = record(load(path).trials)
    assert after[: len(held[0])] == held[0]
    return held


def either_refused_or(expected, path, damaged, magic_lost=False):
    """Write damaged bytes; they are refused untouched, or give the same record."""
    path.write_bytes(damaged)
    try:
        assert record(load(path).trials) == expected
    except StoreError:
        pass
    except ValueError:  # no file of ours, as far as `load` can see
        assert magic_lost
    assert path.read_bytes() == damaged
    try:
        assert opened(path) == expected
    except StoreError:
        assert path.read_bytes() == damaged
        return True
    return False


MANY = [30, pytest.param(300, marks=pytest.mark.slow)]


@pytest.mark.parametrize("n", MANY)
def test_flipped_bits_are_refused_or_change_nothing(tmp_path, n):
    good = begun(tmp_path / "good.db")
    expected = record(load(tmp_path / "good.db").trials)
    chance = random.Random(8)
    heads = [chance.randrange(100) for _ in range(n)]  # the header of the file
    pages = [chance.randrange(len(good)) // 4096 * 4096 for _ in range(n)]
    places = heads + [page + chance.randrange(12) for page in pages]
    places += [chance.randrange(len(good)) for _ in range(n)]
    refused = 0
    for number, place in enumerate(places):
        flipped = bytearray(good)
        flipped[place] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{number}.db"
        magic_lost = place < MAGIC
        refused += either_refused_or(expected, path, bytes(flipped), magic_lost)
    assert n < refused < len(places)


def test_bits_flipped_in_text_are_always_noticed(tmp_path):
    good = begun(tmp_path / "good.db")
    for text in (b'"strategy"', b'"value"', b'"ask"', b'"seed"'):
        place = good.index(text) + 2
        path = tmp_path / f"{place}.db"
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(StoreError, match="damaged"):
            load(path)
        with pytest.raises(StoreError, match="damaged"):
            Optimizer(BOX, store=path)


LONG = 1300  # trials; what has many events is read a thousand at a time


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A store of many trials, and its record."""
    path = tmp_path_factory.mktemp("long") / "run.db"
    trials = Trials(Space.of(BOX))
    for id in range(LONG):
        trials.ask([[id / LONG, 1.0]])
        trials.end(id, Evaluation(float(id)), 0.5)
    head = run_data(trials, 3, make("random").to_dict())
    events = head.pop("events")
    journal = Journal(path, head)
    journal.keep(events)
    journal.close()
    return path, record(trials)


def test_a_long_record_is_read_whole(long):
    path, expected = long
    assert record(load(path).trials) == expected


EVENTS = [0, 999, 1000, 1001, 1999, 2000, 2 * LONG - 1]
CHANGES = [
    "DELETE FROM event WHERE number = {}",
    "UPDATE event SET number = 9999 WHERE number = {}",
    "UPDATE event SET time = time + 1 WHERE number = {}",
    "UPDATE event SET data = replace(data, '0', '1') WHERE number = {}",
    "UPDATE event SET data = data || ', {{}}' WHERE number = {}",
    "UPDATE event SET chain = chain + 1 WHERE number = {}",
]


@pytest.mark.parametrize("change", CHANGES)
def test_one_event_changed_among_many_is_noticed(long, tmp_path, change):
    path = tmp_path / "run.db"
    for number in EVENTS:
        shutil.copy(long[0], path)
        with closing(sqlite3.connect(path)) as connection, connection:
            assert connection.execute(change.format(number)).rowcount == 1
        with pytest.raises(StoreError, match=r"is not what was written|\d events are"):
            load(path)


def test_a_truncated_store_is_refused_untouched(tmp_path):
    good = begun(tmp_path / "good.db")
    expected = record(load(tmp_path / "good.db").trials)
    lengths = [0, 1, 15, 16, 99, 100, 512, 4095, 4096, 4097, len(good) - 4096]
    lengths += [*range(5000, len(good), 3001), len(good) - 1]
    for length in lengths:
        path, magic_lost = tmp_path / f"{length}.db", length < MAGIC
        assert either_refused_or(expected, path, good[:length], magic_lost), length


def abandoned(path, n=12):
    """Leave a store as a kill does: with a log that nobody has taken in."""
    first = path.with_name("first.db")
    with Optimizer(BOX, store=first, rng=3, strategy="srbf") as optimizer:
        go_on(optimizer, n)
        for ending in ("", "-wal"):
            shutil.copy(f"{first}{ending}", f"{path}{ending}")
        return record(optimizer.trials)[0]


@pytest.mark.parametrize("n", MANY)
def test_bits_flipped_in_the_log_leave_a_shorter_record_or_an_error(tmp_path, n):
    whole = abandoned(tmp_path / "good.db")
    log = (tmp_path / "good.db-wal").read_bytes()
    chance, lengths = random.Random(9), set()
    for number in range(n):
        path = tmp_path / f"{number}.db"
        shutil.copy(tmp_path / "good.db", path)
        flipped = bytearray(log)
        flipped[chance.randrange(len(log))] ^= 1 << chance.randrange(8)
        path.with_name(path.name + "-wal").write_bytes(flipped)
        try:
            held, _ = opened(path)
        except StoreError:
            assert path.read_bytes() == (tmp_path / "good.db").read_bytes()
            assert path.with_name(path.name + "-wal").read_bytes() == flipped
            continue
        assert held == whole[: len(held)]
        lengths.add(len(held))
    assert len(lengths) > 5


def test_a_truncated_log_leaves_a_shorter_record(tmp_path):
    whole = abandoned(tmp_path / "good.db")
    log = (tmp_path / "good.db-wal").read_bytes()
    before = 0
    for length in range(0, len(log) + 1, 12001):
        path = tmp_path / f"{length}.db"
        shutil.copy(tmp_path / "good.db", path)
        path.with_name(path.name + "-wal").write_bytes(log[:length])
        held, _ = opened(path)
        assert held == whole[: len(held)]
        assert len(held) >= before
        before = len(held)


def test_other_bounds_leave_the_store_as_it_is(tmp_path):
    good = begun(tmp_path / "run.db")
    for options in ({"rng": 4}, {"strategy": "random"}):
        with pytest.raises(ValueError, match="was begun with"):
            Optimizer(BOX, store=tmp_path / "run.db", **options)
    with pytest.raises(ValueError, match="another space"):
        Optimizer([(0, 1)], store=tmp_path / "run.db")
    assert (tmp_path / "run.db").read_bytes() == good


def test_what_is_no_store_is_refused_untouched(tmp_path):
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a)")
    for content in (path.read_bytes(), b"", b"x,y\n1,2\n" * 100):
        path.write_bytes(content)
        with pytest.raises(StoreError, match="is no store of surrogo"):
            Optimizer(BOX, store=path)
        assert path.read_bytes() == content
