"""`ExternalSimulator`: a program as a function to minimise."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from surrogo.evaluation import Evaluation
from surrogo.execution.external.plan import Plan
from surrogo.execution.external.spec import plan_of
from surrogo.space import Point


@dataclass(frozen=True)
class ExternalSimulator:
    r"""A program as a function of a point: write its input, run it, read its output.

    The program is started without a shell, in a new folder of its own, and ends with
    all that it started when a limit is reached, when the run ends or is killed. Texts
    have places for values: ``{{height}}``, with a format ``{{height:.6e}}``, and in the
    command ``{{python}}`` (this Python) and ``{{folder}}`` (of the trial).

    Parameters
    ----------
    command : list of str
        Program and arguments; each argument stays one, whatever is filled in. The
        program itself has no places except ``{{python}}``.
    variables : Space, bounds with names, or list of str
        All must be used. Unnamed bounds have the names x0, x1, ...
    value, residuals, constraints, outputs, cost : rules, optional
        Where the parts of the `Evaluation` stand: see Notes. At least `value` or
        `residuals`; `residuals`, `constraints` and `outputs` may be lists of rules,
        and `outputs` a dict, whose names are kept in ``Evaluation.info``.
    templates : list of paths, or mapping, optional
        Text files with places, written into the folder under their own names, or
        under those of the mapping ``{"case/input.txt": "templates/input.txt"}``.
    copy, link : list of paths, or mapping, optional
        Files and folders that are copied there, or linked to.
    root : path
        What relative paths begin from.
    folder : path
        Where the folders of the trials are made.
    keep : {"failed", "all", "none"}
        Which of them stay. The folder is named in the traceback of a failure, and in
        ``Evaluation.info``.
    timeout : float, optional
        Seconds that the program may take.
    memory : float, optional
        Bytes of address space of each of its processes (Linux).
    output_limit : float
        Bytes that it may write, and print; more ends it.
    licence : mapping, optional
        ``{"name": "solver", "tokens": 2}``: at most two run at a time on this machine,
        whichever runs of this user start them. ``"folder"`` is for the lock files.
    env : mapping, optional
        Variables of the environment, added.
    inherit : bool or list of str
        What it has of the environment here: everything, only PATH, or these.
    exit_codes : list of int
        Those of success.
    inactive : str
        What is written for a variable that does not exist at a point.

    Raises
    ------
    SpecError
        A ValueError: if something is missing, unknown or unused. Before any evaluation.

    Notes
    -----
    A rule is a dict. ``file`` is a name in the folder of the trial, by default
    ``"stdout.txt"``; ``"stderr.txt"`` is there, too.

    * ``{"regex": r"drag = (\S+)", "file": ..., "group": 1, "which": "last"}``
    * ``{"json": "results.tip[0]", "file": ...}``
    * ``{"csv": "column", "file": ..., "row": -1, "delimiter": ","}``
    * ``{"python": "post.py:function"}``, or in Python a function: of the folder.

    ``times`` is a factor: -1 maximises. A rule of `constraints` is feasible at or below
    0, or has ``min`` and ``max``.

    Examples
    --------
    >>> import surrogo, tempfile
    >>> code = "import sys; print('loss =', (float(sys.argv[1]) - 1) ** 2)"
    >>> simulator = surrogo.ExternalSimulator(
    ...     ["{{python}}", "-c", code, "{{x}}"], ["x"], {"regex": r"loss = (\S+)"},
    ...     folder=tempfile.gettempdir(), keep="none")
    >>> simulator({"x": 3.0}).value
    4.0
    """

    command: Any
    variables: Any
    value: Any = None
    _: KW_ONLY
    residuals: Any = ()
    constraints: Any = ()
    outputs: Any = ()
    cost: Any = None
    templates: Any = ()
    copy: Any = ()
    link: Any = ()
    root: Any = "."
    folder: Any = "simulations"
    keep: str = "failed"
    timeout: float | None = None
    memory: float | None = None
    output_limit: float = 1e9
    licence: Any = None
    env: Any = field(default_factory=dict)
    inherit: Any = True
    exit_codes: Any = (0,)
    inactive: str = "nan"
    _plan: Plan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_plan", plan_of(self))

    def __call__(self, x: Point) -> Evaluation:
        """Run the program at a point.

        Raises
        ------
        SimulatorError
            If it gave no value.
        OSError
            If the folder cannot be made or no process be started.
        """
        return self._plan.run(x)
