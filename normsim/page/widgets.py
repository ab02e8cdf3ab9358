"""The page's own widgets: a picture that can be pointed at, the clock of play, and the sending of a file."""

from collections.abc import Callable
from typing import Any

import solara

DRAWING = """
.ns-state{stroke:var(--ns-quiet);stroke-width:.5;cursor:pointer}
.ns-state:hover{stroke:var(--ns-ink);stroke-width:1.5}
.ns-no-state{fill:none;stroke:var(--ns-line);stroke-width:.8}
.ns-edge{fill:none;stroke:var(--ns-quiet);stroke-width:.4;opacity:.22}
.ns-heard{fill:none;stroke:var(--ns-ink);opacity:.75}
.ns-text{fill:var(--ns-ink);font:13px system-ui,sans-serif}
.ns-small{fill:var(--ns-quiet);font:12px system-ui,sans-serif}
.ns-legend{fill:var(--ns-ink);font:19px system-ui,sans-serif}
.ns-bold{font-weight:600}
.ns-halo{paint-order:stroke;stroke:var(--ns-paper);stroke-width:4px;pointer-events:none}
.ns-axis{stroke:var(--ns-line);stroke-width:1}
.ns-one{fill:none;stroke:var(--ns-one);stroke-width:2}
.ns-two{fill:none;stroke:var(--ns-two);stroke-width:1.8;stroke-dasharray:5 3}
.ns-band{fill:var(--ns-one);opacity:.16}
.ns-mark{fill:var(--ns-quiet)}
"""
"""Styles of what is inside a picture, so that a saved one carries them along."""


@solara.component_vue("picture.vue")
def Picture(  # noqa: N802
    *,
    markup: str,
    label: str,
    rules: str = DRAWING,
    tips: dict[str, str] | None = None,
    name: str = "",
    event_pick: Callable[[str], None] | None = None,
) -> None:
    """A picture.

    Args:
        markup: the SVG, made by this program; names from outside are escaped in it.
        label: what it shows, for those who cannot see it.
        rules: styles within it.
        tips: what is said of an element with `data-pick`, by its code.
        name: name of the file it is saved as, no saving if empty.
        event_pick: called with the code of an element that is clicked.
    """


@solara.component_vue("clock.vue")
def Clock(*, playing: bool, delay: float, drawn: int, look: str, event_tick: Callable[[Any], None]) -> None:  # noqa: N802
    """The clock of play, which also sets the page light or dark.

    Args:
        playing: whether it runs.
        delay: time between two ticks [ms].
        drawn: number of the picture that is drawn; a tick waits for the one before.
        look: `auto`, `light` or `dark`.
        event_tick: called at every tick.
    """


@solara.component_vue("upload.vue")
def Upload(*, most: int, event_sent: Callable[[dict[str, Any]], None]) -> None:  # noqa: N802
    """The sending of a file.

    Args:
        most: greatest size [bytes]; of a larger file only name and size are sent.
        event_sent: called with name, size and data in base64.
    """


@solara.component_vue("setting.vue")
def Setting(  # noqa: N802
    *,
    label: str,
    value: Any,
    kind: str,
    event_set: Callable[[Any], None],
    choices: list[list[Any]] | None = None,
    low: float = 0.0,
    high: float = 1.0,
    step: float = 0.01,
    unit: str = "",
    help: str = "",
    told: bool = False,
    changed: bool = False,
    refused: int = 0,
    size: int = 8,
) -> None:
    """One labelled input, made of the browser's own, so that keys and screen readers work.

    Args:
        label: its name.
        value: what holds.
        kind: `float`, `int`, `switch`, `choice` or `text`.
        event_set: called with a new value once it is let go.
        choices: value and words of each choice.
        low: least value.
        high: greatest value.
        step: step of the slider.
        unit: unit in words.
        help: what it means.
        told: whether that is written below it, and not only shown under the pointer.
        changed: whether it differs from the scenario.
        refused: grows with every value that was refused, which puts the input back.
        size: width of a text field [characters].
    """


@solara.component_vue("log.vue")
def Lines(*, lines: list[dict[str, Any]], event_pick: Callable[[str], None]) -> None:  # noqa: N802
    """Lines of the event log.

    Args:
        lines: month, text, why and states of each.
        event_pick: called with the code of a state that is clicked.
    """


@solara.component_vue("copy.vue")
def Copy(*, text: str) -> None:  # noqa: N802
    """A command with a button that copies it.

    Args:
        text: the command.
    """
