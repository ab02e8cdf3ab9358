"""The dynamic columns: what the model remembers of each state, each pair that can trade, and the system.

States, ties and signals are `Rows` (see `rows.py`): `states["validity"]` is a column, `states[i]` is a state, and the
month reads `states[i].validity`. The system is one record. Of a month's intermediate results each is an array, but for
those of aid (see `Work`). Rounds are whole numbers, so that their bookkeeping is exact.
"""

from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.rows import aligned, row_type
from normsim.rules.supply import CLASSES

NONE, SIGNED, BOUND, LEAVING = 0, 1, 2, 3
"""Treaty status: outside, signed, bound (deposited), bound with a notice of withdrawal given."""

NEVER = 1_000_000
"""Months since something that has not happened."""


class Column(NamedTuple):
    """One column: its type, unit and meaning."""

    type: str
    unit: str
    meaning: str


# numbers, rounds, counts and flags: no wider than needed, since a large world's month waits for its rows from memory;
# for the same reason what is used together stands together: each group below fills a line (see `rows.py`)
_F, _I, _N, _B = "f8", "i8", "i4", "i1"

STATE_COLUMNS: dict[str, Column] = {
    # arsenals (after `stock`), and what else a supplier weighs
    "output": Column(_F, "of target per month", "output of conventional rounds"),
    "received": Column(_I, "rounds", "rounds held that came from suppliers"),
    "scale": Column(_F, "Ukraine = 1", "size of its arsenals and of what it gives and fires"),
    "democracy": Column(_F, "0-1", "level of democracy"),
    "criticism": Column(_F, "share", "smoothed share of standing that condemns it"),
    # what nearly every step asks for
    "status": Column(_B, "0-3", "0 outside, 1 signed, 2 bound, 3 notice given"),
    "renounced": Column(_B, "0/1", "renounced unilaterally"),
    "producer": Column(_B, "0/1", "produces cluster munitions"),
    "in_force": Column(_B, "0/1", "the convention is in force for it"),
    "bridge": Column(_B, "0/1", "its bridge exception is open"),
    "tier": Column(_B, "0/1", "bound by a CCW dud-rate protocol"),
    "ccw": Column(_B, "0/1", "party to the CCW"),
    "has_limit": Column(_B, "0/1", "has a domestic dud-rate limit on exports"),
    "supplied": Column(_B, "0/1", "some partner has sent it munitions"),
    "covered": Column(_B, "0/1", "its supplier's bridge is open and has sent it munitions"),
    "broke": Column(_B, "0/1", "broke an assurance this month"),
    "noticed": Column(_B, "0/1", "gave notice of withdrawal this month"),
    "wanting": Column(_N, "months", "months left of an open wish to buy"),
    "intensity": Column(_F, "0-1", "intensity of its conflict, 0 at peace"),
    "rounds": Column(_I, "rounds", "rounds held, all classes"),
    "conventional": Column(_F, "of target", "stock of conventional rounds"),
    "validity": Column(_F, "0-1", "acceptance that the prohibition is right"),
    "scope": Column(_F, "0-1", "share of the norm's cost still charged inside an exception"),
    "threat": Column(_F, "0-1", "external threat felt"),
    # acts of the month, and what scope started from
    "used": Column(_B, "0/1", "used cluster munitions this month"),
    "joined": Column(_B, "0/1", "signed or deposited this month"),
    "opened": Column(_B, "0/1", "opened a bridge or took up a tier this month"),
    "voiced": Column(_B, "0/1", "condemned some act this month"),
    "transferred": Column(_N, "transfers", "transfers made this month"),
    "critics": Column(_N, "states", "states that condemned it this month"),
    "region": Column(_N, "index", "UN region"),
    "act": Column(_F, "0-1", "gravity of its acts of the month as far as seen"),
    "act_exception": Column(_F, "0-1", "how far they fall under a claimed exception"),
    "act_seen": Column(_F, "0-1", "share of them that others see"),
    "complicit": Column(_F, "weight", "breaches by recipients that it knows of and lets pass"),
    "assured": Column(_F, "0-1", "strictest assurance it is under, as it reaches its units"),
    "scope_start": Column(_F, "0-1", "initial scope"),
    # memory of acts, and the rest of the mind
    "habit": Column(_F, "0-1", "smoothed recent use"),
    "supplying": Column(_F, "0-1", "smoothed recent transfers made"),
    "reputation": Column(_F, "cost", "accumulated reputation cost"),
    "notice_echo": Column(_F, "notices", "recent notices it gave, decaying"),
    "disputes": Column(_F, "0-1", "smoothed exposure to acts under an exception"),
    "baseline": Column(_F, "0-1", "level of violations it has grown used to"),
    "anchor": Column(_F, "0-1", "initial validity"),
    "perceived": Column(_F, "0-1", "perceived compliance of others"),
    # harm
    "contamination": Column(_F, "duds", "duds on its territory"),
    "programme": Column(_F, "programmes", "size of its clearance programme"),
    "casualties_attack": Column(_F, "people", "casualties of attacks on its territory this month"),
    "casualties_remnants": Column(_F, "people", "casualties of remnants on its territory this month"),
    "casualties_caused": Column(_F, "people", "recorded casualties of its own attacks this month"),
    "casualties_seen": Column(_F, "people per month", "smoothed recorded casualties on its territory"),
    "strike_record": Column(_F, "people per month", "smoothed recorded casualties of its own attacks"),
    "learned": Column(_F, "0-1", "lessons learned from casualty tracking"),
    # fixed, but for `scope_low`
    "power": Column(_F, "share", "share of world capability"),
    "relative_power": Column(_F, "0-1", "power relative to the strongest state"),
    "standing": Column(_F, "weight", "weight of its acts as signals about the norm"),
    "scope_low": Column(_F, "0-1", "lowest scope reached"),
    "standing_share": Column(_F, "share", "standing as a share of all standing"),
    "civil": Column(_F, "0-1", "strength of civil society"),
    "history": Column(_F, "share", "share of the last ten years before the start in conflict"),
    "frailty": Column(_F, "log hazard", "unseen readiness to join"),
    # war, bridge and law by the month
    "patron": Column(_N, "index or -1", "its most powerful ally"),
    "theatre": Column(_N, "index", "territory on which its munitions fall"),
    "immovable": Column(_B, "0/1", "would never join"),
    "refilled": Column(_B, "0/1", "its ordinary stock was restored since its last bridge closed"),
    "bridge_months": Column(_N, "months", "how long it has been open"),
    "bridge_due": Column(_N, "months or -1", "how long it has been due to close, -1 not due"),
    "episodes": Column(_N, "episodes", "how often it opened one"),
    "months_used": Column(_N, "months", "months of this run in which it used cluster munitions"),
    "force_in": Column(_N, "months", "months until it is in force for it (0 once it is)"),
    "bound_for": Column(_N, "months", "months since it was bound by the ban or renounced"),
    "notice_left": Column(_N, "months", "months until its notice takes effect"),
    "tier_for": Column(_N, "months", "months since it was bound by it"),
    # in the same line, orders of dated events: 1 forced, -1 forbidden, 0 none
    "order_acquire": Column(_B, "-1/0/1", "ordered to acquire"),
    "order_use": Column(_B, "-1/0/1", "ordered to use"),
    "order_renounce": Column(_B, "-1/0/1", "ordered to renounce"),
    "order_join": Column(_B, "-1/0/1", "ordered to join"),
    "order_withdraw": Column(_B, "-1/0/1", "ordered to withdraw"),
    "order_open_bridge": Column(_B, "-1/0/1", "ordered to open its bridge"),
    "order_close_bridge": Column(_B, "-1/0/1", "ordered to close its bridge and keep it closed"),
    "order_war": Column(_B, "-1/0/1", "ordered into war"),
    "order_peace": Column(_B, "-1/0/1", "ordered into peace"),
}

TIE_COLUMNS: dict[str, Column] = {
    "supplier": Column(_N, "index", "the state that could send"),
    "recipient": Column(_N, "index", "the state that could receive"),
    "ally": Column(_B, "0/1", "a defence pact binds the two"),
    "arms": Column(_F, "0-1", "standing arms trade, 1 for a major supplier"),
    "since": Column(_N, "months", "months since the last transfer"),
    "terms": Column(_F, "0-1", "strictness of the assurance in force"),
    "trust": Column(_F, "0-1", "supplier's trust in the recipient's assurances"),
    "cut_off": Column(_N, "months", "months left of a cut-off"),
    "sending": Column(_I, "rounds", "rounds decided on this month and not yet sent"),
    "munition": Column(_B, "0-2", "their class"),
    "order": Column(_B, "-1/0/1", "ordered by a dated event"),
}

SIGNAL_COLUMNS: dict[str, Column] = {
    # what every state sends
    "validity": Column(_F, "0-1", "its validity"),
    "scope": Column(_F, "0-1", "its scope"),
    "bound": Column(_F, "0/1", "it is bound by the convention"),
    "restrained": Column(_F, "0/1", "it is bound or has renounced"),
    "holder": Column(_F, "0/1", "it holds cluster munitions"),
    "reaction": Column(_F, "acts", "it condemned, it joined, and its casualties"),
    "voice": Column(_F, "0/1", "it condemned"),
    "supply": Column(_F, "0-1", "smoothed recent transfers"),
    # what few send
    "act": Column(_F, "0-1", "gravity of its acts as far as seen"),
    "violation": Column(_F, "weight", "weight of its acts outside an exception, and of breaches it let pass"),
    "exception": Column(_F, "weight", "weight of its acts under an exception"),
    "notice": Column(_F, "notices", "recent notices of withdrawal"),
    "adopter": Column(_F, "0-1", "it opened a bridge or took up a tier, as far as seen"),
}
"""What each state shows, for its neighbours to see one month later; also what each sees, as means over neighbours."""

SYSTEM_COLUMNS: dict[str, Column] = {
    "month": Column(_I, "months", "months since the start"),
    "calendar": Column(_I, "1-12", "calendar month"),
    "months_open": Column(_I, "months", "months since the convention was opened"),
    "deposits": Column(_I, "deposits", "instruments ever deposited"),
    "treaty_in": Column(_I, "months or -1", "months until the convention enters into force, -1 not triggered"),
    "treaty_force": Column(_I, "0/1", "the convention is in force"),
    "tier": Column(_I, "0/1", "a CCW dud-rate protocol is in force"),
    "tier_months": Column(_I, "months", "months since it was adopted"),
    "episodes": Column(_I, "episodes", "exceptions opened so far, by anyone"),
    "recurrence": Column(_I, "episodes", "episodes of the exception most often opened"),
    "bridges": Column(_I, "states", "bridges open now"),
    "strongest_bridge": Column(_F, "0-1", "relative power of the strongest state with an open bridge"),
    "democracy_mean": Column(_F, "0-1", "mean democracy at the start"),
    "validity_mean": Column(_F, "0-1", "mean validity at the start"),
    "perceived_mean": Column(_F, "0-1", "mean perceived norm at the start"),
    "threat_mean": Column(_F, "0-1", "mean threat at the start"),
    "holder_mean": Column(_F, "share", "share of holders at the start"),
    "condemn_orders": Column(_I, "orders", "orders to condemn or to keep silent this month"),
    "transfer_orders": Column(_I, "orders", "orders to transfer or not to transfer this month"),
    "logged": Column(_I, "entries", "entries of the log wanted so far (may exceed its room)"),
    "log_level": Column(_I, "0-2", "0 nothing, 1 acts that happened, 2 every choice weighed"),
}

WORK_COLUMNS: dict[str, Column] = {
    "bound_before": Column(_B, "0/1", "was bound last month, as others saw it"),
    "validity": Column(_F, "0-1", "validity at the end of the month"),
    "used_before": Column(_B, "0/1", "used last month"),
    "noticed_before": Column(_B, "0/1", "gave notice last month"),
    "fired": Column(_I, "rounds", "rounds fired this month"),
    "fired_class": Column(_B, "0-2", "their class"),
    "offer": Column(_B, "-1 to 2", "class it would send this month, -1 where it holds none"),
    "offer_bridged": Column(_B, "0-2", "class it would send under its bridge"),
    "use_exception": Column(_F, "0-1", "how far its use falls under an exception"),
    "use_bridged": Column(_F, "0-1", "how far its use falls under a bridge"),
    "transfer_exception": Column(_F, "0-1", "how far its transfer falls under an exception"),
    "transfer_bridged": Column(_F, "0-1", "how far its transfer falls under a bridge"),
    "expecting": Column(_B, "0/1", "some supplier decided to send it munitions this month"),
    "rare": Column(_B, "0/1", "last month it sent a signal that most states do not send"),
    "bound_allies": Column(_F, "share", "share of parties among its allies"),
    "asking": Column(_N, "index", "the states that ask for aid, one after the other"),
    "buying": Column(_N, "index", "the states that may be sent munitions, one after the other"),
    "heard": Column(_F, "share", "share of standing that condemned it this month"),
    "ally_mark": Column(_F, "0/1", "ally of the state that is spoken about"),
    "supplier_mark": Column(_F, "0-1", "gets this share of its arms from that state"),
    "rival_mark": Column(_F, "0/1", "rival of that state"),
}
"""Intermediate results within a month; nothing in them outlives it."""

AID_COLUMNS: dict[str, Column] = {
    "before": Column(_F, "of target", "conventional stock last month"),
    "left": Column(_F, "of target", "conventional stock after what was given and got this month"),
    "scale": Column(_F, "Ukraine = 1", "size of its arsenals"),
    "pull": Column(_F, "pull", "pull of all its partners at war on its ordinary rounds"),
    "partner_short": Column(_F, "0-1", "greatest shortage among its partners at war"),
}
AID = row_type([(name, column.type) for name, column in AID_COLUMNS.items()])
"""Intermediate results of aid, a row a state: its partners at war ask for all of them at once."""

Work: Any = namedtuple("Work", [*WORK_COLUMNS, "promised", "held", "aid"])  # type: ignore[misc]
"""An array a column, `work.heard[i]`: ties and neighbours ask for one column of states in no order, and an array of
that column alone stays in the cache. `promised` and `held` are rounds by class: promised this month, held before it;
`aid` has the rows of `AID`."""


def new_work(n: int) -> Any:
    """Room for the intermediate results of a month in a world of `n` states."""
    by_state = (np.zeros(n, column.type) for column in WORK_COLUMNS.values())
    by_class = (np.zeros((n, CLASSES), _I) for _ in ("promised", "held"))
    return Work._make([*by_state, *by_class, aligned(n, AID)])


STATE = row_type([("stock", _I, (CLASSES,))] + [(name, column.type) for name, column in STATE_COLUMNS.items()])
TIE = row_type([(name, column.type) for name, column in TIE_COLUMNS.items()])
SIGNAL = row_type([(name, column.type) for name, column in SIGNAL_COLUMNS.items()])
SYSTEM = np.dtype(
    [(name, column.type) for name, column in SYSTEM_COLUMNS.items()]
    + [("claimed", _F, (CLASSES,)), ("field", _F, (CLASSES,)), ("believed", _F, (CLASSES,))]
)

TERMS = 14
"""Most terms that any choice has."""

ENTRY = np.dtype(
    [
        ("month", _I),
        ("choice", _I),
        ("actor", _I),
        ("target", _I),
        ("munition", _I),
        ("amount", _F),
        ("probability", _F),
        ("draw", _F),
        ("happened", _I),
        ("order", _I),
        ("terms", _F, (TERMS,)),
    ]
)
"""One line of the log: a choice weighed, whether it happened, and every term of its propensity."""


ORDER = np.dtype([(name, _I) for name in ("first", "last", "action", "actor", "target", "forbid")])
"""A dated event: in months `first` to `last`, `actor` (-1 all) must or must not do `action` to `target` (-1 any)."""


class _Choices(NamedTuple):
    """What an entry of the log is about."""

    ACQUIRE: int
    USE: int
    TRANSFER: int
    RENOUNCE: int
    JOIN: int
    WITHDRAW: int
    VOTE: int
    CONDEMN: int
    PROTOCOL: int
    BRIDGE_OPENS: int
    BRIDGE_CLOSES: int
    BREACH: int
    CUT_OFF: int
    WAR: int
    PEACE: int
    IN_FORCE: int
    LEFT: int
    ADOPTED: int
    REJECTED: int


Choice = _Choices(*range(len(_Choices._fields)))
