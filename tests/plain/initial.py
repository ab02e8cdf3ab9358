"""The plain model's initial columns of states, ties and the system, built from a world, a scenario and a seed.

Written from docs/ODD.md (section 5) and the meaning of the columns, not from the engine. Common ground with the engine
are the rules, the parameters, the named random streams and the list of column names.
"""

import datetime
import math
from types import SimpleNamespace
from typing import Any

from scipy.special import gammaincinv, ndtr

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.streams import stream
from normsim.scenario import Scenario
from normsim.world import Transfer, World, transfers_recorded
from tests.plain.networks import PlainNetworks
from tests.worlds import SYSTEM_COLUMNS, TIE_COLUMNS

NEVER = 1_000_000
OPENED = datetime.date(2008, 12, 3)
IN_FORCE = datetime.date(2010, 8, 1)
OUTSIDE, PARTY = 0, 2
YES, ABSTAIN, NO = 0, 1, 2
CLASSES = ("legacy", "improved", "low_dud")
YEARLY = ("power", "democracy", "ideal_point", "ccw", "un_member", "limit")
"""Columns of the world's facts that the record moves on each January."""

Columns = dict[str, Any]
"""Values of one state, tie or the system by column name."""


def months_from(first: datetime.date, last: datetime.date) -> int:
    """Calendar months from one date to another."""
    return 12 * (last.year - first.year) + last.month - first.month


def is_recorded(world: World) -> bool:
    """Whether the world has a record of wars, as only the real one does."""
    return any(not math.isnan(value) for row in world.history.intensity.tolist() for value in row)


def within_unit(value: float) -> float:
    """The nearest value from 0 to 1."""
    return min(max(value, 0.0), 1.0)


# ---------------------------------------------------------------- states


def initial_states(
    world: World, networks: PlainNetworks, scenario: Scenario, p: SimpleNamespace, rules: Any, seed: int
) -> list[Columns]:
    """Every state before the first month.

    Args:
        world: the world as of the start.
        networks: its networks.
        scenario: the scenario; its initial values of single states are applied last.
        p: parameters as plain attributes.
        rules: the rules as plain functions.
        seed: seed of the run.
    """
    n = len(world)
    noise = stream(seed, "validity").standard_normal(n).tolist()
    immovable = stream(seed, "immovable").random(n).tolist()
    wealth = stream(seed, "endowment").standard_normal(n).tolist()
    last_time = stream(seed, "absence").random(n).tolist()
    doubt = stream(seed, "threshold").standard_normal(n).tolist()
    committed = committed_states(world, networks, p, seed)
    facts = [dict(zip(world.facts.dtype.names, row, strict=True)) for row in world.facts.tolist()]
    strongest = max(fact["power"] for fact in facts)

    states = []
    for i, fact in enumerate(facts):
        me: Columns = dict.fromkeys(STATE_COLUMNS, 0) | {"stock": [0, 0, 0]}
        for name in (
            "region",
            "power",
            "democracy",
            "ccw",
            "un_member",
            "status",
            "delay",
            "producer",
            "theatre",
            "intensity",
        ):
            me[name] = fact[name]
        for name in (
            "ideal_point",
            "holder",
            "origin",
            "exporter",
            "limit",
            "use_years_here",
            "uses_recent",
            "voted_against",
            "lat",
            "lon",
        ):
            me[name] = fact[name]
        me["history"] = fact["conflict_share"]
        me["relative_power"] = fact["power"] / strongest
        me["has_limit"] = 0 if math.isnan(fact["limit"]) else 1
        me["bound_for"] = fact["months_bound"]
        me["force_in"] = fact["months_to_force"] + 1 if fact["months_to_force"] else 0
        me["notice_left"] = fact["notice_left"]
        binding = fact["status"] >= PARTY and fact["months_to_force"] == 0 and world.start >= IN_FORCE
        me["in_force"] = 1 if binding else 0
        me["programme"], me["bridge_due"] = 1.0, -1

        armed_outsider = fact["status"] == OUTSIDE and bool(fact["holder"] or fact["producer"])
        me["stance"], level = (ABSTAIN, p.initial.validity_abstain) if armed_outsider else (YES, p.initial.validity_yes)
        if fact["voted_against"]:
            me["stance"], level = NO, p.initial.validity_no
        would_vote_yes = me["stance"] == YES
        me["validity"] = within_unit(level + p.initial.validity_noise * noise[i])
        me["susceptibility"] = p.norm.susceptibility if would_vote_yes else p.norm.susceptibility * p.norm.holdout
        me["threshold"] = within_unit(p.norm.threshold + p.norm.spread * doubt[i])
        if i in committed:  # one belief, and no ear for others
            me["validity"], me["susceptibility"] = p.committed.validity, 0.0
            me["stance"] = stance(p, p.committed.validity)
        me["voted"] = 1 if fact["un_member"] and last_time[i] >= p.norm.absence else 0
        me["anchor"] = me["validity"]
        scope = max(p.initial.scope, rules.norm.scope_floor(p, 0))
        me["scope"] = me["scope_start"] = me["scope_low"] = scope
        me["immovable"] = 1 if not would_vote_yes and immovable[i] < p.join.immovable else 0

        me |= sizes_of(p, rules, me["power"], me["relative_power"], me["democracy"], me["anchor"])
        if fact["holder"]:
            me["stock"] = _first_stock(p, fact["origin"], me["scale"], wealth[i])
        me["conventional"] = rules.supply.initial_conventional(p, me["intensity"])
        me["output"] = rules.supply.initial_output(p, me["intensity"])
        me["contamination"] = p.harm.legacy_duds * fact["use_years_here"]
        me["used"] = 1 if fact["uses_recent"] and fact["intensity"] > 0.0 else 0
        me["habit"] = p.initial.habit * me["used"]
        me["act"] = p.norm.visibility * me["used"]
        me["passed"] = 1.0 if fact["holder"] and fact["intensity"] > 0.0 and not me["used"] else 0.0
        states.append(me)

    _look_around(p, networks, states, rules)
    _look_back(world, p, states, rules)
    for code, values in scenario.states.items():
        _set_by_scenario(states[world.iso3.index(code)], values)
    _expect(p, networks, states, rules)
    for me in states:
        me["rounds"] = me["stock"][0] + me["stock"][1] + me["stock"][2]
    return states


def _first_stock(p: SimpleNamespace, origin: int, scale: float, luck: float) -> list[int]:
    """Rounds of each class: by the origin of the stock, the size of the state, and its luck."""
    median = p.supply.stock_made if origin == 1 else p.supply.stock_received
    legacy, improved = p.supply.share_legacy, p.supply.share_improved
    held = float(median) * math.exp(p.supply.stock_spread * luck) * scale
    return [int(held * legacy), int(held * improved), int(held * max(0.0, 1.0 - legacy - improved))]


def _look_around(p: SimpleNamespace, networks: PlainNetworks, states: list[Columns], rules: Any) -> None:
    """Fill the columns of a state that depend on other states."""
    everyone = 0.0
    for me in states:
        everyone += me["standing"]
    for i, me in enumerate(states):
        me["standing_share"] = me["standing"] / everyone
        me["patron"] = patron_of(networks.allies[i], [other["power"] for other in states])
        pressure = 0.0
        for j in networks.rivals[i]:
            abroad = states[j]["theatre"] != j
            felt = rules.conflict.rival_pressure(states[j]["intensity"], abroad, me["power"], states[j]["power"])
            pressure = max(pressure, felt)
        me["threat"] = rules.conflict.threat_target(p, me["intensity"], pressure)


def _look_back(world: World, p: SimpleNamespace, states: list[Columns], rules: Any) -> None:
    """Fill in the threat under which parties were bound."""
    wars, rivals_wars, rivals = (world.facts[name].tolist() for name in ("war_bound", "rival_war_bound", "rival_bound"))
    for me, war, rival_war, rival in zip(states, wars, rivals_wars, rivals, strict=True):
        if me["status"] < PARTY:
            continue
        pressure = rules.conflict.rival_pressure(rival_war, 1, me["power"], states[rival]["power"])
        me["threat_bound"] = rules.conflict.threat_target(p, war, pressure)


def sizes_of(
    p: SimpleNamespace, rules: Any, power: float, relative_power: float, democracy: float, anchor: float
) -> dict[str, float]:
    """What follows for a state from its power, its democracy and its first belief."""
    return {
        "civil": 0.5 * democracy + 0.5 * anchor,
        "standing": rules.norm.standing(p, relative_power, democracy),
        "scale": rules.supply.scale(p, power),
        "log_scale": math.log(rules.supply.scale(p, power)),
    }


def patron_of(allies: list[int], power: list[float]) -> int:
    """The most powerful of the allies, the first among equals; -1 without any."""
    best = -1
    for ally in allies:
        if best < 0 or power[ally] > power[best]:
            best = ally
    return best


def stance(p: SimpleNamespace, felt: float) -> int:
    """How a state votes on the yearly resolution that feels the norm so far."""
    if felt < p.initial.vote_no and felt < p.initial.vote_yes:
        return NO
    return YES if felt >= p.initial.vote_yes else ABSTAIN


def committed_states(world: World, networks: PlainNetworks, p: SimpleNamespace, seed: int) -> set[int]:
    """The committed minority: the first of the states in the order that `committed.who` names.

    At random; or by how much others look to a state; or by region, the largest first. Luck decides among equals.
    """
    n = len(world)
    luck = stream(seed, "committed").random(n).tolist()
    if p.committed.who == 0:
        return {i for i in range(n) if luck[i] < p.committed.share}
    watched = [0.0] * n
    for row in networks.influence:
        for j, weight in row.items():
            watched[j] += weight
    region = world.facts["region"].tolist()
    if p.committed.who == 1:
        queue = sorted(range(n), key=lambda i: (-watched[i], luck[i]))
    else:
        queue = sorted(range(n), key=lambda i: (-region.count(region[i]), region[i], luck[i]))
    return {i for place, i in enumerate(queue) if place / n < p.committed.share}


def attended(p: SimpleNamespace, networks: PlainNetworks, shown: list[float], shares: list[float]) -> list[float]:
    """What each state sees of what all show: partly by its ties, partly as news of the world, by standing."""
    by_news = 0.0  # the same for everyone
    for j, share in enumerate(shares):
        by_news += p.norm.news * share * shown[j]
    seen = []
    for row in networks.influence:
        by_ties = 0.0
        for j, weight in row.items():
            by_ties += weight * shown[j]
        seen.append((1.0 - p.norm.news) * by_ties + by_news)
    return seen


def _expect(p: SimpleNamespace, networks: PlainNetworks, states: list[Columns], rules: Any) -> None:
    """What states expect of each other, had every month before been like the last one."""
    shares = [me["standing_share"] for me in states]
    acts = attended(p, networks, [me["act"] for me in states], shares)
    violations = attended(p, networks, [me["standing"] * me["act"] for me in states], shares)
    compliance = attended(p, networks, [me["standing"] * me["passed"] for me in states], shares)
    approval = attended(p, networks, [rules.norm.approval_shown(p, me["stance"], 0, 0, 0) for me in states], shares)
    forgotten = 1.0 - p.norm.memory
    for i, me in enumerate(states):
        me["baseline"] = acts[i]
        me["violated"] = violations[i] / forgotten
        me["complied"] = compliance[i] / forgotten
        me["approval"] = approval[i]
        me["conduct"] = rules.norm.expected_conduct(p, me["complied"], me["violated"])
        me["felt"] = rules.norm.felt(
            p, me["validity"], me["conduct"], me["approval"], me["susceptibility"], me["threshold"]
        )


def _set_by_scenario(me: Columns, values: Any) -> None:
    """Initial values that the scenario states: output is a factor, classes are rounds, the rest are values."""
    for key, value in values.items():
        if key in CLASSES:
            me["stock"][CLASSES.index(key)] = int(value)
        elif key == "output":
            me["output"] *= value
        else:
            me[key] = value
            if key == "validity":
                me["anchor"] = value
                me["civil"] = 0.5 * me["democracy"] + 0.5 * value
            if key == "scope":
                me["scope_start"] = me["scope_low"] = value


# ---------------------------------------------------------------- ties


def initial_ties(world: World, scenario: Scenario) -> list[Columns]:
    """Every pair along which transfers can run, by recipient, then supplier.

    A forced transfer makes a tie of its own where the world has none. Recorded transfers of earlier years count as
    dated in the middle of their year, those of low confidence do not count.
    """
    pairs: dict[tuple[int, int], tuple[float, float]] = {}
    columns = (world.recipient.tolist(), world.supplier.tolist(), world.ally.tolist(), world.arms.tolist())
    for recipient, supplier, ally, arms in zip(*columns, strict=True):
        pairs[recipient, supplier] = (ally, arms)
    for pair in forced_pairs(world, scenario):
        pairs.setdefault(pair, (0.0, 0.0))
    transfers = transfers_recorded() if is_recorded(world) else ()
    ties = []
    for (recipient, supplier), (ally, arms) in sorted(pairs.items()):
        tie: Columns = dict.fromkeys(TIE_COLUMNS, 0)
        tie |= {"supplier": supplier, "recipient": recipient, "ally": ally, "arms": arms}
        tie |= {"since": _months_since_transfer(world, transfers, supplier, recipient)}
        ties.append(tie)
    return ties


def forced_pairs(world: World, scenario: Scenario) -> list[tuple[int, int]]:
    """Recipient and supplier of every transfer that a dated event forces."""
    forced = [event for event in scenario.events if event.action == "transfer" and not event.forbid]
    return [(world.iso3.index(event.to), world.iso3.index(event.actor)) for event in forced if event.to is not None]


def _months_since_transfer(world: World, transfers: tuple[Transfer, ...], supplier: int, recipient: int) -> int:
    since = NEVER
    for transfer in transfers:
        if (transfer.supplier, transfer.recipient) != (world.iso3[supplier], world.iso3[recipient]):
            continue
        if transfer.confidence == "low" or transfer.year is None or transfer.year >= world.start.year:
            continue
        since = min(since, months_from(datetime.date(transfer.year, 7, 1), world.start))
    return since


# ---------------------------------------------------------------- who stayed out


def set_frailties(
    world: World, networks: PlainNetworks, p: SimpleNamespace, rules: Any, seed: int, states: list[Any], now: Any
) -> None:
    """Draw the frailty of every state, a gamma quantile; the slower ones are left among those outside.

    Args:
        world: the world as of the start.
        networks: its networks.
        p: parameters as plain attributes.
        rules: the rules as plain functions.
        seed: seed of the run.
        states: the states, complete but for their frailty.
        now: what belongs to no state.
    """
    variance = p.join.frailty**2
    since_opening = max(now.months_open, 0)
    since_force = max(months_from(IN_FORCE, world.start), 0)
    member = [min(s.bound_for / since_opening, 1.0) if since_opening and s.status >= PARTY else 0.0 for s in states]
    seen = attended(p, networks, member, [s.standing_share for s in states])
    for i, z in enumerate(stream(seed, "frailty").standard_normal(len(states)).tolist()):
        me = states[i]
        drawn = float(gammaincinv(1.0 / variance, ndtr(z))) * variance if variance else 1.0
        past = 0.0
        if me.status < PARTY and since_opening:
            region, members = 0.0, 0
            for other, share in zip(states, member, strict=True):
                if other.region == me.region:
                    region, members = region + share, members + 1
            region_share = region / members

            def monthly(form: int, me: Any = me, i: int = i, region_share: float = region_share) -> float:
                terms = rules.join.terms(
                    p,
                    form=form,
                    frailty=0.0,
                    region_share=region_share,
                    parties_seen=seen[i],
                    delay=me.delay,
                    felt=me.felt,
                    civil=me.civil,
                    months_open=since_opening // 2,
                    threat=me.threat - now.threat_mean,
                    arsenal=rules.join.arsenal(me.rounds, me.relative_power),
                    patron_outside=1.0 if me.patron >= 0 and states[me.patron].status < PARTY else 0.0,
                    tier_accepted=0.0,
                )
                return float(rules.link_functions.hazard_rate(terms))

            if me.status == OUTSIDE:
                before = since_opening - since_force
                past = before * monthly(rules.join.SIGN) + since_force * monthly(rules.join.ACCEDE)
            else:
                past = since_opening * monthly(rules.join.RATIFY)
        me.frailty = rules.join.frailty(p, drawn, past)


# ---------------------------------------------------------------- system and record


def initial_system(world: World, p: SimpleNamespace, rules: Any, states: list[Columns]) -> Columns:
    """What belongs to no state, before the first month."""
    now: Columns = dict.fromkeys(SYSTEM_COLUMNS, 0)
    now["calendar"] = world.start.month
    now["months_open"] = months_from(OPENED, world.start)
    for me in states:
        now["deposits"] += 1 if me["status"] >= PARTY else 0
    now["treaty_force"] = 1 if world.start >= IN_FORCE else 0
    waiting = not now["treaty_force"] and now["deposits"] >= p.join.trigger
    now["treaty_in"] = months_from(world.start, IN_FORCE) + 1 if waiting else -1
    now["claimed"] = [rules.harm.claimed_rate(p, munition) for munition in range(3)]
    now["field"] = [rules.harm.field_rate(p, rate) for rate in now["claimed"]]
    now["believed"] = list(now["claimed"])
    now["threat_mean"] = math.fsum(me["threat"] for me in states) / len(states)
    return now
