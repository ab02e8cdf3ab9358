"""The science: one file per choice or process, each of them pure functions of numbers.

No random numbers, files or Mesa in here. A choice has three parts: `ineligible(...)` says whether the state can decide
(0 if it can, else the index of the reason in `REASONS`), `terms(...)` gives the named terms of its propensity, and
`logit` or `hazard` of `link_functions.py` turns their sum into a probability. `p` is always the record of parameters,
as in `p.use.habit`. Every function can be replaced by name (docs/rules.md).
"""
