"""Solvers as functions ``solve(fun, lower, upper, budget, seed)``, ours and peers'."""
