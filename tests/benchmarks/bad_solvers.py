"""Solvers with one fault each, run by the harness in processes of their own."""

import os
import signal
import time

import numpy as np

from benchmarks.solvers.base import solver


@solver("good", packages=("numpy", "no-such-distribution"))
def good(fun, lower, upper, budget, seed):
    rng = np.random.default_rng(seed)
    for _ in range(budget):
        fun(rng.uniform(lower, upper))


@solver("one too many")
def one_too_many(fun, lower, upper, budget, seed):
    for _ in range(budget + 1):
        fun(lower)


@solver("swallows everything")
def swallows_everything(fun, lower, upper, budget, seed):
    while True:
        try:
            fun(lower)
        except BaseException:
            continue


@solver("raises")
def raises(fun, lower, upper, budget, seed):
    fun(upper)
    raise RuntimeError("no\nluck")


@solver("not installed")
def not_installed(fun, lower, upper, budget, seed):
    import no_such_module  # noqa: F401


@solver("exits")
def exits(fun, lower, upper, budget, seed):
    fun(upper)
    raise SystemExit("enough")


@solver("killed")
def killed(fun, lower, upper, budget, seed):
    fun(upper)
    os.kill(os.getpid(), signal.SIGKILL)


@solver("hangs")
def hangs(fun, lower, upper, budget, seed):
    fun(upper)
    time.sleep(1000)


@solver("burns")
def burns(fun, lower, upper, budget, seed):
    fun(upper)
    while True:
        pass


@solver("thinks too long")
def thinks_too_long(fun, lower, upper, budget, seed):
    while True:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        fun(upper)


@solver("not a number")
def not_a_number(fun, lower, upper, budget, seed):
    assert np.isnan(fun(np.full(len(lower), np.nan)))
    fun(upper)


@solver("leaves the box")
def leaves_the_box(fun, lower, upper, budget, seed):
    assert fun(upper + 7.0) == fun(upper)
    fun(lower)


@solver("wrong shape")
def wrong_shape(fun, lower, upper, budget, seed):
    fun(upper)
    fun(np.zeros(len(lower) + 1))


@solver("closes everything")
def closes_everything(fun, lower, upper, budget, seed):
    fun(upper)
    os.closerange(0, 100)
    time.sleep(1000)


@solver("prints")
def prints(fun, lower, upper, budget, seed):
    os.write(1, b"x" * 100_000)
    os.write(2, b"x" * 100_000)
    fun(upper)


@solver("sums squares", residuals=True)
def sums_squares(fun, lower, upper, budget, seed):
    r = fun(upper)
    assert r.shape == (2,)
    assert np.isnan(fun(np.full(2, np.nan))).all()
    fun(lower)


@solver("starts a process")
def starts_a_process(fun, lower, upper, budget, seed):
    import subprocess

    child = subprocess.Popen(["sleep", "1000"])
    with open(os.environ["SURROGO_TEST_PID"], "w") as file:
        file.write(str(child.pid))
    fun(upper)
    raise SystemExit


@solver("returns at once")
def returns_at_once(fun, lower, upper, budget, seed):
    return lower


@solver("its own pipe breaks")
def its_own_pipe_breaks(fun, lower, upper, budget, seed):
    fun(upper)
    raise BrokenPipeError("of a worker")


@solver("words")
def words(fun, lower, upper, budget, seed):
    fun(upper)
    fun(["one", "two"])


@solver("a scalar")
def a_scalar(fun, lower, upper, budget, seed):
    fun(upper)
    fun(0.5)


@solver("two dimensions")
def two_dimensions(fun, lower, upper, budget, seed):
    fun(upper)
    fun(upper[None])


@solver("threads")
def threads(fun, lower, upper, budget, seed):
    """Every thread must be answered with the value of its own point."""
    from concurrent.futures import ThreadPoolExecutor

    X = np.random.default_rng(seed).uniform(lower, upper, (budget, len(lower)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fun, X))
    np.testing.assert_allclose(found, 1.0 + np.sum((X - 0.5) ** 2, axis=1))


@solver("forks")
def forks(fun, lower, upper, budget, seed):
    """The process that it forks asks as well, and outlives it."""
    fun(upper)
    if os.fork() == 0:
        try:
            fun(lower)
        finally:
            time.sleep(1000)
    time.sleep(0.3)
    os._exit(3)


@solver("thinks steadily")
def thinks_steadily(fun, lower, upper, budget, seed):
    while True:
        time.sleep(0.02)
        fun(upper)


@solver("spends all and hangs")
def spends_all_and_hangs(fun, lower, upper, budget, seed):
    try:
        while True:
            fun(upper)
    except BaseException:
        time.sleep(1000)


@solver("says that it hangs")
def says_that_it_hangs(fun, lower, upper, budget, seed):
    with open(os.path.join(os.environ["SURROGO_TEST_PIDS"], str(os.getpid())), "w"):
        time.sleep(1000)


def running(pid):
    """Return whether there is such a process, and not only its exit code."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
