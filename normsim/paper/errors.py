"""What can be wrong with a paper's figures."""


class PaperError(ValueError):
    """A figure or report that cannot be made as asked; the message says why and what to do."""
