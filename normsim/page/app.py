"""The page. Everything of a visitor is made inside `Page`, so that two tabs share nothing."""

import logging
import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import solara
import solara.lab

from normsim.engine.narrative import CHOICE_NAMES
from normsim.engine.networks import LAYERS
from normsim.engine.outcomes import OUTCOMES
from normsim.model import Explanation
from normsim.page import log, map, network, panel, series
from normsim.page.controls import Act, Controls, Fold
from normsim.page.quantities import QUANTITIES, STATUS
from normsim.page.session import AIMED, FILE, FIRST, VARIABLE, PageError, Session
from normsim.page.widgets import Clock, Copy, Lines, Picture, Setting
from normsim.parameters import ParameterError
from normsim.scenario import ACTIONS, ScenarioError
from normsim.world import WorldError

SPEEDS = (1, 2, 5, 10, 20)
REDRAWS = (1, 3, 6, 12)
REFUSALS = (PageError, ScenarioError, ParameterError, WorldError)
"""Errors whose message is for whoever typed."""

_OPENING = (
    "<h1>normsim</h1> Does the norm against cluster munitions hold or erode? Press Play, click a state to ask it why, "
    "change a rule under Settings. One line is one possible course, no forecast."
)

Pick = Callable[[str], None]

_CSS = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


@solara.component
def Page() -> None:  # noqa: N802
    """The whole page."""
    session = solara.use_memo(lambda: Session(os.environ.get(VARIABLE, FIRST)), [])
    drawn = solara.use_reactive(0)
    settings = solara.use_reactive(0)
    refused = solara.use_reactive(0)
    message = solara.use_reactive("")
    playing = solara.use_reactive(False)
    speed = solara.use_reactive(5)
    redraw = solara.use_reactive(1)
    selected = solara.use_reactive("USA")
    look = solara.use_reactive("auto")
    # on a wide screen this hides the settings, on a narrow one it shows them
    toggled = solara.use_reactive(False)

    def attempt(work: Callable[[], Any]) -> bool:
        """Do something; what goes wrong is said, stops play, and leaves the session as it was."""
        try:
            work()
        except REFUSALS as error:
            message.set(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("the page could not do what was asked")
            message.set(f"This went wrong: {type(error).__name__}: {error}")
        else:
            message.set("")
            drawn.set(drawn.peek() + 1)
            return True
        playing.set(False)
        refused.set(refused.peek() + 1)
        return False

    def change(work: Callable[[], Any]) -> None:
        if attempt(work):
            settings.set(settings.peek() + 1)

    def tick(_: Any) -> None:
        if playing.peek() and attempt(lambda: session.step(redraw.peek())) and session.is_over:
            playing.set(False)

    world = session.model.simulation.world
    state = selected.value if selected.value in world.iso3 else world.iso3[0]

    solara.Title("normsim: the norm against cluster munitions")
    solara.Style(_CSS)
    delay = 1000.0 * redraw.value / speed.value
    Clock(playing=playing.value, delay=delay, drawn=drawn.value, look=look.value, event_tick=tick)
    with solara.Div(classes=["ns-whole", *(["ns-toggled"] if toggled.value else [])]):
        with solara.Div(classes=["ns-side"]):
            Controls(session, change, settings.value, refused.value)
        with solara.Div(classes=["ns-page"]):
            solara.HTML(tag="div", classes=["ns-wide", "ns-opening"], unsafe_innerHTML=_OPENING)
            with solara.Div(classes=["ns-card", "ns-wide"]):
                Transport(session, attempt, change, playing, speed, redraw, look, toggled, drawn.value, refused.value)
            if message.value:
                solara.HTML(
                    tag="div",
                    classes=["ns-message", "ns-wide"],
                    attributes={"role": "alert"},
                    unsafe_innerHTML=escape(message.value),
                ).key("message")
            with solara.Div(classes=["ns-column"]).key("left"):
                with solara.Div(classes=["ns-card", "ns-first"]):
                    States(session, state, selected.set, drawn.value)
                with solara.Div(classes=["ns-card", "ns-third"]):
                    StatePanel(session, state, change, drawn.value)
            with solara.Div(classes=["ns-column"]).key("right"):
                with solara.Div(classes=["ns-card", "ns-second"]):
                    Series(session, change, drawn.value)
                with solara.Div(classes=["ns-card", "ns-fourth"]):
                    TakeAway(session, drawn.value)
                    Log(session, state, selected.set, drawn.value)


@solara.component
def Transport(  # noqa: N802
    session: Session,
    attempt: Callable[[Callable[[], Any]], bool],
    change: Act,
    playing: solara.Reactive[bool],
    speed: solara.Reactive[int],
    redraw: solara.Reactive[int],
    look: solara.Reactive[str],
    toggled: solara.Reactive[bool],
    drawn: int,
    refused: int,
) -> None:
    """Time: play, pause, step, reset; seed; speed."""
    over = session.is_over
    with solara.Div(classes=["ns-bar"]):
        when, begins = (session.model.last_month, "") if session.done else (session.scenario.start, "begins, ")
        solara.HTML(
            tag="div",
            classes=["ns-now"],
            attributes={"data-done": str(session.done)},
            unsafe_innerHTML=f"{when:%b %Y}<small>{begins}month {session.done} of {session.scenario.months}</small>",
        )
        label = "Pause" if playing.value else "Play"
        solara.Button(
            label, small=True, color="primary", on_click=lambda: playing.set(not playing.peek()), disabled=over
        )
        solara.Button("Step", small=True, on_click=lambda: attempt(session.step), disabled=over)
        solara.Button("To the end", small=True, on_click=lambda: attempt(lambda: session.step(10_000)), disabled=over)

        def reset() -> None:
            playing.set(False)
            attempt(session.reset)

        solara.Button("Reset", small=True, on_click=reset)
        Setting(
            label="Months a second",
            value=speed.value,
            kind="choice",
            choices=[[n, str(n)] for n in SPEEDS],
            event_set=lambda n: speed.set(int(n)),
        )
        Setting(
            label="Redraw every",
            value=redraw.value,
            kind="choice",
            choices=[[n, f"{n} month{'s' if n > 1 else ''}"] for n in REDRAWS],
            event_set=lambda n: redraw.set(int(n)),
        )
        Setting(
            label="Seed",
            value=str(session.seed),
            kind="text",
            size=5,
            help="a whole number from 0 on; the same seed gives the same wars and the same luck",
            refused=refused,
            event_set=lambda text: change(lambda: session.set_seed(text)),
        )
        solara.Button("New seed", small=True, on_click=lambda: change(session.new_seed))
        looks = [["auto", "auto"], ["light", "light"], ["dark", "dark"]]
        Setting(label="Look", value=look.value, kind="choice", choices=looks, event_set=look.set)
        solara.Button("Settings", small=True, on_click=lambda: toggled.set(not toggled.peek()))


@solara.component
def States(session: Session, selected: str, pick: Pick, drawn: int) -> None:  # noqa: N802
    """The map or the network."""
    view = solara.use_reactive("map")
    colour = solara.use_reactive(STATUS)
    layer = solara.use_reactive(network.ALL)
    quantity = QUANTITIES[colour.value]
    legend = map.legend(quantity)
    world = session.model.simulation.world
    with solara.Div(classes=["ns-bar"]):
        views = [["map", "world map"], ["network", "influence network"]]
        Setting(label="View", value=view.value, kind="choice", choices=views, event_set=view.set)
        choices = [[label, label] for label in QUANTITIES]
        Setting(label="Colour by", value=colour.value, kind="choice", choices=choices, event_set=colour.set)
        if view.value == "network":
            layers = [[name, name] for name in (network.ALL, *LAYERS)]
            Setting(label="Layer", value=layer.value, kind="choice", choices=layers, event_set=layer.set).key("layer")
        _state_choice("Selected state", session, selected, pick)
    rules, tips = map.colours(session, quantity, selected), map.tips(session, quantity)
    named = f"{colour.value} of every state, {_when(session)}"
    if view.value == "map":
        drawing = map.markup(world, legend)
        told = f"World map: {named}"
        Picture(markup=drawing, label=told, rules=rules, tips=tips, name="normsim_map", event_pick=pick).key("map")
    else:
        drawing = network.markup(session, layer.value, selected, legend)
        told = f"Influence network: {named}"
        Picture(markup=drawing, label=told, rules=rules, tips=tips, name="normsim_network", event_pick=pick).key(
            "network"
        )
        _pulls(session, selected)


def _when(session: Session) -> str:
    """The month on screen."""
    return f"{session.model.last_month:%Y-%m}" if session.done else "before the first month"


def _moved(value: float) -> str:
    """A change in thousandths, or that there was none."""
    return f"{1000.0 * value:+.2g}" if value else "none"


def _pulls(session: Session, selected: str) -> None:
    """Who moved the selected state."""
    world = session.model.simulation.world
    name = world.names[world.index(selected)]
    if not session.done:
        solara.Text("Step a month to see who moves whom.", classes=["ns-quiet"])
        return
    rows = [
        (world.names[world.index(pull.state)], f"{pull.attention:.1%}", _moved(pull.approval), _moved(pull.conduct))
        for pull in network.pulls(session, selected)
    ]
    solara.HTML(tag="h2", unsafe_innerHTML=escape(f"Who moved {name} most in {_when(session)}"))
    moves = ("moved the approval it expects by (thousandths)", "moved the conduct it expects by (thousandths)")
    _table(("state", "share of its attention", *moves), rows)


def _state_choice(label: str, session: Session, value: str, pick: Pick) -> None:
    """The choice of a state by name."""
    world = session.model.simulation.world
    choices = sorted(
        ([code, f"{name} ({code})"] for code, name in zip(world.iso3, world.names, strict=True)),
        key=lambda choice: choice[1],
    )
    Setting(label=label, value=value, kind="choice", choices=choices, event_set=pick).key(label)


@solara.component
def Series(session: Session, change: Act, drawn: int) -> None:  # noqa: N802
    """The time series."""
    shown = solara.use_reactive(list(series.SHOWN))

    def measure() -> None:
        spread = session.measure_spread()
        change(lambda: session.show_spread(spread))

    task = solara.lab.use_task(measure, dependencies=None)
    names = tuple(name for name in shown.value if name in OUTCOMES)
    drawing = series.markup(session, names)
    Picture(markup=drawing, label=f"Time series of {', '.join(names)}", name="normsim_series")
    with solara.Div(classes=["ns-bar"]):
        if session.spread is None:
            text = "Running 50 seeds ..." if task.pending else "Show the spread over 50 seeds"
            solara.Button(text, small=True, on_click=task, disabled=task.pending)

    def choose() -> None:
        for name, outcome in OUTCOMES.items():

            def switch(on: bool, name: str = name) -> None:
                kept = [other for other in shown.peek() if other != name]
                shown.set([*kept, name] if on else kept)

            Setting(
                label=name.replace("_", " "),
                value=name in names,
                kind="switch",
                help=outcome.meaning,
                told=True,
                event_set=switch,
            ).key(name)

    Fold("Choose the outcomes", choose)


@solara.component
def StatePanel(session: Session, selected: str, change: Act, drawn: int) -> None:  # noqa: N802
    """What is known of the selected state, how it stands, why it chose, and what it is made to do."""
    choice = solara.use_reactive("use")
    target = solara.use_reactive("")
    world = session.model.simulation.world
    solara.HTML(tag="h2", unsafe_innerHTML=escape(f"{world.names[world.index(selected)]} ({selected})"))
    found = panel.explanations(session, selected, choice.value)
    with solara.Div(classes=["ns-bar"]):
        choices = [[name, name] for name in CHOICE_NAMES]
        Setting(
            label="Why did it, or did it not", value=choice.value, kind="choice", choices=choices, event_set=choice.set
        )
        aimed = [told for told in found if told.target and told.terms]
        if len(aimed) > 1:
            targets = [[t.target, world.names[world.index(t.target)] + " (happened)" * t.happened] for t in aimed]
            at = target.value if target.value in {t.target for t in aimed} else aimed[0].target
            Setting(label="towards", value=at, kind="choice", choices=targets, event_set=target.set).key("towards")
            found = [told for told in aimed if told.target == at]
    if not found:
        solara.Text("Step a month, and every term of its choice is shown here.", classes=["ns-quiet"])
    else:
        told = found[0]
        solara.Text(panel.heading(session, told), classes=["ns-explained"])
        if told.terms:
            with solara.Div(classes=["ns-bars"]):
                name = f"normsim_{selected}_{told.choice}"
                Picture(markup=panel.bars(told), label=f"Terms of {told.choice}", name=name)
            Fold("What the terms mean", lambda: _terms(told)).key("terms")
    Force(session, selected, change, drawn).key("force")
    Fold("How it stands now", lambda: _table(("", "now", "meaning"), panel.standing(session, selected))).key("now")
    Fold("What is known of it, with sources", lambda: _facts(session, selected)).key("facts")


@solara.component
def Force(session: Session, selected: str, change: Act, drawn: int) -> None:  # noqa: N802
    """An act that the selected state is made to do next month."""
    action = solara.use_reactive("renounce")
    to = solara.use_reactive("UKR")
    world = session.model.simulation.world
    others = [code for code in world.iso3 if code != selected]
    target = to.value if to.value in others else others[0]
    with solara.Div(classes=["ns-bar"]):
        choices = [[name, name.replace("_", " ")] for name in ACTIONS]
        Setting(label="Make it, next month", value=action.value, kind="choice", choices=choices, event_set=action.set)
        if action.value in AIMED:
            _state_choice("towards", session, target, to.set)
        aim = target if action.value in AIMED else ""
        solara.Button(
            "Force",
            small=True,
            on_click=lambda: change(lambda: session.force(action.peek(), selected, aim)),
            disabled=session.is_over,
        ).key("force")
    for event in session.forced:
        solara.Text(f"Forced: {event}", classes=["ns-quiet"])


def _terms(told: Explanation) -> None:
    """What each term of a choice stands for."""
    solara.Text(panel.READING, classes=["ns-quiet"])
    _table(("term", "now", "what it stands for"), panel.meanings(told))


def _facts(session: Session, selected: str) -> None:
    """Facts and their sources."""
    rows = panel.facts(session, selected)
    if not rows:
        solara.Text("A generated world has no record.", classes=["ns-quiet"])
        return
    _table(("fact", "value", "as of", "source"), rows)
    _table(("source", ""), panel.sources({key for row in rows for key in row[3].split(";")}))


def _table(head: tuple[str, ...], rows: list[Any]) -> None:
    """A table of text."""
    top = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    solara.HTML(
        tag="table", classes=["ns-table"], unsafe_innerHTML=f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    )


@solara.component
def TakeAway(session: Session, drawn: int) -> None:  # noqa: N802
    """The command and the files that give the same numbers."""
    solara.HTML(tag="h2", unsafe_innerHTML="Take it away")
    Copy(text=session.command())
    if FILE in session.command():
        solara.Text(f"Save the scenario as {FILE} first: it holds your changes.", classes=["ns-quiet"])
    with solara.Div(classes=["ns-bar"]).key("files"):
        solara.FileDownload(lambda: session.toml().encode(), FILE, label="Scenario (TOML)")
        solara.FileDownload(lambda: session.csv().encode(), "normsim_series.csv", label="Series (CSV)")


@solara.component
def Log(session: Session, selected: str, pick: Pick, drawn: int) -> None:  # noqa: N802
    """The event log."""
    kind = solara.use_reactive("everything")
    words = solara.use_reactive("")
    only = solara.use_reactive(False)
    solara.HTML(tag="h2", unsafe_innerHTML="What happened")
    with solara.Div(classes=["ns-bar"]):
        kinds = [[name, name] for name in log.KINDS]
        Setting(label="Show", value=kind.value, kind="choice", choices=kinds, event_set=kind.set)
        Setting(label="With the words", value=words.value, kind="text", size=12, event_set=words.set)
        Setting(label=f"Only {selected}", value=only.value, kind="switch", event_set=only.set)
    lines, count = log.lines(session, kind.value, words.value, selected if only.value else "")
    solara.Text(f"{count:,} event{'s' * (count != 1)}, newest first", classes=["ns-quiet"])
    told = [
        {"month": f"{line.month:%Y-%m}", "text": line.text, "why": line.why, "states": list(line.states)}
        for line in lines
    ]
    Lines(lines=told, event_pick=pick)
