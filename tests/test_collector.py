import gc

import pytest

from surrogo.collector import collector_paused


def among_the_old(thing):
    return any(thing is one for one in gc.get_objects(generation=2))


@pytest.fixture
def _frozen():
    gc.freeze()
    yield
    gc.unfreeze()


def test_what_was_read_is_not_looked_through_again():
    with collector_paused():
        thing = [[]]
        assert not among_the_old(thing)
    assert gc.isenabled()
    assert among_the_old(thing)


@pytest.mark.usefixtures("_frozen")
def test_what_somebody_froze_stays_frozen():
    with collector_paused():
        pass
    assert gc.get_freeze_count() > 1000


def test_it_goes_on_after_an_error():
    with pytest.raises(KeyError), collector_paused():
        raise KeyError
    assert gc.isenabled()


def test_a_pause_by_somebody_else_goes_on():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
