"""The report of a run as one HTML file."""

import base64
import math
import os
import re
import struct
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from surrogo import Categorical, Evaluation, Integer, Optimizer, Real, load, optimize
from surrogo.report import write_report

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> & \"quoted\" 'x' {{ 7 }}"
)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.attributes, self.rows = [], [], set(), []
        self.text, self.cell = "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}
        self.sources += [value for name, value in attributes if name == "src"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.cell = tag in ("td", "th")

    def handle_endtag(self, tag):
        self.cell = self.cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text += data
        if self.cell:
            self.rows[-1][-1] += data

    def row(self, first):
        return next(row for row in self.rows if row[0] == first)


def page_of(result, tmp_path, **more):
    path = tmp_path / "report.html"
    write_report(result, path, **more)
    page = Page(path.read_text("utf-8"))
    assert_it_is_whole_and_quiet(page)
    return page


def assert_it_is_whole_and_quiet(page):
    """Nothing runs, and nothing is loaded from anywhere."""
    known = "html head meta title style body h1 h2 p table tr th td div details summary"
    assert set(page.tags) <= {*known.split(), "pre", "span", "img"}
    known = "lang charset name http-equiv content class src alt"
    assert page.attributes <= set(known.split())
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)


def pictures(page):
    """Return width and height of every picture."""
    sizes = []
    for source in page.sources:
        png = base64.b64decode(source.partition(",")[2], validate=True)
        assert png.startswith(b"\x89PNG")
        assert b"IEND" in png
        sizes.append(struct.unpack(">II", png[16:24]))
    return sizes


def fun(p):
    if p["order"] == 3:
        raise ValueError("the mesh did not close")
    return (p["rate"] - 0.3) ** 2 * p["order"] + p["load"]


BOUNDS = {
    "rate": Real(1e-3, 1, scale="log"),
    "order": Integer(1, 3),
    "flag": Categorical(["fine", "coarse"]),
    "extra": Real(0, 1, active_if={"flag": "fine"}),
    "load": (2.0, 2.0),
}


@pytest.fixture(scope="module")
def mixed():
    return optimize(fun, BOUNDS, max_evals=24, rng=3)


def test_a_report_has_what_ran_the_best_and_the_failures(mixed, tmp_path):
    page = page_of(mixed, tmp_path)
    failed = mixed.trials.in_state("failed")
    assert failed
    assert "The budget of evaluations is used up." in page.text
    assert page.row("seed")[1] == "3"
    assert page.row("stops at")[1] == "24 evaluations"
    assert '"name": "three_arms"' in page.row("strategy")[1]
    assert f"surrogo {mixed.versions['surrogo']}" in page.row("versions")[1]
    assert f"{len(failed)} failed" in page.row("trials")[1]
    assert page.row("rate")[1:4] == [
        "real",
        "0.001 to 1, log",
        f"{mixed.x['rate']:.8g}",
    ]
    assert page.row("load") == ["load", "fixed", "2", "2", ""]
    assert page.row("extra")[2] == "0 to 1; if flag is fine"
    words = "ValueError: the mesh did not close"
    reason = next(row for row in page.rows if row[1:2] == [words])
    assert reason[0] == str(len(failed))
    assert reason[2].startswith(str(failed[0].id))
    assert "  File " in page.text  # the traceback, with its indentation
    assert len(pictures(page)) == 3


def test_the_best_trials_are_ordered(mixed, tmp_path):
    rows = page_of(mixed, tmp_path).rows
    start = next(i for i, row in enumerate(rows) if row[:2] == ["trial", "value"])
    n_done = len(mixed.trials.in_state("done"))
    best = rows[start + 1 : start + 1 + min(20, n_done)]
    done = sorted(mixed.trials.in_state("done"), key=lambda trial: trial.value)
    assert [int(row[0]) for row in best] == [trial.id for trial in done[:20]]
    assert best[0][3] == f"{done[0].x['rate']:.8g}"


def test_a_number_at_its_bound_is_named(tmp_path):
    result = optimize(lambda x: x[0] - x[1], [(0, 1), (-1, 2)], max_evals=15, rng=0)
    assert result.x.tolist() == [0.0, 2.0]
    page = page_of(result, tmp_path)
    assert page.row("x0")[4] == "at its lower bound"
    assert page.row("x1")[4] == "at its upper bound"


def test_hostile_names_reasons_and_values_stay_text(tmp_path):
    def f(p):
        if p["n"] > 1:
            raise ValueError(HOSTILE)
        return Evaluation(p[HOSTILE], info={HOSTILE: HOSTILE})

    bounds = {HOSTILE: (0, 1), "n": Integer(1, 2), "c": Categorical([HOSTILE, "$^"])}
    result = optimize(f, bounds, max_evals=12, rng=0)
    result.versions = {HOSTILE: HOSTILE}
    result.strategy = {"name": HOSTILE}
    result.message = HOSTILE
    page = page_of(result, tmp_path, title=HOSTILE, facts={HOSTILE: HOSTILE})
    assert page.text.count(HOSTILE) > 5
    assert page.row(HOSTILE) == [HOSTILE, HOSTILE]


@pytest.mark.parametrize(
    "name",
    [
        "$\\frac",
        "a\nb",
        "\udc80",
        "\x00",
        "",
        "\u202e",
        "名前",
        "x" * 5000,
        "a--b",
        "\x1b[1m",
    ],
)
def test_any_name_can_be_drawn_and_written(name, tmp_path):
    bounds = {name: Categorical([name, "other"]), name + "2": (0, 1)}
    result = optimize(lambda p: p[name + "2"], bounds, max_evals=4, rng=0)
    page = page_of(result, tmp_path)
    assert len(pictures(page)) == 2
    assert not re.search("[\udc80\x00\u202e\x1b]", page.text)


def test_failures_with_bytes_that_are_no_text_can_be_written(tmp_path):
    def f(x):
        raise ValueError("\udc80\x00 \x1b[31m\nsecond line")

    page = page_of(optimize(f, [(0, 1)], max_evals=3, rng=0), tmp_path)
    assert "ValueError: \\udc80\\x00 \\x1b[31m" in page.text


def test_a_run_whose_every_trial_failed(tmp_path):
    def f(x):
        return math.nan

    result = optimize(f, [(0, 1)] * 2, max_evals=6, rng=0)
    page = page_of(result, tmp_path)
    assert result.message in page.text
    assert "No trial has given a value that counts." in page.text
    assert page.row("6") == ["6", "the value is nan", "0, 1, 2, 3, 4, ..."]
    assert len(pictures(page)) == 2  # convergence, and where the search went


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 3.0, 1e308])
def test_any_duration_can_be_told(seconds, tmp_path):
    optimizer = Optimizer([(0, 1)], rng=0)
    for trial in optimizer.ask(2):
        optimizer.tell(trial, 1.0, seconds=seconds)
    page = page_of(optimizer.result(), tmp_path, wall=seconds)
    total = {0.0: "0 s", 1e-9: "2e-09 s", 3.0: "6 s", 1e308: "inf s"}[seconds]
    assert page.row("all evaluations together")[1] == total


def test_a_run_that_has_not_begun_and_one_that_waits(tmp_path):
    optimizer = Optimizer([(0, 1)], rng=0)
    assert pictures(page_of(optimizer.result(), tmp_path)) == []
    optimizer.ask()
    page = page_of(optimizer.result(), tmp_path)
    assert page.row("trials")[1] == "0 done, 0 failed, 1 running"
    assert pictures(page) == []


@pytest.mark.parametrize("bounds", [[(1, 1)], [(1, 1), (0, 1)], {"a": Integer(1, 2)}])
def test_little_that_varies(bounds, tmp_path):
    page = page_of(optimize(lambda x: 3.0, bounds, max_evals=12, rng=0), tmp_path)
    assert "3 in trial 0" in page.text


@pytest.mark.parametrize("scale", [1.7e308, 1e305, 1e-310, 0.0])
def test_values_at_the_ends_of_what_floats_can_say(scale, tmp_path):
    box = [(-8e307, 8e307), (1e-300, 2e-300)]
    result = optimize(lambda x: x[0] / 8e307 * scale, box, max_evals=12, rng=0)
    assert len(pictures(page_of(result, tmp_path))) >= 2


@pytest.mark.filterwarnings("ignore:no strategy uses constraints")
def test_points_that_are_not_feasible_are_not_best(tmp_path):
    optimizer = Optimizer([(0, 1)], rng=0)
    for value, c in ((1.0, 1.0), (2.0, -1.0), (3.0, -1.0)):
        optimizer.tell(optimizer.ask(), Evaluation(value, constraints=[c], cost=7.5))
    page = page_of(optimizer.result(), tmp_path)
    assert "2 in trial 1" in page.text
    assert "1 of them not feasible" in page.row("trials")[1]
    assert page.row("cost")[1] == "7.5"
    assert page.row("constraints")[1] == "[-1.0]"


def test_a_good_model_says_what_matters(tmp_path):
    result = optimize(lambda x: x[0] + 5 * x[1], [(0, 1)] * 3, max_evals=15, rng=0)
    page = page_of(result, tmp_path)
    assert len(pictures(page)) == 3
    start = page.rows.index(["variable", "alone", "with others"])
    shares = page.rows[start + 1 :]
    assert [row[0] for row in shares] == ["x1", "x0", "x2"]
    assert shares[0][1] == "96%"  # 25 / 26
    assert shares[2][2] == "0%"


def test_noise_says_nothing_of_what_matters(tmp_path):
    noise = np.random.default_rng(0)
    result = optimize(lambda x: noise.normal(), [(0, 1)] * 2, max_evals=15, rng=0)
    page = page_of(result, tmp_path)
    assert "predicts no better than the mean" in page.text
    assert "Which variables matter" not in page.text


def test_many_variables_and_many_trials_are_thinned(tmp_path, monkeypatch):
    monkeypatch.setattr("surrogo.report.page._DRAWN", 50)
    monkeypatch.setattr("surrogo.report.assessment._MOST", 40)
    optimizer = Optimizer([(0, 1)] * 10, strategy="random", rng=0)
    for trial in optimizer.ask(60):
        optimizer.tell(trial, float(trial.x[0]))
    page = page_of(optimizer.result(), tmp_path)
    assert "50 of 60 trials. The first 8 of 10 variables." in page.text
    assert "A Gaussian process of 40 of the 60 values" in page.text


def test_a_result_writes_its_report_and_so_does_a_saved_one(mixed, tmp_path):
    mixed.report(tmp_path / "a.html")
    mixed.save(tmp_path / "run.json")
    load(tmp_path / "run.json").report(tmp_path / "b.html")
    texts = [
        Page((tmp_path / name).read_text("utf-8")).rows for name in ("a.html", "b.html")
    ]
    assert texts[0] == texts[1]


def test_no_window_and_no_figure_stay(mixed, tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    mixed.report(tmp_path / "a.html")
    assert plt.get_fignums() == before


def test_without_jinja_it_says_what_to_install(tmp_path):
    script = (
        "import sys; sys.modules['jinja2'] = None\n"
        "import surrogo\n"
        "result = surrogo.optimize(lambda x: x[0], [(0, 1)], max_evals=3)\n"
        "result.report('report.html')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'surrogo[report]'" in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
