"""What COCO's archive of runs says, read off its own figures.

Share of (function, target) pairs solved after 10, 20, 50 and 100 evaluations a
variable: 24 functions, 51 targets 1e2 to 1e-8, 15 instances, restarts simulated. Read
from the figures of the archive's post-processed results. "best of all" takes the best
algorithm in each cell; no single one is that good.

Uniform random search on [-5, 5]^d, counted here, solves about .01 less than the archive
says at every budget in 2, 5 and 10 variables; on [-4, 4]^d, where all optima lie, .006
less in 5. So some of the archive's numbers may lie high by as much.
"""

from __future__ import annotations

PER_D = (10, 20, 50, 100)

ARCHIVE: dict[int, dict[str, tuple[float, ...]]] = {
    2: {
        "best of all": (0.231, 0.344, 0.541, 0.629),
        "lq-CMA-ES": (0.193, 0.280, 0.484, 0.614),
        "SLSQP-11": (0.206, 0.318, 0.490, 0.557),
        "CMA-ES 2019": (0.133, 0.188, 0.258, 0.362),
        "random": (0.121, 0.137, 0.166, 0.186),
    },
    3: {
        "best of all": (0.200, 0.287, 0.469, 0.579),
        "lq-CMA-ES": (0.173, 0.266, 0.469, 0.579),
        "SLSQP-11": (0.189, 0.283, 0.421, 0.475),
    },
    5: {
        "best of all": (0.181, 0.243, 0.398, 0.504),
        "lq-CMA-ES": (0.144, 0.210, 0.398, 0.504),
        "SLSQP-11": (0.167, 0.242, 0.394, 0.447),
        "CMA-ES 2019": (0.086, 0.135, 0.190, 0.273),
        "random": (0.063, 0.071, 0.081, 0.088),
    },
    10: {
        "best of all": (0.159, 0.195, 0.346, 0.402),
        "lq-CMA-ES": (0.127, 0.156, 0.261, 0.397),
        "SLSQP-11": (0.159, 0.195, 0.336, 0.400),
        "CMA-ES 2019": (0.061, 0.112, 0.156, 0.217),
        "random": (0.040, 0.042, 0.047, 0.050),
    },
    20: {
        "best of all": (0.152, 0.179, 0.248, 0.364),
        "lq-CMA-ES": (0.124, 0.137, 0.178, 0.278),
        "SLSQP-11": (0.151, 0.176, 0.246, 0.361),
        "CMA-ES 2019": (0.046, 0.101, 0.137, 0.188),
    },
}
