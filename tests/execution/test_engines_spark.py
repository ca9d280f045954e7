"""Spark on this machine, where it and Java are installed."""

from __future__ import annotations

import shutil
import sys

import pytest

from surrogo.execution import SparkExecutor
from surrogo.execution.capacity import Capacity
from tests.execution.engines import (
    check_200_trials,
    check_killed_worker,
    check_large_argument,
)

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def executor():
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("no Java")
    session = sql.SparkSession.builder.master("local[2,4]")  # 2 threads, 4 attempts
    session = session.config("spark.ui.enabled", "false")
    session = session.config("spark.driver.host", "127.0.0.1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = session.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    with SparkExecutor(session) as executor:
        yield executor
    session.stop()


@pytest.mark.slow  # Spark takes half a second a job
def test_spark_records_200_trials_once(executor, tmp_path):
    assert Capacity(executor, None).now() == 2
    check_200_trials(executor, tmp_path)


def test_spark_repeats_what_a_killed_worker_did(executor, tmp_path):
    check_killed_worker(executor, tmp_path, seen=False)


def test_spark_takes_a_large_argument(executor):
    check_large_argument(executor)
