"""Claims: sentences of an argument, each bound to a comparison that can refute it.

`load_ledger` reads them, `run_claims` makes the runs they need or goes on where it stopped, `verdicts` judges them from
what is stored.
"""

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "Claim": "ledger",
    "Ledger": "ledger",
    "load_ledger": "ledger",
    "run_claims": "trials",
    "verdicts": "evidence",
}

__all__ = [*_HOME]

if TYPE_CHECKING:
    from normsim.claims.evidence import verdicts as verdicts
    from normsim.claims.ledger import Claim as Claim
    from normsim.claims.ledger import Ledger as Ledger
    from normsim.claims.ledger import load_ledger as load_ledger
    from normsim.claims.trials import run_claims as run_claims


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
