"""Join: sign while the convention is open, ratify after signing, accede later; ratify an adopted CCW protocol.

hazard = rate exp(frailty + region (share of parties) + peers (W parties) + democracy (d - mean) + norm (n - usual)
             + praise c [first months] - threat (th - mean) - stock (S - mean) [not signed]
             - waning years [signed] - patron [strongest ally outside] - emboldened [tier accepted])

Covariates are centred on their mean over all states at the start, the felt norm on `norm.usual`, and frailty has a mean
factor of one, so that `signing`, `ratify` and `accede` are hazards of an average state with no party around it.
`region` + `peers` = ln 3.87, the ratio between no and full adoption in the Bass fit of the record. The convention
enters into force six months after the 30th deposit, and for each state six months after its own [CCM 2008, art. 17].

Holding the weapon deters states that have not signed. Those that signed have taken that decision; their will to ratify
wanes with the years since the convention opened. Fitted to who joined from 2008 to 2019, with weak priors: stock 0.73
(standard error 0.41) before signing and -0.23 (0.22) after it; waning 0.12 (0.06) a year.

Status: rates empirical [UNTC]; signs from [Karlas 2022, 2023; Goodliffe et al. 2012; Onderco and Vignoli 2025;
Petrova 2019]; magnitudes assumed. Null: each coefficient 0; a rate of 0 switches the act off.
"""

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
    democracy: float
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
    democracy: float


def ineligible(bound: int, immovable: int, months_open: int) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does."""
    if bound:
        return 1
    if months_open < 0:
        return 3
    if immovable:
        return 2
    return 0


def form(status_signed: int, treaty_in_force: int) -> int:
    """How a state would join: ratify after signing, accede once the convention is in force, else sign."""
    if status_signed:
        return RATIFY
    return ACCEDE if treaty_in_force else SIGN


def terms(
    p: Any,
    form: int,
    frailty: float,
    region_share: float,
    parties_seen: float,
    democracy: float,
    felt: float,
    civil: float,
    months_open: int,
    threat: float,
    holder: float,
    patron_outside: float,
    tier_accepted: float,
) -> JoinTerms:
    """Terms of the monthly log hazard of signing, ratifying or acceding.

    Args:
        p: parameters.
        form: `SIGN`, `RATIFY` or `ACCEDE`.
        frailty: the state's unseen difference, log scale.
        region_share: share of parties in its region [0-1].
        parties_seen: share of parties among those it looks to [0-1].
        democracy: level of democracy minus the mean at the start.
        felt: felt norm [0-1].
        civil: strength of civil society [0-1].
        months_open: months since the convention was opened.
        threat: external threat minus the mean at the start.
        holder: 1 if it holds the weapon, minus the mean at the start.
        patron_outside: 1 if its most powerful ally is not a party.
        tier_accepted: how far a dud-rate tier is accepted beside the ban [0-1].
    """
    rate = p.join.signing if form == SIGN else (p.join.ratify if form == RATIFY else p.join.accede)
    return JoinTerms(
        rate=log_rate(rate),
        frailty=p.join.frailty * frailty - 0.5 * p.join.frailty * p.join.frailty,  # mean hazard unchanged
        region=p.join.region * region_share,
        peers=p.join.peers * (p.strict_ban.peer_pull if p.strict_ban.on else 1.0) * parties_seen,
        democracy=p.join.democracy * democracy,
        norm=p.join.norm * (felt - p.norm.usual),
        praise=p.join.praise * civil if months_open < p.join.praise_months else 0.0,
        threat=-p.join.threat * threat,
        stock=0.0 if form == RATIFY else -p.join.stock * holder,
        waning=-p.join.waning * months_open / MONTHS_A_YEAR if form == RATIFY else 0.0,
        patron=-p.join.patron * patron_outside,
        emboldened=-p.join.emboldened * tier_accepted,
    )


def protocol_terms(p: Any, democracy: float) -> ProtocolTerms:
    """Terms of the monthly log hazard that a CCW party ratifies an adopted protocol.

    Args:
        p: parameters.
        democracy: level of democracy minus the mean at the start.
    """
    return ProtocolTerms(
        rate=log_rate(p.vote.join_rate),
        democracy=p.join.democracy * democracy,
    )
