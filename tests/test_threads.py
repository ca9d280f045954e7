"""One BLAS thread inside, and as many as before outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from surrogo import threads
from surrogo.threads import one_blas_thread


def blas_threads() -> set[int]:
    info = ThreadpoolController().select(user_api="blas").info()
    return {library["num_threads"] for library in info}


def run_together(*works: Callable[[], None]) -> None:
    running = [threading.Thread(target=work) for work in works]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Have two threads outside, whatever the environment of the tests says."""
    with one_blas_thread():
        pass  # loads the libraries
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("this BLAS has one thread only")
        yield


@pytest.mark.usefixtures("two_threads")
class TestLimit:
    def test_one_thread_inside_and_as_many_as_before_outside(self):
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}

    def test_as_many_as_before_after_an_error(self):
        def fail() -> None:
            assert blas_threads() == {1}
            raise ArithmeticError("inside")

        with pytest.raises(ArithmeticError, match="inside"), one_blas_thread():
            fail()
        assert blas_threads() == {2}

    def test_contexts_nest(self):
        with one_blas_thread():
            with one_blas_thread():
                assert blas_threads() == {1}
            assert blas_threads() == {1}
        assert blas_threads() == {2}

    def test_it_works_in_a_thread_that_is_not_the_first(self):
        # threadpoolctl 3.8 ignores every thread but the first that sets a limit, and
        # the fixture has set one here.
        seen = []

        def work() -> None:
            with one_blas_thread():
                seen.append(blas_threads())
            seen.append(blas_threads())

        run_together(work)
        assert seen == [{1}, {2}]
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}

    @pytest.mark.parametrize("first_out", ["first in", "second in"])
    def test_contexts_of_several_threads_overlap(self, first_out):
        one_in, both_in, one_out = (threading.Event() for _ in range(3))
        seen = []

        def work(name: str, before: threading.Event | None, then: threading.Event):
            assert before is None or before.wait(10)
            with one_blas_thread():
                then.set()
                assert both_in.wait(10)
                assert name == first_out or one_out.wait(10)
                seen.append(blas_threads())
            one_out.set()

        run_together(
            lambda: work("first in", None, one_in),
            lambda: work("second in", one_in, both_in),
        )
        assert seen == [{1}, {1}]
        assert blas_threads() == {2}

    def test_many_threads_leave_it_as_it_was(self):
        seen = set()

        def work() -> None:
            for _ in range(50):
                with one_blas_thread():
                    seen.update(blas_threads())

        run_together(*[work] * 4)
        assert seen == {1}
        assert blas_threads() == {2}

    def test_limits_around_it_are_still_lifted(self):
        with threadpool_limits(1, user_api="blas"), one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}


class Library:
    """A BLAS in which each thread has a number of its own, as in MKL."""

    internal_api = "mkl"

    def __init__(self) -> None:
        self.own = threading.local()

    def get_num_threads(self) -> int:
        return getattr(self.own, "number", 2)

    def set_num_threads(self, number: int) -> None:
        self.own.number = number


def test_libraries_with_a_number_for_each_thread(monkeypatch):
    library = Library()
    monkeypatch.setattr(threads, "_libraries", lambda: ([], [library]))
    both_in = threading.Barrier(2, timeout=10)
    seen = []

    def work() -> None:
        with one_blas_thread():
            both_in.wait()
            with one_blas_thread():
                seen.append(library.get_num_threads())
            seen.append(library.get_num_threads())
            both_in.wait()
        seen.append(library.get_num_threads())

    run_together(work, work)
    assert sorted(seen) == [1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("api", "layer", "shared"),
    [
        ("openblas", "pthreads", True),
        ("openblas", "openmp", False),
        ("openblas", "unknown", True),
        ("flexiblas", None, True),
        ("mkl", "intel", False),
        ("blis", "pthreads", False),
    ],
)
def test_what_is_shared(api, layer, shared):
    library = Library()
    library.internal_api, library.threading_layer = api, layer
    assert threads._is_shared(library) is shared
