"""The tables of the model: one class per table, one attribute per column.

A table is a NumPy structured array: `states["validity"]` is a column, and compiled code reads one value as
`states[i].validity`. The classes below declare the columns once: their types make the dtype, mypy checks their
annotations, the docs and the page show their units and meanings. Rounds are whole numbers, so that they add up exactly.
"""

from typing import Any, NamedTuple, Protocol, overload

import numpy as np

from normsim.rules.supply import CLASSES
from normsim.scenario import ACTIONS

NONE, SIGNED, BOUND, LEAVING = 0, 1, 2, 3
"""Treaty status: outside, signed, bound (deposited), bound with a notice of withdrawal given."""

NEVER = 1_000_000
"""Months since something that has not happened."""


class Column(NamedTuple):
    """One column: NumPy type, unit, meaning and shape of one value."""

    type: str
    unit: str
    meaning: str
    shape: tuple[int, ...] = ()


def real(unit: str, meaning: str) -> Any:
    """A column of floats."""
    return Column("f8", unit, meaning)


def whole(unit: str, meaning: str) -> Any:
    """A column of wide whole numbers."""
    return Column("i8", unit, meaning)


def count(unit: str, meaning: str) -> Any:
    """A column of small whole numbers: months, indices."""
    return Column("i4", unit, meaning)


def flag(unit: str, meaning: str) -> Any:
    """A column of flags and classes."""
    return Column("i1", unit, meaning)


def by_class(kind: str, unit: str, meaning: str) -> Any:
    """A column with one number per class of munition."""
    return Column(kind, unit, meaning, (CLASSES,))


class Table[Row](Protocol):
    """A structured array whose rows are declared by the class `Row`."""

    def __len__(self) -> int:
        """Number of rows."""

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...


class State:
    """One state."""

    stock: np.ndarray = by_class("i8", "rounds", "rounds held, by class")
    orders: np.ndarray = Column(
        "i1", "-1/0/1", "dated events of this month, by action: 1 forced, -1 forbidden", (len(ACTIONS),)
    )  # type: ignore[assignment]
    # arsenal, and what a supplier weighs
    output: float = real("of target per month", "output of conventional rounds")
    received: int = whole("rounds", "rounds held that came from suppliers")
    scale: float = real("Ukraine = 1", "size of its arsenals and of what it gives and fires")
    log_scale: float = real("log", "natural logarithm of its scale")
    democracy: float = real("0-1", "level of democracy")
    criticism: float = real("share", "smoothed share of standing that condemns it")
    # treaty status, war, belief
    status: int = flag("0-3", "0 outside, 1 signed, 2 bound, 3 notice given")
    renounced: int = flag("0/1", "renounced unilaterally")
    stance: int = flag("0-2", "its position on the yearly UN resolution when last stated: 0 yes, 1 abstain, 2 no")
    voted: int = flag("0/1", "cast a vote the last time that resolution was voted on")
    producer: int = flag("0/1", "produces cluster munitions")
    in_force: int = flag("0/1", "the convention is in force for it")
    bridge: int = flag("0/1", "its bridge exception is open")
    tier: int = flag("0/1", "bound by a CCW dud-rate protocol")
    un_member: int = flag("0/1", "member of the United Nations")
    ccw: int = flag("0/1", "party to the CCW")
    has_limit: int = flag("0/1", "has a domestic dud-rate limit on exports")
    supplied: int = flag("0/1", "some partner has sent it munitions")
    covered: int = flag("0/1", "its supplier's bridge is open and has sent it munitions")
    broke: int = flag("0/1", "broke an assurance this month")
    noticed: int = flag("0/1", "gave notice of withdrawal this month")
    wanting: int = count("months", "months left of an open wish to buy")
    intensity: float = real("0-1", "intensity of its conflict, 0 at peace")
    rounds: int = whole("rounds", "rounds held, all classes")
    conventional: float = real("of target", "stock of conventional rounds")
    validity: float = real("0-1", "acceptance that the prohibition is right")
    felt: float = real("0-1", "felt norm: what belief and expectations leave it with")
    scope: float = real("0-1", "share of the norm's cost still charged inside an exception")
    threat: float = real("0-1", "external threat felt")
    # acts of this month
    used: int = flag("0/1", "used cluster munitions this month")
    joined: int = flag("0/1", "signed or deposited this month")
    opened: int = flag("0/1", "opened a bridge or took up a tier this month")
    voiced: int = flag("0/1", "condemned some act this month")
    transferred: int = count("transfers", "transfers made this month")
    passed: float = real("0-1", "gravity of the opportunities it let pass this month")
    critics: int = count("states", "states that condemned it this month")
    answered: float = real("0-1", "how far its acts of the month count as answered")
    region: int = count("index", "UN region")
    act: float = real("0-1", "gravity of its acts of the month as far as seen")
    act_exception: float = real("0-1", "how far they fall under a claimed exception")
    act_seen: float = real("0-1", "share of them that others see")
    assured: float = real("0-1", "strictest assurance it is under, as it reaches its units")
    scope_start: float = real("0-1", "initial scope")
    # memory of acts, and the rest of belief
    habit: float = real("0-1", "smoothed recent use")
    notice_echo: float = real("notices", "recent notices it gave, decaying")
    disputes: float = real("0-1", "smoothed exposure to acts under an exception")
    conduct: float = real("0-1", "compliance it expects of others")
    approval: float = real("0-1", "approval of the norm it expects of others")
    complied: float = real("weight", "compliance of others as remembered, standing-weighted")
    violated: float = real("weight", "violations by others as remembered, standing-weighted")
    precedent: float = real("weight", "unanswered claims of exceptions as remembered, standing-weighted")
    baseline: float = real("0-1", "level of violations it has grown used to")
    anchor: float = real("0-1", "initial validity")
    # harm
    contamination: float = real("duds", "duds on its territory")
    programme: float = real("programmes", "size of its clearance programme")
    casualties_attack: float = real("people", "casualties of attacks on its territory this month")
    casualties_remnants: float = real("people", "casualties of remnants on its territory this month")
    casualties_caused: float = real("people", "recorded casualties of its own attacks this month")
    strike_record: float = real("people per month", "smoothed recorded casualties of its own attacks")
    # fixed, except for `scope_low`
    threshold: float = real("0-1", "expectation at which half its weight is felt")
    susceptibility: float = real("0-1", "weight of expectations in its felt norm")
    origin: int = flag("0-4", "where its first stock comes from: 0 none, 1 made, 2 inherited, 3 imported, 4 unknown")
    power: float = real("share", "share of world capability")
    relative_power: float = real("0-1", "power relative to the strongest state")
    standing: float = real("weight", "weight of its acts as signals about the norm")
    scope_low: float = real("0-1", "lowest scope reached")
    standing_share: float = real("share", "standing as a share of all standing")
    civil: float = real("0-1", "strength of civil society")
    history: float = real("share", "share of the last ten years before the start in conflict")
    threat_bound: float = real("0-1", "external threat when it was bound by the ban or renounced")
    delay: float = real("log years", "how long it waited to join earlier bans of weapons, from the mean")
    frailty: float = real("log hazard", "log of its unseen factor on the hazard of joining")
    # war, bridge and treaty counters
    patron: int = count("index or -1", "its most powerful ally")
    theatre: int = count("index", "territory on which its munitions fall")
    immovable: int = flag("0/1", "would never join")
    bridge_months: int = count("months", "how long it has been open")
    bridge_due: int = count("months or -1", "how long it has been due to close, -1 not due")
    episodes: int = count("episodes", "how often it opened one")
    months_used: int = count("months", "months of this run in which it used cluster munitions")
    force_in: int = count("months", "months until it is in force for it (0 once it is)")
    bound_for: int = count("months", "months since it was bound by the ban or renounced")
    notice_left: int = count("months", "months until its notice takes effect")
    tier_for: int = count("months", "months since it was bound by it")
    # facts of the world that no rule of the model reads; a replaced rule may ask for them
    ideal_point: float = real("score", "position in General Assembly votes; higher is closer to the United States")
    holder: int = flag("0/1", "held cluster munitions at the start")
    exporter: int = flag("0/1", "had exported cluster munitions before the start")
    limit: float = real("0-1", "domestic limit on the dud rate at the start, NaN if none")
    use_years_here: float = real("state-years", "recorded use on its territory in the 20 years before the start")
    uses_recent: int = flag("0/1", "recorded user in the two calendar years before the start")
    voted_against: int = flag("0/1", "recorded to vote against the UN resolution")
    lat: float = real("degrees", "latitude")
    lon: float = real("degrees", "longitude")


class Tie:
    """One pair of states over which transfers can run."""

    supplier: int = count("index", "the state that could send")
    recipient: int = count("index", "the state that could receive")
    ally: int = flag("0/1", "a defence pact binds the two")
    arms: float = real("0-1", "standing arms trade, 1 for a major supplier")
    since: int = count("months", "months since the last transfer")
    terms: float = real("0-1", "strictness of the assurance in force")
    cut_off: int = count("months", "months left of a cut-off")
    sending: int = whole("rounds", "rounds decided on this month and not yet sent")
    munition: int = flag("0-2", "their class")
    order: int = flag("-1/0/1", "ordered by a dated event")
    ineligible: int = flag("index", "reason why it was not decided on this month, see `rules/transfer.py`")


class Signal:
    """What one state shows, for others to see one month later; or what it sees, as a mean over its neighbours."""

    validity: float = real("0-1", "its validity")
    scope: float = real("0-1", "its scope")
    bound: float = real("0/1", "it is bound by the convention")
    restrained: float = real("0/1", "it is bound or has renounced")
    holder: float = real("0/1", "it holds cluster munitions")
    approval: float = real("0-1", "approval of the norm: its vote, and whether it spoke about acts")
    voice: float = real("0/1", "it condemned")
    compliance: float = real("weight", "opportunities to use or transfer that it let pass")
    act: float = real("0-1", "gravity of its acts as far as seen")
    violation: float = real("weight", "weight of its acts outside an exception, and of breaches it let pass")
    answered: float = real("weight", "of these, answered")
    exception: float = real("weight", "weight of its acts under an exception")
    rejected: float = real("weight", "of these, answered")
    claim: float = real("weight", "weight of its claim of an exception this month, as far as it passed unanswered")
    rare: int = flag("0/1", "one of the last seven, which few states send, is not zero")


class System:
    """What belongs to no state; a table of one row."""

    month: int = whole("months", "months since the start")
    calendar: int = whole("1-12", "calendar month")
    months_open: int = whole("months", "months since the convention was opened")
    deposits: int = whole("deposits", "instruments ever deposited")
    treaty_in: int = whole("months or -1", "months until the convention enters into force, -1 not triggered")
    treaty_force: int = whole("0/1", "the convention is in force")
    tier: int = whole("0/1", "a CCW dud-rate protocol is in force")
    tier_months: int = whole("months", "months since it was adopted")
    episodes: int = whole("episodes", "exceptions opened so far, by anyone")
    recurrence: int = whole("episodes", "episodes of the exception most often opened")
    bridges: int = whole("states", "bridges open now")
    acts: int = whole("states", "states with a visible act this month")
    strongest_bridge: float = real("0-1", "relative power of the strongest state with an open bridge")
    threat_mean: float = real("0-1", "mean threat at the start")
    condemn_orders: int = whole("orders", "orders to condemn or to keep silent this month")
    transfer_orders: int = whole("orders", "orders to transfer or not to transfer this month")
    logged: int = whole("entries", "entries of the log wanted so far (may exceed its room)")
    log_level: int = whole("0-2", "0 nothing, 1 acts that happened, 2 every choice weighed")
    claimed: np.ndarray = by_class("f8", "share", "claimed dud rate, by class")
    field: np.ndarray = by_class("f8", "share", "dud rate in the field, by class")
    believed: np.ndarray = by_class("f8", "share", "dud rate that others believe, by class")


class Work:
    """Intermediate results of one state within a month; nothing here but the reasons outlives it."""

    promised: np.ndarray = by_class("i8", "rounds", "rounds promised this month, by class")
    held: np.ndarray = by_class("i8", "rounds", "rounds held before transfers, by class")
    bound_before: int = flag("0/1", "was bound last month, as others saw it")
    used_before: int = flag("0/1", "used last month")
    noticed_before: int = flag("0/1", "gave notice last month")
    fired: int = whole("rounds", "rounds fired this month")
    fired_class: int = flag("0-2", "their class")
    offer: int = flag("-1 to 2", "class it would send this month, -1 where it holds none")
    use_exception: float = real("0-1", "how far its use falls under an exception")
    use_bridged: float = real("0-1", "how far its use falls under a bridge")
    transfer_exception: float = real("0-1", "how far its transfer falls under an exception")
    transfer_bridged: float = real("0-1", "how far its transfer falls under a bridge")
    asked: int = flag("0/1", "some partner at war asked it for ordinary rounds and could get cluster munitions")
    expecting: int = flag("0/1", "some supplier decided to send it munitions this month")
    bound_allies: float = real("share", "share of parties among its allies")
    heard: float = real("share", "share of standing that condemned it this month")
    exits_near: float = real("notices", "recent notices of its allies and neighbours before this month's")
    ally_mark: float = real("0/1", "ally of the state that is spoken about")
    supplier_mark: float = real("0-1", "gets this share of its arms from that state")
    stock_before: float = real("of target", "conventional stock last month")
    stock_left: float = real("of target", "conventional stock after what was given and got this month")
    aid_pull: float = real("pull", "pull of all its partners at war on its ordinary rounds")
    partner_short: float = real("0-1", "greatest shortage among its partners at war")
    # why it could not decide this month, an index into REASONS of the choice's rule; 0 if it could
    no_acquire: int = flag("index", "reason why it did not decide to acquire")
    no_use: int = flag("index", "reason why it did not decide to use")
    no_renounce: int = flag("index", "reason why it did not decide to renounce")
    no_join: int = flag("index", "reason why it did not decide to join")
    no_claim: int = flag("index", "reason why it did not decide to claim an exception")
    no_withdraw: int = flag("index", "reason why it did not decide to withdraw")
    no_vote: int = flag("index", "reason why it did not vote")
    no_receive: int = flag("index", "reason why no transfer to it was decided on, see `rules/transfer.py`")


def columns_of(table: type) -> dict[str, Column]:
    """The columns of a table by name, in order.

    Example:
        >>> columns_of(State)["validity"].unit
        '0-1'
    """
    return {name: column for name, column in vars(table).items() if isinstance(column, Column)}


def record_type(table: type) -> np.dtype:
    """The dtype of a table."""
    columns = [(name, column.type, column.shape) for name, column in columns_of(table).items()]
    return np.dtype(columns, align=True)


STATE, TIE, SIGNAL, SYSTEM, WORK = (record_type(table) for table in (State, Tie, Signal, System, Work))

STATE_COLUMNS = {name: column for name, column in columns_of(State).items() if not column.shape}
"""Columns of states with one value each: all but `stock` and `orders`."""

TERMS = 14
"""Most terms that any choice has."""


class Entry:
    """One line of the log: a choice weighed, whether it happened, and every term of its propensity."""

    month: int = whole("months", "months since the start")
    choice: int = whole("index", "see `Choice`")
    actor: int = whole("index or -1", "the state that decided; -1 the CCW parties")
    target: int = whole("index or -1", "the other state, if any")
    munition: int = whole("0-2 or -1", "class of munition, if any")
    amount: float = real("", "rounds, months or another number that the choice has")
    probability: float = real("0-1", "probability of the act this month")
    draw: float = real("0-1", "the uniform number it was compared with")
    happened: int = whole("0/1", "whether it happened")
    order: int = whole("-1/0/1", "a dated event forced (1) or forbade (-1) it")
    terms: np.ndarray = Column("f8", "logit or log hazard", "terms of the propensity", (TERMS,))  # type: ignore[assignment]


ENTRY = record_type(Entry)


class Order:
    """One dated event: in months `first` to `last`, `actor` must or must not do `action` to `target`."""

    first: int = whole("months", "first month, counted from the start of the run")
    last: int = whole("months", "last month")
    action: int = whole("index", "place in `scenario.ACTIONS`")
    actor: int = whole("index or -1", "the state; -1 every state")
    target: int = whole("index or -1", "the other state; -1 any")
    forbid: int = whole("0/1", "1 if the act is forbidden, 0 if it is forced")
    missed: int = whole("months", "months so far in which the forced act could not happen")
    missed_first: int = whole("months", "first of these months")
    missed_why: int = whole("index", "reason in that month, an index into REASONS of the action's rule; 0 unknown")


ORDER = record_type(Order)


class Measured(Protocol):
    """The measured outcomes of one month, one number each (see `outcomes.MEASURED`)."""

    def __getattr__(self, name: str) -> float:
        """Value of one outcome."""

    def __setattr__(self, name: str, value: float) -> None:
        """Set one outcome."""


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
    CLAIM: int
    BRIDGE_CLOSES: int
    BREACH: int
    CUT_OFF: int
    WAR: int
    PEACE: int
    IN_FORCE: int
    LEFT: int
    ADOPTED: int
    REJECTED: int
    NOT_DONE: int


Choice = _Choices(*range(len(_Choices._fields)))
