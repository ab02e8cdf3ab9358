"""Join: sign while the convention is open, ratify after signing, accede later; ratify an adopted CCW protocol.

hazard = rate exp(ln g + region (share of parties) + peers (W parties) - delay (w - mean) + norm (n - usual)
             + praise c [first months] - threat (th - mean) - stock arsenal [not signed]
             - waning years - patron [strongest ally outside] - emboldened [tier accepted])
arsenal = sqrt(power / power of the strongest state) of a state that holds the weapon, else 0
w = mean over earlier bans of log(1 + years from the opening to the deposit)

Delay and threat are centred on their mean over all states at the start and the felt norm on `norm.usual`, so that
`signing`, `ratify` and `accede` are hazards, in the month of the opening, of an average state that holds no stock and
has no party around it. The convention enters into force six months after the 30th deposit, and for each state six
months after its own [CCM 2008, art. 17].

A state that was slow to join the Chemical Weapons Convention and the Mine Ban Treaty is slow to join this one:
constraints at home delay ratification [Haftel and Thompson 2013], and they last. By the log likelihood of who joined
until 2012, 2015 and 2019, the term gains 2.8, 4.4 and 5.6. Democracy, which speeds up ratification elsewhere
[Karlas 2022], gains nothing beside it.

Holding the weapon deters states that have not signed, the more the larger their arsenal; those that signed have taken
that decision. Joining of every form wanes with the years since the convention opened. By the log likelihood of who
joined until 2012, 2015 and 2019, deterrence by arsenal gains 0.1, 0.4 and 0.7 over the same deterrence for every
holder; one waning for all forms loses 0.0, 1.3 and 0.4 beside one for each.

States differ in ways that nobody sees: the frailty g of a state is drawn from a gamma distribution with mean 1 and
standard deviation s = `frailty`. Those that are still outside when a run starts late are selected: given that a state
has stayed out through a cumulative hazard H, g is distributed as g0 / (1 + s^2 H), g0 as before [Vaupel et al. 1979].
H is the hazard of a state with its covariates of the start, its neighbours' membership averaged over the months since
the opening, and the waning of half that time.

Status: rates empirical [UNTC]; signs from [Karlas 2022, 2023; Haftel and Thompson 2013; Goodliffe et al. 2012;
Onderco and Vignoli 2025; Petrova 2019]; magnitudes assumed; the record shows next to no frailty. Null: each coefficient
0; a rate of 0 switches the act off.
"""

import math
from typing import Any, NamedTuple

from normsim.rules.link_functions import log_rate

REASONS = ("open", "already bound", "would never join", "the convention is not yet open")
IMMOVABLE = 2
"""Place in `REASONS` of the one reason that a dated event overrides."""

SIGN, RATIFY, ACCEDE = 0, 1, 2

MONTHS_A_YEAR = 12.0


class JoinTerms(NamedTuple):
    """Terms of the log hazard of joining."""

    rate: float
    frailty: float
    region: float
    peers: float
    delay: float
    norm: float
    praise: float
    threat: float
    stock: float
    waning: float
    patron: float
    emboldened: float


class ProtocolTerms(NamedTuple):
    """Terms of the log hazard of ratifying a CCW dud-rate protocol."""

    rate: float
    delay: float


def ineligible(bound: int, immovable: int, months_open: int) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does."""
    if bound:
        return 1
    if months_open < 0:
        return 3
    if immovable:
        return 2
    return 0


def arsenal(rounds: int, relative_power: float) -> float:
    """Size of the arsenal that a state would give up [0-1].

    Args:
        rounds: rounds it holds.
        relative_power: its power relative to the strongest state [0-1].
    """
    return math.sqrt(relative_power) if rounds > 0 else 0.0


def form(status_signed: int, treaty_in_force: int) -> int:
    """How a state would join: ratify after signing, accede once the convention is in force, else sign."""
    if status_signed:
        return RATIFY
    return ACCEDE if treaty_in_force else SIGN


def frailty(p: Any, drawn: float, past: float) -> float:
    """Log of a state's unseen factor on its hazard of joining, given that it has stayed out so far.

    Args:
        p: parameters.
        drawn: its factor as drawn, whose mean over states is 1.
        past: the cumulative hazard of a state like it since the convention opened; 0 if it has joined.
    """
    return math.log(drawn) - math.log1p(p.join.frailty * p.join.frailty * past)


def months_exposed(form: int, signed: int, open_for: int, force_for: int) -> int:
    """Months since the opening in which a state outside could join in a way.

    Args:
        form: `SIGN`, `RATIFY` or `ACCEDE`.
        signed: whether it has signed; most did so on the first day, so all months count for `RATIFY`.
        open_for: months since the opening.
        force_for: months of these in which the convention was in force, when those that had not signed could accede.
    """
    if signed:
        return open_for if form == RATIFY else 0
    if form == RATIFY:
        return 0
    return force_for if form == ACCEDE else open_for - force_for


def terms(
    p: Any,
    form: int,
    frailty: float,
    region_share: float,
    parties_seen: float,
    delay: float,
    felt: float,
    civil: float,
    months_open: int,
    threat: float,
    arsenal: float,
    patron_outside: float,
    tier_accepted: float,
) -> JoinTerms:
    """Terms of the monthly log hazard of signing, ratifying or acceding.

    Args:
        p: parameters.
        form: `SIGN`, `RATIFY` or `ACCEDE`.
        frailty: log of the state's unseen factor on its hazard, see `frailty`.
        region_share: share of parties in its region [0-1].
        parties_seen: share of parties among those it looks to [0-1].
        delay: how long it waited to join earlier bans of weapons, minus the mean [log years].
        felt: felt norm [0-1].
        civil: strength of civil society [0-1].
        months_open: months since the convention was opened.
        threat: external threat minus the mean at the start.
        arsenal: size of the arsenal that it would give up [0-1], see `arsenal`.
        patron_outside: 1 if its most powerful ally is not a party.
        tier_accepted: how far a dud-rate tier is accepted beside the ban [0-1].
    """
    rate = p.join.signing if form == SIGN else (p.join.ratify if form == RATIFY else p.join.accede)
    return JoinTerms(
        rate=log_rate(rate),
        frailty=frailty,
        region=p.join.region * region_share,
        peers=p.join.peers * (p.strict_ban.peer_pull if p.strict_ban.on else 1.0) * parties_seen,
        delay=-p.join.delay * delay,
        norm=p.join.norm * (felt - p.norm.usual),
        praise=p.join.praise * civil if months_open < p.join.praise_months else 0.0,
        threat=-p.join.threat * threat,
        stock=0.0 if form == RATIFY else -p.join.stock * arsenal,
        waning=-p.join.waning * months_open / MONTHS_A_YEAR,
        patron=-p.join.patron * patron_outside,
        emboldened=-p.join.emboldened * tier_accepted,
    )


def protocol_terms(p: Any, delay: float) -> ProtocolTerms:
    """Terms of the monthly log hazard that a CCW party ratifies an adopted protocol.

    Args:
        p: parameters.
        delay: how long it waited to join earlier bans of weapons, minus the mean [log years].
    """
    return ProtocolTerms(
        rate=log_rate(p.vote.join_rate),
        delay=-p.join.delay * delay,
    )
