"""Figures: one module a figure, each a function from runs to a figure, in the house style."""
