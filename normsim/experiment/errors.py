"""What can be wrong with a directory of results."""


class StoreError(ValueError):
    """A directory of results that cannot be used as asked; the message says why and what to do."""
