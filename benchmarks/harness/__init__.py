"""The harness: counts evaluations, keeps solvers apart, and loses no finished run."""
