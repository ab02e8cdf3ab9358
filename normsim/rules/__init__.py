"""The science: one file a choice or a process, each a pure function of numbers.

No random number, no file and no Mesa in here. A choice has three parts: `ineligible(...)` says whether law or matter
forbids it (0 open, else the number of a reason in `REASONS`), `terms(...)` gives the named terms of its propensity, and
`logit` or `hazard` of `links.py` turns their sum into a probability. `p` is always the record of parameters,
`p.use.habit`.
"""
