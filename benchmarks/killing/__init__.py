"""Runs that are killed and resumed, and what must hold of their stores."""
