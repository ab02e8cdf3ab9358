"""Analysis: what runs say when they are compared."""

from normsim.analysis.errors import AnalysisError

__all__ = ["AnalysisError"]
