"""The whole system under fire; `python -m chaos --runs N --seed S` with `tests` on the path."""
