"""The one place that limits BLAS threads.

The bits of a Cholesky factor differ between one and two threads, so everything that
decides on a point runs on one. scikit-learn and Optuna guard their small problems the
same way for speed: below n = 500 more threads only cost.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

# A library with the number of threads that it had before.
_Before: TypeAlias = list[tuple[Any, int]]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the body with one BLAS thread, whatever the environment says.

    Contexts may nest, and those of several threads may overlap.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     L = np.linalg.cholesky(np.eye(3))
    """
    _gate.enter()
    try:
        yield
    finally:
        _gate.leave()


class _Gate:
    """Sets the limit when somebody enters, and lifts it when nobody is left.

    In some libraries the number of threads belongs to the whole process: whoever comes
    first limits it, whoever leaves last restores it, in whatever thread. In others each
    thread has a number of its own and looks after itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: _Before = []
        self._own = threading.local()

    def enter(self) -> None:
        shared, local = _libraries()
        with self._lock:
            if self._inside == 0:
                self._before = _limit(shared)
            self._inside += 1
        depth = getattr(self._own, "depth", 0)
        if depth == 0:
            self._own.before = _limit(local)
        self._own.depth = depth + 1

    def leave(self) -> None:
        self._own.depth -= 1
        if self._own.depth == 0:
            _restore(self._own.before)
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                _restore(self._before)


_gate = _Gate()


@cache
def _libraries() -> tuple[list[Any], list[Any]]:
    """Return the BLAS libraries whose number of threads is shared, and the others."""
    # NumPy and SciPy each carry a BLAS of their own; a controller sees only libraries
    # that are loaded. Finding them costs a millisecond, hence the cache.
    import numpy.linalg  # noqa: F401
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    shared = [library for library in found if _is_shared(library)]
    return shared, [library for library in found if library not in shared]


def _is_shared(library: Any) -> bool:
    """Whether the number of threads belongs to the process.

    It does in OpenBLAS unless it runs on OpenMP, and in FlexiBLAS, which passes it on;
    MKL, BLIS and OpenMP keep one for each thread.
    """
    if library.internal_api == "openblas":
        return bool(library.threading_layer != "openmp")
    return bool(library.internal_api == "flexiblas")


def _limit(libraries: Iterable[Any]) -> _Before:
    before = [(library, library.get_num_threads()) for library in libraries]
    _restore((library, 1) for library, _ in before)
    return before


def _restore(before: Iterable[tuple[Any, int]]) -> None:
    for library, number in before:
        _let_any_thread_set(library)
        library.set_num_threads(number)
        _let_any_thread_set(library)


def _let_any_thread_set(library: Any) -> None:
    """Make threadpoolctl obey this thread, and the next one.

    Since 3.8 it lets only the first thread that ever set a number of OpenBLAS set it
    again, and ignores all others in silence. Here whoever leaves last must restore.
    """
    clear = getattr(library, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)
