"""The engine: columns, draws, the order of a month, outcomes, and `simulate`, the one entry point of all front ends."""
