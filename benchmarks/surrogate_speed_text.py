"""The words of the tables of ``surrogate_speed.py``."""

HEAD = """# Speed of the surrogates beside others

`python benchmarks/surrogate_speed.py`, {date}; {versions}.

One process, one thread, CPU time. Means of up to {most} rounds in which each was called
in turn (what is done again later, as after a change of ours, is timed alone); fits of
more than {enough:.0f} s were made once. "Ratio" is a model's time over ours. Fits that
take more than {limit:.0f} s are given up, and larger ones then not tried. `ridge` of
`benchmarks/surrogates.py`: every variable matters a little less than the one before.
"Predict" is mean and standard deviation at {tests} points, "test error" the root mean
square error there, relative to the standard deviation of the function.
"""

WORDS = {
    "alike": """
## The same Gaussian process

Matern 5/2 with a length scale per variable, no trend, pure likelihood, four starts; at
n = 2000 one start for all (SMT: two, its fewest), because some would take hours. The
nugget is 1e-10: ours and SMT's relative to the process variance, the others' relative
to the variance of the data, which on many points is much smaller. In brackets
likelihood evaluations where they are known. "log L" is the log likelihood at the length
scales and the nugget of each, by one formula (higher is better). GPyTorch is driven by
SciPy's L-BFGS-B from our starts, with Cholesky factors at all sizes. SMT's kernel is a
product over the variables and it has a constant trend; its log L is that of its own
kernel, and not comparable.

""",
    "squared": """
## Squared exponential

The same with the kernel that we and SMT have alike (and SMT's constant trend).

""",
    "default": """
## As they come

surrogo: constant trend, prior, four starts. GPyTorch: as in its tutorial, 50 steps of
Adam, noise of at least 1e-4 estimated. scikit-learn: one start. SMT: squared
exponential, twelve starts. "log L" is that of each kernel, comparable only between
surrogo, scikit-learn and GPyTorch.

""",
    "radial": """
## Radial basis functions

As they come.

""",
}
