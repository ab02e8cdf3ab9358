"""The one error of analyses."""


class AnalysisError(ValueError):
    """Results that cannot be analysed as asked; the message says what, where, what is allowed and what to do."""
