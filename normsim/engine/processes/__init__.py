"""The processes of a month: loops that gather what a rule needs, apply the rule, and store what follows.

A process knows no coefficient and a rule knows no column. The order of the processes is in `schedule.py` alone.

In a loop over states, `me` is the state that decides and `them` the other one; a replaced rule finds columns by these
names (see `rule_set.py`).
"""
