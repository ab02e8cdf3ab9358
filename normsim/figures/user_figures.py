"""Figures of a user's own: functions in a Python file that return a Matplotlib figure.

Example of a file:
    from matplotlib.figure import Figure

    def users(comparison):
        figure = Figure()
        axes = figure.subplots()
        for run in comparison.scenario_runs:
            axes.plot(run.months, run.outcomes["users"])
        return figure
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

from matplotlib.figure import Figure

from normsim.config.messages import nearest
from normsim.errors import UserFileError
from normsim.figures.style import house, save
from normsim.user_files import failures_in, load_user_file, public_functions, required_arguments

SUBJECTS = {
    "comparison": "normsim run SCENARIO --vs BASELINE",
    "run": "normsim run SCENARIO",
    "runs": "normsim run SCENARIO",
    "results": "normsim compare DIR",
    "effects": "normsim compare DIR",
}
"""What a figure may take, by the name of its argument, and the command that offers it."""

FORMATS = ("png", "pdf")
"""Formats in which each figure is saved."""

TAKEN = ("comparison",)
"""Names of files that the built-in figures have."""


@dataclass(frozen=True)
class UserFigure:
    """A figure of a user's own.

    Attributes:
        name: name of the function, and of the files.
        path: the file it is from.
        function: draws the figure.
        takes: names of what it takes.
    """

    name: str
    path: Path
    function: FunctionType
    takes: tuple[str, ...]


def user_figures(path: str | Path, offered: Sequence[str]) -> list[UserFigure]:
    """Return the figures of a file that can be drawn from what is offered.

    Args:
        path: a Python file; its public functions are figures.
        offered: names of what is offered, among `SUBJECTS`. A figure that takes something else is left out.

    Raises:
        UserFileError: the file cannot be run, a function takes an unknown name, or no figure can be drawn.
    """
    path = Path(path)
    found = []
    for name, function in public_functions(load_user_file(path, "figures")).items():
        takes = tuple(required_arguments(function))
        for each in takes:
            if each not in SUBJECTS:
                raise UserFileError(
                    f"{path.name}: {name} takes {each!r}{nearest(each, list(SUBJECTS))} "
                    f"(a figure takes {', '.join(SUBJECTS)}; start the name of a helper with _)"
                )
        if takes and name in TAKEN:
            raise UserFileError(f"{path.name}: {name} is the name of a built-in figure; choose another name")
        if takes:
            found.append(UserFigure(name, path, function, takes))
    usable = [figure for figure in found if set(figure.takes) <= set(offered)]
    if not usable:
        others = "; ".join(f"{each.name} takes {', '.join(each.takes)}: {SUBJECTS[each.takes[0]]}" for each in found)
        raise UserFileError(
            f"{path.name} defines no figure for this command: write a function such as def my_figure({offered[0]}) "
            f"that returns a Matplotlib figure{f' ({others})' if others else ''}"
        )
    return usable


def draw_user_figure(figure: UserFigure, subjects: Mapping[str, Any]) -> Figure:
    """Draw a figure in the house style.

    Args:
        figure: the figure.
        subjects: what is offered, by name.

    Raises:
        UserFileError: the function fails, or returns something else than a Matplotlib figure.
    """
    what = f"{figure.path.name}: {figure.name}"
    with failures_in(figure.path, what), house():
        drawn = figure.function(**{name: subjects[name] for name in figure.takes})
    if not isinstance(drawn, Figure):
        raise UserFileError(f"{what} returned {_article(drawn)}; a figure returns a matplotlib.figure.Figure")
    return drawn


def _article(value: object) -> str:
    """A value's type, in words."""
    return "nothing" if value is None else f"an object of type {type(value).__name__}"


def figure_files(
    figures: Sequence[UserFigure], subjects: Mapping[str, Any]
) -> list[tuple[str, Callable[[Path], None]]]:
    """Draw figures; return the name of each file with what writes it at a path.

    Args:
        figures: the figures.
        subjects: what is offered, by name.

    Raises:
        UserFileError: a figure cannot be drawn.
    """
    drawn = [(figure.name, draw_user_figure(figure, subjects)) for figure in figures]
    return [(f"{name}.{kind}", partial(save, picture)) for name, picture in drawn for kind in FORMATS]
