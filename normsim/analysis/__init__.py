"""Analysis: what runs say when they are compared."""
