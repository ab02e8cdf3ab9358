"""Controls: every setting of a scenario, made from the parameter records."""

import base64
from collections.abc import Callable
from typing import Any

import solara

from normsim.page.quantities import plain
from normsim.page.session import NOTHING, UNCHANGED, PageError, Session
from normsim.page.widgets import Setting, Upload
from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario import RealWorld, load_scenario, scenario_names

MAX_UPLOAD = 1_000_000
"""Greatest upload [bytes]."""

Act = Callable[[Callable[[], Any]], None]
"""Does something to the session, and shows what came of it."""

REGIME_WORDS = {
    "strict_ban": "Strict ban",
    "ccw_dud_rate": "CCW dud-rate regime",
    "two_track": "Two tracks (needs both above)",
    "bridge": "Bridge-period exception",
}


PARTS = {
    "lever": "Levers: what a government could set",
    "uncertain": "Assumptions",
    "given": "Given: texts, measurements, conventions",
    "treatment": "Treatments: what only an experiment sets",
}
"""Title of each part below the regimes, by the role of its parameters."""


def _groups(heading: str) -> dict[str, list[Parameter]]:
    """Parameters under a heading, by group."""
    groups: dict[str, list[Parameter]] = {}
    for record in records().values():
        if record.heading == heading:
            groups.setdefault(record.group, []).append(record)
    return groups


@solara.component
def Fold(title: str, inside: Callable[[], None], heading: str = "") -> None:  # noqa: N802
    """What opens and closes; what is inside is made only once it is open.

    Args:
        title: its name.
        inside: makes what is in it.
        heading: class of its name.
    """
    is_open = solara.use_reactive(False)
    solara.Button(
        f"{'▾' if is_open.value else '▸'} {title}",
        text=True,
        classes=["ns-fold", heading],
        on_click=lambda: is_open.set(not is_open.peek()),
        attributes={"aria-expanded": "true" if is_open.value else "false"},
    )
    if is_open.value:
        with solara.Div(classes=["ns-folded"]):
            inside()


@solara.component
def Field(session: Session, record: Parameter, act: Act, refused: int, told: bool = True, label: str = "") -> None:  # noqa: N802
    """The input of one parameter.

    Args:
        session: the session.
        record: the parameter.
        act: does something to the session.
        refused: grows with every value that was refused.
        told: whether its meaning is written out.
        label: its name, if not its own.
    """
    span = record.high - record.low
    sources = ", ".join(record.source)
    Setting(
        label=label or record.name.partition(".")[2].replace("_", " "),
        value=session.scenario.values[record.name],
        kind=record.kind,
        choices=[[choice, choice] for choice in record.choices],
        low=record.low,
        high=record.high,
        step=1.0 if record.kind == "int" else float(f"{span / 200:.1g}") if span else 0.01,
        help=f"{plain(record.meaning)}{f' [{record.unit}]' if record.unit else ''} ({record.status}: {sources})",
        told=told,
        changed=record.name in session.changed,
        refused=refused,
        event_set=lambda value: act(lambda: session.set_value(record.name, _number(record, value))),
    )


def _number(record: Parameter, value: Any) -> Any:
    """A browser's number in the parameter's kind."""
    whole = record.kind == "int" and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


@solara.component
def Controls(session: Session, act: Act, settings: int, refused: int) -> None:  # noqa: N802
    """All settings of the scenario.

    Args:
        session: the session.
        act: does something to the session.
        settings: grows with every change of a setting.
        refused: grows with every value that was refused.
    """
    with solara.Div(classes=["ns-controls"]):
        _scenario(session, act, refused)
        # a press on what is replaced is lost: what may move has a key
        solara.HTML(tag="h2", unsafe_innerHTML="Regimes").key("regimes")
        for regime in REGIMES:
            group = _groups("regime")[regime]
            Field(session, group[0], act, refused, told=False, label=REGIME_WORDS[regime]).key(regime)
            if session.scenario.values[f"{regime}.on"] and group[1:]:
                Fold("its terms", lambda rest=group[1:]: _fields(session, rest, act, refused)).key(f"fold-{regime}")
        for part, title in PARTS.items():
            solara.HTML(tag="h2", unsafe_innerHTML=title).key(part)
            for name, group in _groups(part).items():
                count = sum(record.name in session.changed for record in group)
                shown = name.replace("_", " ") + (f" ({count} changed)" if count else "")
                Fold(shown, lambda group=group: _fields(session, group, act, refused)).key(f"fold-{part}-{name}")


def _fields(session: Session, group: list[Parameter], act: Act, refused: int) -> None:
    """The inputs of some parameters."""
    for record in group:
        Field(session, record, act, refused).key(record.name)


def _scenario(session: Session, act: Act, refused: int) -> None:
    """Which scenario, beside which, from when on."""
    names = list(scenario_names())
    own = "" if session.packaged else session.base.name
    choices = [["", f"{own} (your file)"]] if own else []
    choices += [[name, load_scenario(name).title] for name in names]
    Setting(
        label="Scenario",
        value="" if own else session.base.name,
        kind="choice",
        choices=choices,
        refused=refused,
        event_set=lambda name: act(lambda: session.choose(name) if name else None),
    )
    solara.Text(session.base.question, classes=["ns-question"])
    others = [[NOTHING, "nothing"], [UNCHANGED, "itself, before my changes"]]
    if isinstance(session.scenario.world, RealWorld):
        others += [[name, load_scenario(name).title] for name in names]
    Setting(
        label="Compared with (same seed)",
        value=session.other,
        kind="choice",
        choices=others,
        refused=refused,
        event_set=lambda name: act(lambda: session.compare_with(name)),
    )
    Setting(
        label="First month",
        value=f"{session.scenario.start:%Y-%m}",
        kind="text",
        refused=refused,
        event_set=lambda text: act(lambda: session.set_start(text)),
    )
    Upload(most=MAX_UPLOAD, event_sent=lambda sent: act(lambda: take_upload(session, sent)))
    if session.is_changed:
        count = len(session.changed) + len(session.forced) + (session.start is not None)
        solara.Button(
            f"Take back {count} change{'s' if count > 1 else ''}",
            on_click=lambda: act(session.clear_changes),
            small=True,
        ).key("take-back")


def take_upload(session: Session, sent: dict[str, Any]) -> None:
    """Open a scenario that a browser sent.

    Args:
        session: the session.
        sent: name, size, and data in base64 unless it was too large.

    Raises:
        PageError: it is too large.
        ScenarioError: it cannot be taken.
    """
    name, data = str(sent.get("name", "")), sent.get("data")
    if data is None or len(data) > MAX_UPLOAD * 4 // 3 + 4:
        raise PageError(f"{name}: too large; a scenario file has at most {MAX_UPLOAD:,} bytes")
    session.upload(base64.b64decode(data), name)
