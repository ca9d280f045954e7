"""surrogo: minimise functions that are expensive to evaluate.

``surrogo.optimize(f, bounds)`` for the impatient, `Optimizer` for ask and tell,
`GaussianProcess` and `RBF` as scikit-learn regressors, and the rooms ``samplers``,
``surrogates`` and ``optimizers`` for the parts.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from surrogo._version import __version__ as __version__

if TYPE_CHECKING:
    from surrogo.calibration.calibrate import calibrate as calibrate
    from surrogo.calibration.ode_model import OdeModel as OdeModel
    from surrogo.execution.capacity import Slots as Slots
    from surrogo.execution.external.simulator import (
        ExternalSimulator as ExternalSimulator,
    )
    from surrogo.execution.store_file import StoreError as StoreError
    from surrogo.optimizers.least_squares import composite as composite
    from surrogo.optimizers.least_squares import least_squares as least_squares
    from surrogo.optimizers.loop import optimize as optimize
    from surrogo.optimizers.optimizer import Optimizer as Optimizer
    from surrogo.optimizers.saved import load as load
    from surrogo.optimizers.unseen import SpaceExhausted as SpaceExhausted
    from surrogo.result import Result as Result
    from surrogo.result import Status as Status
    from surrogo.space import Space as Space
    from surrogo.surrogates.gp import GaussianProcess as GaussianProcess
    from surrogo.surrogates.rbf import RBF as RBF
    from surrogo.trials import Evaluation as Evaluation
    from surrogo.trials import Trial as Trial
    from surrogo.trials import Trials as Trials
    from surrogo.variables import Categorical as Categorical
    from surrogo.variables import Integer as Integer
    from surrogo.variables import Ordinal as Ordinal
    from surrogo.variables import Real as Real

# Where each public name lives; loaded when first used, so that the import is quick.
_HOME = {
    "Categorical": "surrogo.variables",
    "Evaluation": "surrogo.trials",
    "ExternalSimulator": "surrogo.execution.external.simulator",
    "GaussianProcess": "surrogo.surrogates.gp",
    "Integer": "surrogo.variables",
    "OdeModel": "surrogo.calibration.ode_model",
    "Optimizer": "surrogo.optimizers.optimizer",
    "Ordinal": "surrogo.variables",
    "RBF": "surrogo.surrogates.rbf",
    "Real": "surrogo.variables",
    "Result": "surrogo.result",
    "Slots": "surrogo.execution.capacity",
    "Space": "surrogo.space",
    "SpaceExhausted": "surrogo.optimizers.unseen",
    "Status": "surrogo.result",
    "StoreError": "surrogo.execution.store_file",
    "Trial": "surrogo.trials",
    "Trials": "surrogo.trials",
    "calibrate": "surrogo.calibration.calibrate",
    "composite": "surrogo.optimizers.least_squares",
    "least_squares": "surrogo.optimizers.least_squares",
    "load": "surrogo.optimizers.saved",
    "optimize": "surrogo.optimizers.loop",
}

__all__ = sorted([*_HOME, "__version__"])

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # looked up once
    return value


def __dir__() -> list[str]:
    return __all__
