"""Verification: limiting cases through the engine, the rest of the model at its null, beside published results.

There is no second model: the engine runs worlds in which one mechanism is on (see `limiting_worlds`), and theory gives
the target. What the engine cannot express is listed with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from normsim.analysis import (
    verification_averaging,
    verification_hazards,
    verification_invariances,
    verification_supply,
    verification_thresholds,
)
from normsim.analysis.verification_records import Case, Curve, Findings, Inexpressible, Line, Sizes
from normsim.config.messages import nearest
from normsim.errors import AnalysisError
from normsim.experiment import Progress

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        *verification_thresholds.CASES,
        *verification_averaging.CASES,
        *verification_hazards.CASES,
        *verification_supply.CASES,
        *verification_invariances.CASES,
    )
}
"""Every case by its name, in the order of the table."""

INEXPRESSIBLE = (
    Inexpressible(
        "sis",
        "SIS: threshold 1 / lambda_1",
        (),
        "no rule has a rate that is linear in the number of active neighbours: hazards are multiplied by "
        "exp(coefficient x share), so they are not zero where no neighbour is active",
    ),
    Inexpressible(
        "voter",
        "Voter model: absorption and its time",
        ("SoodRedner2005",),
        "no rule copies one neighbour drawn at random; states average or follow thresholds. Its mean is averaging, see "
        "voter_fixation",
    ),
    Inexpressible(
        "bass_linear",
        "Bass: hazard p + q F",
        ("Bass1969",),
        "the joining rule is proportional hazards, rate x exp(b F); its own mean field is verified in bass, with the "
        "distance to Bass' curve. A replaced rule of joining can add q F",
    ),
    Inexpressible(
        "naming_game",
        "Naming game: committed minority of 9.79 %",
        (),
        "a state votes one way; it cannot hold two names at once",
    ),
    Inexpressible(
        "axelrod",
        "Norms and metanorms games",
        ("Axelrod1986",),
        "boldness and vengefulness spread by the payoffs of those who have them; here no act has a payoff and no state "
        "takes over another's strategy. Its metanorm, that silence is punished too, is nearest to condemn.metanorm and "
        "norm.silence",
    ),
    Inexpressible(
        "hoffmann",
        "Frozen and volatile norms",
        ("Hoffmann2005",),
        "agents choose among rules that predict the others, by which predicted best; here all states form expectations "
        "by one rule, so that noise widens the spread but changes no rule",
    ),
)
"""Published cases that the engine cannot run."""


@dataclass(frozen=True)
class Verified:
    """A case and what it found."""

    case: Case
    findings: Findings

    @property
    def lines(self) -> list[Line]:
        """Lines of the table."""
        return self.findings.lines

    @property
    def curves(self) -> list[Curve]:
        """Curves, if the result is one."""
        return self.findings.curves

    @property
    def passed(self) -> bool:
        """Whether every line that is judged is met."""
        return all(line.passed is not False for line in self.lines)


def chosen(names: Sequence[str], sizes: Sizes) -> list[Case]:
    """The cases of some names, all if none is named.

    Raises:
        AnalysisError: there is no such case, or none of them takes a size that is set.
    """
    others = [each.name for each in INEXPRESSIBLE]
    for name in names:
        if name in others:
            why = next(each.why for each in INEXPRESSIBLE if each.name == name)
            raise AnalysisError(f"{name} cannot be run: {why}")
        if name not in CASES:
            raise AnalysisError(f'there is no case "{name}"{nearest(name, CASES)} (one of {", ".join(CASES)})')
    cases = [CASES[name] for name in names] or list(CASES.values())
    for size in sizes.given():
        takers = [case.name for case in CASES.values() if size in case.takes]
        if not any(case.name in takers for case in cases):
            raise AnalysisError(f"--{size} does nothing for {', '.join(names)}; it is read by {', '.join(takers)}")
    return cases


def verify(
    names: Sequence[str] = (),
    sizes: Sizes | None = None,
    on_case: Callable[[Verified], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> list[Verified]:
    """Run limiting cases through the engine.

    Args:
        names: cases to run, all by default.
        sizes: sizes and parameters that differ from the cases' own.
        on_case: called as soon as a case is done.
        on_progress: called after each run of the engine.

    Returns:
        One record per case, in the order asked for.

    Raises:
        AnalysisError: there is no such case, or a size that none of them reads.

    Example:
        >>> [line.passed for line in verify(["degroot"])[0].lines][:2]
        [True, True]
    """
    sizes = sizes or Sizes()
    cases = chosen(names, sizes)
    progress = Progress(sum(case.runs(sizes) for case in cases))

    def tick() -> None:
        progress.done += 1
        if on_progress is not None:
            on_progress(progress)

    done = []
    for case in cases:
        done.append(Verified(case, case.measure(sizes, tick)))
        if on_case is not None:
            on_case(done[-1])
    return done
