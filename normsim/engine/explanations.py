"""Explanations: why a state did or did not act in a month, with every term of its propensity."""

import datetime
from dataclasses import dataclass

import numpy as np

from normsim.config.messages import nearest
from normsim.engine.columns import Choice
from normsim.engine.narrative import CHOICE_NAMES, HAZARDS, REASONS, TERMS
from normsim.engine.simulate import Simulation, month_of
from normsim.rules import condemn, transfer

ORDERED = {1: "ordered by the scenario", -1: "forbidden by the scenario"}
"""Note of a decision that a dated event took."""


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a state did or did not act in a month.

    Attributes:
        choice: the choice, e.g. `transfer`.
        state: iso3 of the state.
        target: iso3 of the other state of a transfer or a condemnation, else empty.
        month: first day of the month.
        terms: the named terms of the propensity; empty if the state did not decide.
        link: `logit` or `log hazard`, the scale on which the terms add up; empty if it did not decide.
        probability: probability of the act in this month, 0 if it did not decide.
        draw: the uniform random number that was compared with the probability, NaN if it did not decide.
        happened: whether the act happened.
        note: why the state did not decide, or that a dated event took the decision; else empty.
    """

    choice: str
    state: str
    target: str
    month: datetime.date
    terms: dict[str, float]
    link: str
    probability: float
    draw: float
    happened: bool
    note: str

    def __repr__(self) -> str:
        """Month, state and choice; then the probability and the three largest terms, or why it did not decide."""
        at = f" to {self.target}" if self.target else ""
        head = f"{self.month:%Y-%m} {self.state} {self.choice}{at}"
        if not self.terms:
            return f"<{head}: {self.note}>"
        largest = sorted(self.terms.items(), key=lambda term: -abs(term[1]))[:3]
        told = ", ".join(f"{name} {value:+.2f}" for name, value in largest)
        return f"<{head}: probability {self.probability:.3f} ({told})>"


def explanations(
    simulation: Simulation, weighed: np.ndarray, place: int, choice: str, target: str | None = None
) -> list[Explanation]:
    """Return why a state did or did not act in the last month of a run, with every term of its propensity.

    Args:
        simulation: the run after that month.
        weighed: every choice weighed in it, dtype `ENTRY`.
        place: row of the state.
        choice: acquire, use, transfer, renounce, join, withdraw, vote, condemn or claim.
        target: iso3 of the other state of a transfer or a condemnation; every decision if not given.

    Returns:
        one explanation per decision; if the state decided nothing, a single one without terms.

    Raises:
        ValueError: there is no such choice, the target is unknown, or no month has been run.
    """
    if choice not in CHOICE_NAMES:
        raise ValueError(f"no choice {choice!r}{nearest(choice, CHOICE_NAMES)} (one of {', '.join(CHOICE_NAMES)})")
    if simulation.done == 0:
        raise ValueError("nothing has been decided yet: run a month first")
    mine = weighed[(weighed["choice"] == CHOICE_NAMES[choice]) & (weighed["actor"] == place)]
    if target is not None:
        mine = mine[mine["target"] == simulation.world.index(target)]
    if len(mine) == 0:
        return [_undecided(simulation, place, choice, target)]
    return [_explanation(simulation, choice, entry) for entry in mine]


def _last_month(simulation: Simulation) -> datetime.date:
    """First day of the month that was run last."""
    return month_of(simulation.scenario.start, simulation.done - 1)


def _explanation(simulation: Simulation, choice: str, entry: np.void) -> Explanation:
    """An explanation from an entry of the log."""
    number, world = CHOICE_NAMES[choice], simulation.world
    aimed = number in (Choice.TRANSFER, Choice.CONDEMN)
    return Explanation(
        choice=choice,
        state=world.iso3[int(entry["actor"])],
        target=world.iso3[int(entry["target"])] if aimed else "",
        month=_last_month(simulation),
        terms=dict(zip(TERMS[number], entry["terms"].tolist(), strict=False)),
        link="log hazard" if number in HAZARDS else "logit",
        probability=float(entry["probability"]),
        draw=float(entry["draw"]),
        happened=bool(entry["happened"]),
        note=ORDERED.get(int(entry["order"]), ""),
    )


def _undecided(simulation: Simulation, place: int, choice: str, target: str | None) -> Explanation:
    """Why the state did not decide, as recorded when the month was run."""
    match choice:
        case "transfer":
            reason = _transfer_reason(simulation, place, target)
        case "condemn":
            acted = target is not None and simulation.states["act"][simulation.world.index(target)] > 0.0
            reason = condemn.NOT_ASKED if acted else condemn.NO_ACT
        case _:
            reason = int(simulation.work[f"no_{choice}"][place])
    return Explanation(
        choice=choice,
        state=simulation.world.iso3[place],
        target=target or "",
        month=_last_month(simulation),
        terms={},
        link="",
        probability=0.0,
        draw=float("nan"),
        happened=False,
        note=REASONS[CHOICE_NAMES[choice]][reason],
    )


def _transfer_reason(simulation: Simulation, place: int, target: str | None) -> int:
    """Why no transfer to the target, or to anyone, was decided on: an index into `transfer.REASONS`."""
    mine = simulation.ties["supplier"] == place
    if target is not None:
        mine &= simulation.ties["recipient"] == simulation.world.index(target)
    received = simulation.work["no_receive"][simulation.ties["recipient"][mine]]
    reasons = np.where(received > 0, received, simulation.ties["ineligible"][mine])
    return int(reasons.max(initial=0)) or transfer.NO_TIE
