"""Analysis: what runs say when they are compared."""

from normsim.errors import AnalysisError

__all__ = ["AnalysisError"]
