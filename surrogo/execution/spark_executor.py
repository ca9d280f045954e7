"""Spark as an executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any


class SparkExecutor(Executor):
    """Runs each call as a Spark job of one task; needs ``pip install surrogo[spark]``.

    A thread of this process waits for each job, as in the Spark backend of joblib;
    this one hands out a future for each call, so that nobody waits for the slowest.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        Yours to stop.
    n : int, optional
        Number of calls at a time; the session's default parallelism, which is the
        number of its cores, if left out.

    Examples
    --------
    >>> spark = SparkSession.builder.getOrCreate()                   # doctest: +SKIP
    >>> surrogo.optimize(fun, bounds, workers=SparkExecutor(spark))  # doctest: +SKIP
    """

    def __init__(self, spark: Any, n: int | None = None) -> None:
        self._context = spark.sparkContext
        self.n_slots = int(n or self._context.defaultParallelism)
        self._threads = ThreadPoolExecutor(self.n_slots, "surrogo-spark")

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        return self._threads.submit(self._run, fn, args, kwargs)

    def _run(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        one = self._context.parallelize([0], 1)
        return one.map(lambda _: fn(*args, **kwargs)).collect()[0]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
