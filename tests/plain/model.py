"""The plain model: the order of the month over the agents of `state.py`, what belongs to no state, and the measures."""

import math
from types import SimpleNamespace

import mesa

from normsim.engine.outcomes import MEASURED
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import build_world
from normsim.engine.streams import STREAMS, Draws
from normsim.parameters import compile_values
from normsim.scenario import Event, Scenario
from normsim.world import World
from tests.plain.initial import initial_states, initial_system, initial_ties, set_frailties
from tests.plain.networks import plain_networks
from tests.plain.rules import CountedMath, plain_parameters, plain_rules
from tests.plain.state import CLASSES, SIGNATORY, PlainState
from tests.plain.tie import NEVER, Tie
from tests.plain.wars import monthly_wars
from tests.plain.years import turn, years_to_come
from tests.worlds import SIGNAL_COLUMNS


class PlainModel(mesa.Model):
    """The model, a month a step.

    Attributes:
        states: the agents by place.
        ties: every possible transfer, by recipient then supplier.
        system: what belongs to no state.
        networks: who looks to whom, allies, customers, rivals, fellows, as they are now.
        outcomes: measured outcomes of each month so far, a dict a month.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        rules: Rules | None = None,
        counted: CountedMath | None = None,
        world: World | None = None,
    ) -> None:
        """Prepare the first month.

        Args:
            scenario: the scenario.
            seed: seed of the run.
            rules: replacements of rules.
            counted: counts the exponentials that are evaluated.
            world: a world to start in, instead of the one the scenario names.
        """
        super().__init__(rng=seed)
        self.world = world = world or build_world(scenario)
        self.p = plain_parameters(compile_values(scenario.values))
        self.rules = plain_rules(rules, counted)
        self.norm_scenario = scenario
        self.networks = networks = plain_networks(world, self.p)
        self.years = years_to_come(world) if self.p.covariates.move else {}
        states = initial_states(world, networks, scenario, self.p, self.rules, seed)
        self.system = SimpleNamespace(**initial_system(world, self.p, self.rules, states))
        self.states = [PlainState(self, place, columns) for place, columns in enumerate(states)]
        self.ties = [
            Tie(self.states[columns["supplier"]], self.states[columns["recipient"]], columns)
            for columns in initial_ties(world, scenario)
        ]
        for tie in self.ties:
            tie.recipient.ties.append(tie)
            if tie.since < NEVER:
                tie.recipient.supplied = 1
        for state in self.states:
            state.meet(networks)
        set_frailties(world, networks, self.p, self.rules, seed, self.states, self.system)
        for state in self.states:  # neighbours see in the first month what was done before it
            state.show()
        self.draws = Draws(seed, len(world))
        self.recorded, self.theatres = monthly_wars(world, self.p, scenario.months, seed)
        self.regions: list[tuple[int, int]] = []
        self.news: dict[str, float] = {}
        self.outcomes: list[dict[str, float]] = []

    def tell(self, outcome: str, amount: float) -> None:
        """Add to an outcome of the month."""
        self.month[outcome] += amount

    def step(self) -> None:
        """Run a month."""
        states, now = self.states, self.system
        self.month = dict.fromkeys(MEASURED, 0.0)
        self.numbers = dict(zip(STREAMS, self.draws.block(1)[:, 0].tolist(), strict=True))
        if now.month in self.years:
            turn(self, self.years[now.month])
        self.give_orders()
        for state in states:
            state.begin_month()
        self.count_regions()
        if self.p.strict_ban.on and self.p.strict_ban.assistance:
            for state in states:
                state.count_bound_allies()
        self.spread_news()
        for state in states:
            state.look()
        self.let_treaty_enter_into_force()
        for state in states:
            state.let_law_take_effect()
        for state, recorded, theatre in zip(states, self.recorded[now.month], self.theatres[now.month], strict=True):
            state.fight(recorded, theatre)
        for state in states:
            state.feel_threat()
        self.give_aid()
        for state in states:
            state.make_rounds()
        self.keep_bridges()
        self.age_ties()
        for state in states:
            state.consider_transfers()
        self.deliver()
        for state in states:
            state.consider_acquiring()
        for state in states:
            state.consider_using()
        for tie in self.ties:
            if tie.since < NEVER:
                tie.keep_terms()
        self.do_harm()
        for state in states:
            state.weigh_acts()
        now.acts = sum(state.act > 0.0 for state in states)
        for state in states:
            state.face_the_world()
        for state in states:
            state.reflect()
        self.vote()
        accepted = self.rules.withdraw.accepted_exception(self.p, now.tier, 0.0)
        for state in states:
            state.consider_joining(accepted)
        for state in states:
            state.consider_renouncing()
        accepted = self.rules.withdraw.accepted_exception(self.p, now.tier, now.strongest_bridge)
        for state in states:
            state.count_exits_near()
        for state in states:
            state.consider_withdrawing(accepted)
        for state in states:
            state.disarm()
        for event in self.norm_scenario.events:
            if self.could_not(event):
                self.tell("events_not_done", 1.0)
        for state in states:
            state.show()
        self.measure()
        now.month += 1
        now.months_open += 1
        now.tier_months += now.tier
        now.calendar = now.calendar % 12 + 1

    def deliver(self) -> None:
        """Send what was promised this month; who promised more than it holds shares out what there is."""
        sending = [tie for tie in self.ties if tie.sending]
        held = {tie.supplier: list(tie.supplier.stock) for tie in sending}
        promised = {supplier: [0, 0, 0] for supplier in held}
        for tie in sending:
            promised[tie.supplier][tie.munition] += tie.sending
        for tie in sending:
            supplier, munition = tie.supplier, tie.munition
            if promised[supplier][munition] > held[supplier][munition]:
                tie.sending = tie.sending * held[supplier][munition] // promised[supplier][munition]
            supplier.stock[munition] -= tie.sending
            supplier.rounds -= tie.sending
            supplier.received = min(supplier.received, supplier.rounds)
            supplier.transferred += 1
        for tie in sending:
            them = tie.recipient
            them.stock[tie.munition] += tie.sending
            them.rounds += tie.sending
            them.received += tie.sending
            them.wanting = 0
            them.supplied = 1
            self.tell("rounds_sent", tie.sending)
            tie.sending = tie.since = 0
            tie.terms = self.p.assurance.strictness
            tie.cover()

    def could_not(self, event: Event) -> bool:
        """Whether a dated event forced an act of this month that did not happen."""
        months, now = self.norm_scenario.months_of(event), self.system.month
        if event.forbid or event.actor == "*" or now not in months:
            return False
        state = self.states[self.world.index(event.actor)]
        target = None if event.to in (None, "*") else self.states[self.world.index(event.to)]
        if event.action == "transfer":
            return target is None or not any(tie.supplier is state and tie.since == 0 for tie in target.ties)
        each_month = {"use": state.used, "open_bridge": state.bridge, "close_bridge": not state.bridge}
        each_month["peace"] = state.intensity <= 0.0
        everyone = self.norm_scenario.values["condemn.reach"] == "world"
        if event.action in each_month:
            return not each_month[event.action]
        once = {
            "renounce": state.renounced,
            "join": state.joined,
            "withdraw": state.noticed or state.took_back,
            "condemn": target is None or (target.act > 0.0 and (everyone or state in target.onlookers)),
        }
        return now == months[0] and event.action in once and not once[event.action]

    def give_orders(self) -> None:
        """What dated events order or forbid this month."""
        scenario, now = self.norm_scenario, self.system.month
        if not scenario.events:
            return
        for state in self.states:
            state.take_back_orders()
        self.system.condemn_orders = self.system.transfer_orders = 0
        for tie in self.ties:
            tie.order = 0
        for event in scenario.events:
            months = scenario.months_of(event)
            if now not in months:
                continue
            sign = -1 if event.forbid else 1
            self.system.condemn_orders += 1 if event.action == "condemn" else 0
            actor = None if event.actor == "*" else self.world.index(event.actor)
            target = -1 if event.to in (None, "*") else self.world.index(event.to)
            if event.action == "transfer":
                self.system.transfer_orders += 1
                for tie in self.ties:
                    if actor in (None, tie.supplier.place) and target in (-1, tie.recipient.place):
                        tie.order = sign
                continue
            for state in self.states:
                if actor in (None, state.place):
                    state.obey(event.action, sign, target, now == months.start)

    def spread_news(self) -> None:
        """The news of the world: the mean of what all states showed last month, by standing."""
        self.news = dict.fromkeys(SIGNAL_COLUMNS, 0.0)
        for state in self.states:
            attention = self.p.norm.news * state.standing_share
            for name, shown in state.shown.items():
                self.news[name] += attention * shown

    def count_regions(self) -> None:
        parties, members = [0] * len(self.world.regions), [0] * len(self.world.regions)
        for state in self.states:
            members[state.region] += 1
            parties[state.region] += 1 if state.is_party else 0
        self.regions = list(zip(parties, members, strict=True))

    def let_treaty_enter_into_force(self) -> None:
        now = self.system
        if not now.treaty_force and now.treaty_in >= 0:
            now.treaty_in = max(now.treaty_in - 1, 0)
            now.treaty_force = 1 if now.treaty_in == 0 else 0

    def give_aid(self) -> None:
        """Ordinary rounds go to partners at war, out of stocks as they were before."""
        p, supply = self.p, self.rules.supply
        asking = []
        for state in self.states:
            state.pull = state.partner_short = 0.0
            state.stock_before = state.conventional
        for state in self.states:
            if supply.asks_for_aid(p, state.stock_before, state.intensity):
                asking.append((state, state.short))
        for state, short in asking:
            for tie in state.ties:
                tie.supplier.pull += supply.aid_pull(tie.strength, short, state.intensity)
                if not state.restrained:
                    tie.supplier.partner_short = max(tie.supplier.partner_short, short)
        for state, short in asking:
            offers = [tie.offer(short) for tie in state.ties]
            offered = 0.0
            for offer in offers:
                offered += offer / state.scale
            taken = min(1.0, short / offered) if offered > 0.0 else 0.0
            for tie, offer in zip(state.ties, offers, strict=True):
                given = taken * offer
                tie.supplier.conventional -= given / tie.supplier.scale
                state.conventional += given / state.scale

    def keep_bridges(self) -> None:
        now = self.system
        now.bridges, now.strongest_bridge, now.recurrence = 0, 0.0, now.tier
        for state in self.states:
            state.keep_bridge()
            if state.bridge:
                now.bridges += 1
                now.strongest_bridge = max(now.strongest_bridge, state.relative_power)
            now.recurrence = max(now.recurrence, state.episodes)

    def age_ties(self) -> None:
        for state in self.states:
            state.covered, state.assured = 0, 0.0
        for tie in self.ties:
            tie.age()

    def do_harm(self) -> None:
        now, harm = self.system, self.rules.harm
        fired = set()
        for state in self.states:
            if state.fired:
                state.strike()
                fired.add(state.fired_class)
        if self.month["rounds_fired"] > 0.0:
            self.month["dud_gap"] /= self.month["rounds_fired"]
        for munition in fired:
            now.believed[munition] = harm.belief_next(self.p, now.believed[munition], now.field[munition])
        for state in self.states:
            state.count_harm()

    def vote(self) -> None:
        """The CCW parties decide on the dud-rate text if it is on the table."""
        p, vote, now = self.p, self.rules.vote, self.system
        if not vote.tabled(p, now.month, now.calendar, now.tier):
            return
        voters = [state for state in self.states if not vote.ineligible(state.ccw, 1)]
        blockers = sum(state.blocks_text() for state in voters)
        self.tell("blockers", blockers)
        self.tell("voters", len(voters))
        if not vote.passes(p, blockers, len(voters)):
            return
        now.tier, now.tier_months = 1, 0
        now.episodes += 1
        if p.ccw_dud_rate.rule == vote.IMPOSED:
            for state in voters:
                state.take_up_tier()

    def measure(self) -> None:
        """Sums and means over the states."""
        p, now, month = self.p, self.system, self.month
        n = len(self.states)
        total = {"validity": 0.0, "scope": 0.0, "felt": 0.0}
        squares = dict(total)
        short = 0.0
        for state in self.states:
            month["parties"] += 1.0 if state.is_party else 0.0
            month["signatories"] += 1.0 if state.status == SIGNATORY else 0.0
            month["renouncers"] += 1.0 if state.renounced else 0.0
            month["holders"] += 1.0 if state.rounds > 0 else 0.0
            month["producers"] += 1.0 if state.producer and not state.restrained else 0.0
            month["tier_members"] += 1.0 if state.tier else 0.0
            if state.intensity > 0.0:
                month["at_war"] += 1.0
                short += state.short
            if state.voted:
                month[("votes_yes", "votes_abstain", "votes_no")[state.stance]] += 1.0
            month["stock"] += state.rounds
            for munition in CLASSES:
                if now.claimed[munition] > p.ccw_dud_rate.threshold:
                    month["stock_above_threshold"] += state.stock[munition]
            month["contamination"] += state.contamination
            month["threat"] += state.threat / n
            month["validity_by_power"] += state.power * state.validity
            month["felt_by_power"] += state.power * state.felt
            agreement = (1.0, p.norm.abstention, 0.0)[state.stance]
            month["agreement"] += agreement / n
            month["agreement_by_power"] += state.power * agreement
            month["readiness"] += state.standing_share * state.readiness()
            month["claimants"] += 1.0 if state.episodes else 0.0
            month["conduct"] += state.conduct / n
            month["approval"] += state.approval / n
            for name in total:
                value = getattr(state, name)
                total[name] += value
                squares[name] += value * value
        for name, amount in total.items():
            mean = amount / n
            month[name] = mean
            month[f"{name}_sd"] = math.sqrt(max(squares[name] / n - mean * mean, 0.0))
        month["shortage"] = short / month["at_war"] if month["at_war"] else 0.0
        month["bridges_open"] = float(now.bridges)
        month["episodes"] = float(now.episodes)
        month["tier_in_force"] = float(now.tier)
        month["validity_moran"] = self.moran(month["validity"])
        self.outcomes.append(month)

    def moran(self, mean: float) -> float:
        """Moran's I of validity over the regional neighbours."""
        between = within = 0.0
        connected = 0
        for state in self.states:
            deviation = state.validity - mean
            within += deviation * deviation
            if state.region_neighbours:
                connected += 1
            near = 0.0
            for neighbour, weight in state.region_neighbours:
                near += weight * (neighbour.validity - mean)
            between += deviation * near
        if within <= 0.0 or connected == 0:
            return 0.0
        return len(self.states) / connected * between / within
