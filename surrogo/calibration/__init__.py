"""Models and data: estimates, and what the data say of them."""
