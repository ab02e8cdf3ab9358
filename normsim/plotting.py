"""Which function draws an object: the table behind `.plot()`.

An object may have a `.plot()` although its module must not import the figures, which are built on top of it. So the
package registers where the drawing function of each kind of object is, and it is imported when it is first needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DRAWN_BY: dict[str, str] = {}


def register_plot(kind: str, function: str) -> None:
    """Register the function that draws a kind of object.

    Args:
        kind: name of the kind, e.g. `run`.
        function: the function as `module:name`. It takes the object and returns a Matplotlib figure.
    """
    _DRAWN_BY[kind] = function


def plot(kind: str, *arguments: Any) -> Figure:
    """Draw an object.

    Args:
        kind: name of its kind.
        arguments: what the registered function takes, first of all the object.

    Raises:
        KeyError: no function is registered for this kind.
    """
    module, _, function = _DRAWN_BY[kind].partition(":")
    drawn: Figure = getattr(import_module(module), function)(*arguments)
    return drawn
