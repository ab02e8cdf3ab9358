"""The steps of a month: loops that gather what a rule needs, ask the rule, and store what follows.

A step knows no coefficient and a rule knows no column. The order of the steps is in `month.py` alone.
"""
