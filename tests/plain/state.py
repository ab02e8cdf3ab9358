"""The month of one agent, as a Mesa model is ordinarily written.

Written from the schedule and the meaning of the columns, not from the compiled steps: its only common ground with them
are the rules, the parameters and the numbers drawn. Sums run in the same order (agents by place,
neighbours by place), since floating point is asked to agree to the last bit.
"""

import math
from typing import TYPE_CHECKING, Any

import mesa

from tests.plain.initial import stance
from tests.plain.networks import PlainNetworks
from tests.worlds import SIGNAL_COLUMNS

if TYPE_CHECKING:
    from tests.plain.model import PlainModel
    from tests.plain.tie import Tie

OUTSIDE, SIGNATORY, PARTY, LEAVING = 0, 1, 2, 3
CLASSES = range(3)
LOW_DUD = 2


class PlainState(mesa.Agent):
    """A state."""

    def __init__(self, model: "PlainModel", place: int, columns: dict[str, Any]) -> None:
        super().__init__(model)
        self.place = place
        for name, value in columns.items():
            setattr(self, name, value)
        self.neighbours: list[tuple[PlainState, float]] = []
        self.region_neighbours: list[tuple[PlainState, float]] = []
        self.onlookers: list[PlainState] = []
        self.allies: list[PlainState] = []
        self.customers: dict[PlainState, float] = {}
        self.rivals: list[PlainState] = []
        self.fellows: list[tuple[PlainState, bool]] = []
        self.asked = False
        self.exits_near = 0.0
        self.ties: list[Tie] = []
        self.shown: dict[str, float] = {}
        self.seen: dict[str, float] = {}
        self.heard = 0.0
        self.told_to_condemn: dict[int, int] = {}
        self.bound_allies = 0.0
        self.fired, self.fired_class = 0, 0
        self.use_cover = self.transfer_cover = (0.0, 0.0)

    def meet(self, networks: PlainNetworks) -> None:
        """Learn who its neighbours, onlookers, allies, customers and rivals are."""
        states, here = self.model.states, self.place
        self.neighbours = [(states[j], weight) for j, weight in networks.influence[here].items()]
        self.region_neighbours = [(states[j], weight) for j, weight in networks.region[here].items()]
        self.onlookers = [states[j] for j in networks.onlookers[here]]
        self.allies = [states[j] for j in networks.allies[here]]
        self.rivals = [states[j] for j in networks.rivals[here]]
        self.customers = {states[j]: share for j, share in networks.customers[here].items()}
        self.fellows = [(states[j], shared) for j, shared in networks.fellows[here].items()]
        self.ally_set, self.rival_set = set(self.allies), set(self.rivals)
        self.take_back_orders()

    @property
    def is_party(self) -> bool:
        return self.status >= PARTY

    @property
    def restrained(self) -> bool:
        return self.is_party or bool(self.renounced)

    def luck(self, stream: str) -> float:
        """The month's uniform number of this state."""
        return self.model.numbers[stream][self.place]

    def luck_with(self, stream: str, other: "PlainState") -> float:
        """The month's uniform number of this state towards another."""
        return self.model.rules.link_functions.dyad(self.luck(stream), other.luck(stream))

    # orders

    def take_back_orders(self) -> None:
        for name in ("acquire", "use", "renounce", "join", "withdraw", "open_bridge", "close_bridge", "war", "peace"):
            setattr(self, f"order_{name}", 0)
        self.told_to_condemn = {}

    def obey(self, action: str, sign: int, target: int, first_month: bool) -> None:
        if action == "sister_exit":
            if first_month and sign > 0:
                self.notice_echo += 1.0
        elif action == "condemn":
            if target < 0:
                self.told_to_condemn = dict.fromkeys(range(len(self.model.states)), sign)
            else:
                self.told_to_condemn[target] = sign
        else:
            setattr(self, f"order_{action}", sign)

    # sight

    def begin_month(self) -> None:
        self.used_before, self.noticed_before = self.used, self.noticed
        self.transfer_cover = (0.0, 0.0)
        self.asked = False
        self.passed = self.answered = 0.0
        self.used = self.transferred = self.noticed = self.took_back = self.joined = self.opened = self.broke = 0
        self.voiced = self.critics = self.fired = 0
        self.act = self.act_exception = self.act_seen = 0.0
        self.casualties_attack = self.casualties_remnants = self.casualties_caused = 0.0

    def count_bound_allies(self) -> None:
        parties = sum(ally.is_party for ally in self.allies)
        self.bound_allies = parties / len(self.allies) if self.allies else 0.0

    def look(self) -> None:
        """See what the neighbours showed last month, and the news of the world."""
        for name in SIGNAL_COLUMNS:
            exposure = 0.0
            for neighbour, weight in self.neighbours:
                exposure += weight * neighbour.shown[name]
            self.seen[name] = (1.0 - self.model.p.norm.news) * exposure + self.model.news[name]

    def show(self) -> None:
        """Show the neighbours what they will see next month."""
        model = self.model
        p, rules = model.p, model.rules
        exempt = 1 if self.bridge or self.tier else 0
        acts_of_others = model.system.acts - (1 if self.act > 0.0 else 0)
        claimed = rules.norm.visible_share(p, 1.0 if self.bridge else 0.0) if self.opened else 0.0
        self.shown = {
            "validity": self.validity,
            "scope": self.scope,
            "bound": 1.0 if self.is_party else 0.0,
            "restrained": 1.0 if self.restrained else 0.0,
            "holder": 1.0 if self.rounds > 0 else 0.0,
            "act": self.act,
            "violation": self.standing * self.act * (1.0 - self.act_exception),
            "exception": self.standing * self.act * self.act_exception,
            "approval": rules.norm.approval_shown(p, self.stance, exempt, self.voiced, acts_of_others),
            "compliance": self.standing * self.passed,
            "voice": float(self.voiced),
            "claim": self.standing * claimed * (1.0 - self.answered),
            "answered": self.answered * (self.standing * self.act * (1.0 - self.act_exception)),
            "rejected": self.answered * (self.standing * self.act * self.act_exception),
        }

    # war and supply

    def fight(self, recorded: float, theatre: int) -> None:
        """War or peace this month, by the record where there is one."""
        p, conflict = self.model.p, self.model.rules.conflict
        before = self.intensity
        if p.conflict.mode != conflict.PROCESS and not math.isnan(recorded):
            self.intensity, self.theatre = recorded, theatre
        else:
            self.intensity = conflict.intensity_next(
                p, self.intensity, self.history, self.luck("onset"), self.luck("severity")
            )
        if self.order_war > 0:
            self.intensity = max(self.intensity, 1.0)
        elif self.order_peace > 0 or (self.order_war < 0 and before <= 0.0):
            self.intensity = 0.0
        elif self.order_peace < 0 and self.intensity <= 0.0:
            self.intensity = before

    def feel_threat(self) -> None:
        p, conflict = self.model.p, self.model.rules.conflict
        pressure = 0.0
        for rival in self.rivals:
            abroad = rival.theatre != rival.place
            pressure = max(pressure, conflict.rival_pressure(rival.intensity, abroad, self.power, rival.power))
        self.threat = conflict.threat_next(p, self.threat, self.intensity, pressure, self.luck("threat"))

    @property
    def short(self) -> float:
        """Missing share of its conventional stock now."""
        return self.model.rules.supply.shortage(self.conventional)

    def make_rounds(self) -> None:
        p, supply = self.model.p, self.model.rules.supply
        needed = 1 if self.intensity > 0.0 or self.bridge or self.conventional < p.supply.refill else 0
        self.output = supply.output_next(p, self.output, needed)
        self.conventional = supply.stock_next(p, self.conventional, self.output, self.intensity)

    def keep_bridge(self) -> None:
        """Claim the bridge exception, or close it."""
        model = self.model
        if self.bridge:
            self.maybe_close_bridge()
        elif self.claims_exception():
            self.bridge, self.bridge_months, self.bridge_due = 1, 0, -1
            self.episodes += 1
            self.opened = 1
            model.system.episodes += 1

    def claims_exception(self) -> bool:
        p, rules = self.model.p, self.model.rules
        if self.order_open_bridge or self.order_close_bridge > 0:
            return self.order_open_bridge > 0
        allowed = p.bridge.on and (p.bridge.episodes <= 0 or self.episodes < p.bridge.episodes)
        able = self.producer and self.rounds > 0 and self.intensity <= 0.0 and not self.restrained
        if not allowed or not able or self.partner_short <= 0.0:
            return False
        terms = rules.claim.terms(
            p,
            conventional=self.conventional,
            partner_shortage=self.partner_short,
            precedent=self.precedent,
            norm_cost=self.norm_cost(1.0),
        )
        return self.luck("claim") < rules.link_functions.logit(terms)

    def maybe_close_bridge(self) -> None:
        p, rules = self.model.p, self.model.rules
        self.bridge_months += 1
        if self.bridge_due < 0 and rules.bridge.due(p, self.conventional, self.bridge_months):
            self.bridge_due = 0
        close = self.order_close_bridge > 0 and self.order_open_bridge <= 0
        if not close and self.bridge_due >= 0 and self.order_open_bridge <= 0:
            if rules.bridge.review_now(p, self.bridge_due):
                close = rules.link_functions.decide(
                    self.order_close_bridge, p.bridge.close_probability, self.luck("bridge")
                )
            self.bridge_due += 1
        if close:
            self.bridge = 0

    # choices

    def covered_share(self, munition: int, bridged: float) -> float:
        """How far an act with a class falls under a claimed exception."""
        model = self.model
        now = model.system
        tier = model.rules.norm.tier_exception(
            model.p, now.tier, now.claimed[munition], now.believed[munition], now.believed[LOW_DUD]
        )
        return max(bridged, tier)

    def norm_cost(self, covered: float) -> float:
        return self.model.rules.norm.cost(self.felt, self.scope, covered)

    def may(self, munition: int) -> bool:
        """Whether its own obligations let it use or hold a class."""
        rule = self.model.p.ccw_dud_rate
        if self.in_force:
            return False
        outlawed = self.model.system.claimed[munition] > rule.threshold
        return not (self.tier and outlawed and self.tier_for >= rule.deferral_months)

    def choose_class(self, stream: str) -> int:
        return self.model.rules.use.choose_class(*self.stock, self.luck(stream))

    def consider_transfers(self) -> None:
        """Each possible supplier of this state decides in turn."""
        p = self.model.p
        reserve = p.transfer.enough * p.use.rounds * self.scale
        for tie in self.ties:
            wanted = self.wanting > 0 or (self.intensity > 0.0 and self.rounds <= reserve)
            tie.consider_transfer(wanted)

    def consider_acquiring(self) -> None:
        model = self.model
        p, rules = model.p, model.rules
        munition = LOW_DUD if model.system.tier else 1
        self.wanting = max(self.wanting - 1, 0)
        waiting = self.wanting > 0 and not self.producer
        if rules.acquire.ineligible(self.in_force, self.renounced, waiting) and self.order_acquire <= 0:
            return
        terms = rules.acquire.terms(
            p,
            threat=self.threat,
            holders_seen=self.seen["holder"],
            lawful=1.0 if self.may(munition) else 0.0,
            norm_cost=self.norm_cost(self.covered_share(munition, 0.0)),
        )
        if not rules.link_functions.decide(self.order_acquire, rules.link_functions.logit(terms), self.luck("acquire")):
            return
        model.tell("acquisitions", 1.0)
        if self.producer:
            made = rules.acquire.batch(p, self.scale)
            self.stock[munition] += made
            self.rounds += made
            model.tell("rounds_produced", made)
        else:
            self.wanting = int(p.acquire.patience)

    def consider_using(self) -> None:
        model = self.model
        p, rules = model.p, model.rules
        if self.intensity > 0.0 and self.rounds > 0:
            model.tell("opportunities", 1.0)
        ineligible = rules.use.ineligible(p, self.intensity, self.rounds, self.renounced, self.received > 0, self.short)
        if self.rounds <= 0 or (ineligible and self.order_use <= 0):
            return
        bridged = self.covered * self.received / self.rounds
        munition = self.choose_class("use_class")
        covered = self.covered_share(munition, bridged)
        lawful = self.may(munition)
        opponent = any(rival.used_before and rival.intensity > 0.0 for rival in self.rivals)
        terms = rules.use.terms(
            p,
            intensity=self.intensity,
            shortage=self.short,
            habit=self.habit,
            opponent_used=1.0 if opponent else 0.0,
            lawful=1.0 if lawful else 0.0,
            norm_cost=self.norm_cost(covered),
            felt=self.felt,
            democracy=self.democracy,
            strike_casualties=self.strike_record,
            assured=self.assured * rules.assurance.detection(p, model.system.tier),
            bound=self.in_force,
        )
        model.tell("uses_norm_free", rules.use.without_norm(terms))
        if not rules.link_functions.decide(self.order_use, rules.link_functions.logit(terms), self.luck("use")):
            return
        self.use_cover = (covered, bridged)
        fought = self.intensity if self.intensity > 0.0 else p.conflict.minor
        self.fired = rules.use.rounds_fired(p, self.stock[munition], fought, self.scale)
        self.fired_class = munition
        self.used = 1
        self.months_used += 1
        self.received -= self.fired * self.received // self.rounds
        self.stock[munition] -= self.fired
        self.rounds -= self.fired
        model.tell("users", 1.0)
        model.tell("rounds_fired", self.fired)
        model.tell("users_party", 1.0 if self.in_force else 0.0)
        model.tell("uses_lawful" if lawful else "uses_unlawful", 1.0)
        model.tell("uses_excepted", 1.0 if covered > 0.0 else 0.0)

    # harm

    def strike(self) -> None:
        """What its fire of the month leaves behind."""
        model = self.model
        p, harm, now = model.p, model.rules.harm, model.system
        where = model.states[self.theatre]
        left = harm.duds(p, self.fired, now.field[self.fired_class])
        mean = harm.attack_mean(p, self.fired, 0.0 if self.broke else self.assured)
        hurt = harm.count(mean * harm.heavy_tail(p, self.luck("strike")), self.luck("attack"))
        where.contamination += left
        where.casualties_attack += hurt
        self.casualties_caused = harm.recorded(p, hurt)
        model.tell("duds", left)
        model.tell("dud_gap", now.field[self.fired_class] / now.claimed[self.fired_class] * self.fired)

    def count_harm(self) -> None:
        model = self.model
        p, harm, follow = model.p, model.rules.harm, model.rules.norm.follow
        if self.contamination > 0.0:
            self.casualties_remnants = harm.count(harm.remnant_mean(p, self.contamination), self.luck("remnant"))
        known = harm.recorded(p, self.casualties_attack + self.casualties_remnants)
        self.strike_record = follow(self.strike_record, self.casualties_caused, p.harm.memory)
        model.tell("casualties_attack", self.casualties_attack)
        model.tell("casualties_remnants", self.casualties_remnants)
        model.tell("casualties_recorded", known)

    def disarm(self) -> None:
        """Clear duds; destroy what the ban, a renunciation or a tier demands."""
        model = self.model
        p, tier_rule = model.p, model.p.ccw_dud_rate
        cleared = model.rules.harm.cleared(p, self.contamination, self.programme)
        self.contamination -= cleared
        model.tell("cleared", cleared)
        obeys = self.felt >= p.supply.defiance * self.threat
        if self.status == PARTY or self.renounced:
            if obeys:
                self.destroy(int(p.supply.destroy_months) - self.bound_for, 0.0)
            self.bound_for += 1
        if self.tier:
            late = self.tier_for - int(tier_rule.deferral_months)
            if late >= 0 and obeys:
                self.destroy(int(tier_rule.destruction_months) - late, tier_rule.threshold)
            self.tier_for += 1

    def destroy(self, months_left: int, above: float) -> None:
        model = self.model
        before = self.rounds
        for munition in CLASSES:
            if model.system.claimed[munition] > above and self.stock[munition] > 0:
                gone = model.rules.supply.destroyed(self.stock[munition], months_left)
                self.stock[munition] -= gone
                self.rounds -= gone
        self.received = min(self.received, self.rounds)
        model.tell("stock_destroyed", before - self.rounds)

    # voices and norms

    def weigh_acts(self) -> None:
        """Gravity of the acts it let pass this month, and of its acts, as far as others see them."""
        p, rules = self.model.p, self.model.rules
        if self.asked and not self.transferred:
            self.passed = p.condemn.lesser
        if self.intensity > 0.0 and self.rounds > 0 and not self.used:
            self.passed = 1.0
        gravity = rules.condemn.gravity(p, self.used, self.transferred, self.noticed_before)
        if gravity <= 0.0:
            return
        bridged = 0.0
        if self.used:
            self.act_exception, bridged = self.use_cover
        elif self.transferred:
            self.act_exception, bridged = self.transfer_cover
        self.act_seen = rules.norm.visible_share(p, bridged)
        self.act = gravity * self.act_seen

    def face_the_world(self) -> None:
        """Its visible act is spoken about by every other state."""
        model = self.model
        self.heard = 0.0
        if self.act <= 0.0:
            return
        everyone = model.p.condemn.reach == model.rules.condemn.WORLD
        for observer in model.states if everyone else self.onlookers:
            if observer is not self:
                observer.consider_condemning(self)
        self.answered = model.rules.norm.answered(model.p, self.heard)
        model.tell("violations", 1.0)
        model.tell("violations_answered", 1.0 if self.answered > 0.5 else 0.0)

    def consider_condemning(self, them: "PlainState") -> None:
        model = self.model
        p, rules = model.p, model.rules
        ally = 1 if self in them.ally_set else 0
        terms = rules.condemn.terms(
            p,
            norm_cost=self.norm_cost(them.act_exception),
            bound=1 if self.is_party else 0,
            civil=self.civil,
            log_scale=self.log_scale,
            log_casualties=math.log1p(them.casualties_caused),
            act=them.act,
            baseline=self.baseline,
            ally=ally,
            supplier=them.customers.get(self, 0.0),
            voices_seen=self.seen["voice"],
        )
        probability = them.act_seen * rules.link_functions.logit(terms)
        order = self.told_to_condemn.get(them.place, 0)
        if rules.link_functions.decide(order, probability, self.luck_with("condemn", them)):
            self.voiced = 1
            them.critics += 1
            them.heard += self.standing_share
            model.tell("condemnations", 1.0)

    def reflect(self) -> None:
        """Memory, expectations, validity, scope and the felt norm after the month."""
        model = self.model
        p, norm, seen, now = model.p, model.rules.norm, self.seen, model.system
        self.habit = norm.follow(self.habit, 1.0 if self.used else 0.0, p.use.habit_rate)
        self.criticism = norm.follow(self.criticism, self.heard, 1.0 - p.norm.memory)
        self.notice_echo *= 0.5 ** (1.0 / p.withdraw.half_life)
        violations = seen["violation"] + self.scope * seen["exception"]
        answered = seen["answered"] + self.scope * seen["rejected"]
        self.disputes = norm.follow(self.disputes, seen["exception"], 1.0 / p.norm.dispute_months)
        self.precedent = self.precedent * 0.5 ** (1.0 / p.claim.half_life) + seen["claim"]
        self.complied = p.norm.memory * self.complied + seen["compliance"]
        self.violated = p.norm.memory * self.violated + violations
        self.approval = norm.follow(self.approval, seen["approval"], 1.0 - p.norm.memory)
        clear = norm.clarity(p, 1 if now.bridges else 0, now.tier)
        self.validity = norm.validity_next(
            p,
            self.validity,
            peers=seen["validity"],
            anchor=self.anchor,
            felt=self.felt,
            answered=answered,
            unanswered=violations - answered,
            disputes=self.disputes,
            resolved=now.tier,
            susceptibility=self.susceptibility,
        )
        self.scope = norm.scope_next(
            p,
            self.scope,
            peers=seen["scope"],
            accepted=seen["exception"] - seen["rejected"],
            episodes=now.recurrence,
            clear=clear,
            open_now=1 if now.bridges or now.tier else 0,
            rest=norm.rest_scope(p, self.scope_start, self.scope_low),
            floor=norm.scope_floor(p, now.tier),
        )
        self.scope_low = min(self.scope_low, self.scope)
        self.baseline = norm.follow(self.baseline, seen["act"], 1.0 - p.norm.memory)
        self.conduct = norm.expected_conduct(p, self.complied, self.violated)
        self.felt = norm.felt(p, self.validity, self.conduct, self.approval, self.susceptibility, self.threshold)
        if now.calendar == 12:
            away = self.luck("resolution") < p.norm.absence
            self.voted = 1 if self.un_member and not away else 0
            if not away:
                self.stance = stance(p, self.felt)

    # law

    def let_law_take_effect(self) -> None:
        """Its entry into force and its exit, when their time has come."""
        if self.is_party and not self.in_force:
            self.force_in = max(self.force_in - 1, 0)
            if self.force_in == 0 and self.model.system.treaty_force:
                self.in_force = 1
        if self.status == LEAVING:
            self.notice_left = max(self.notice_left - 1, 0)
            if self.notice_left == 0 and self.intensity <= 0.0:
                self.status = OUTSIDE
                self.in_force = self.bound_for = 0
                self.model.tell("exits", 1.0)

    def blocks_text(self) -> bool:
        """Its vote on the dud-rate text."""
        model = self.model
        p, rules = model.p, model.rules
        outlawed = 0
        for munition in CLASSES:
            if model.system.claimed[munition] > p.ccw_dud_rate.threshold:
                outlawed += self.stock[munition]
        lost = outlawed / self.rounds if self.rounds > 0 else 0.0
        terms = rules.vote.terms(p, self.felt, 1 if self.status >= SIGNATORY else 0, self.producer, lost)
        return self.luck("vote") < rules.link_functions.logit(terms)

    def take_up_tier(self) -> None:
        self.tier, self.tier_for, self.opened = 1, 0, 1

    def consider_protocol(self) -> None:
        model = self.model
        terms = model.rules.join.protocol_terms(model.p, self.delay)
        if self.luck("protocol") < model.rules.link_functions.hazard(terms):
            self.take_up_tier()

    def consider_joining(self, accepted: float) -> None:
        model = self.model
        p, rules, now = model.p, model.rules, model.system
        if now.tier and self.ccw and not self.tier:
            self.consider_protocol()
        if self.is_party or now.months_open < 0:
            return
        if rules.join.ineligible(0, self.immovable, now.months_open) and self.order_join <= 0:
            return
        form = rules.join.ACCEDE if now.treaty_force else rules.join.SIGN
        if self.status == SIGNATORY:
            form = rules.join.RATIFY
        patron = model.states[self.patron] if self.patron >= 0 else None
        parties, members = model.regions[self.region]
        terms = rules.join.terms(
            p,
            form=form,
            frailty=self.frailty,
            region_share=parties / members,
            parties_seen=self.seen["bound"],
            delay=self.delay,
            felt=self.felt,
            civil=self.civil,
            months_open=now.months_open,
            threat=self.threat - now.threat_mean,
            arsenal=rules.join.arsenal(self.rounds, self.relative_power),
            patron_outside=1.0 - patron.shown["bound"] if patron is not None else 0.0,
            tier_accepted=accepted,
        )
        if not rules.link_functions.decide(self.order_join, rules.link_functions.hazard(terms), self.luck("join")):
            return
        self.joined = 1
        model.tell("joins", 1.0)
        if form == rules.join.SIGN and self.order_join <= 0:
            self.status = SIGNATORY
        else:
            self.deposit()

    def deposit(self) -> None:
        """Deposit an instrument of ratification or accession."""
        model = self.model
        p, now = model.p, model.system
        self.status, self.renounced, self.bound_for, self.threat_bound = PARTY, 0, 0, self.threat
        self.force_in = int(p.join.entry_months)
        now.deposits += 1
        if now.treaty_in < 0 and now.deposits >= p.join.trigger:
            now.treaty_in = int(p.join.entry_months)
        model.tell("deposits", 1.0)

    def consider_renouncing(self) -> None:
        model = self.model
        rules = model.rules
        armed = self.rounds > 0 or self.producer
        if rules.renounce.ineligible(1 if self.is_party else 0, self.renounced, 0, armed, 0) or (
            self.immovable and self.order_renounce <= 0
        ):
            return
        terms = rules.renounce.terms(
            model.p,
            felt=self.felt,
            restrained_seen=self.seen["restrained"],
            threat=self.threat,
            at_war=1 if self.intensity > 0.0 else 0,
            holder=1 if self.rounds > 0 else 0,
        )
        if rules.link_functions.decide(self.order_renounce, rules.link_functions.hazard(terms), self.luck("renounce")):
            self.renounced, self.bound_for, self.threat_bound = 1, 0, self.threat
            model.tell("renunciations", 1.0)

    def readiness(self) -> float:
        """Its probability of condemning one fixed act: by a stranger, harmless, and no news."""
        rules = self.model.rules
        terms = rules.condemn.terms(
            self.model.p,
            norm_cost=self.felt,
            bound=1 if self.is_party else 0,
            civil=self.civil,
            log_scale=self.log_scale,
            log_casualties=0.0,
            act=0.0,
            baseline=0.0,
            ally=0,
            supplier=0.0,
            voices_seen=0.0,
        )
        return float(rules.link_functions.logit(terms))

    def count_exits_near(self) -> None:
        """Recent notices of its fellows, as they stand before anyone gives notice this month."""
        self.exits_near = 0.0
        for fellow, shared in self.fellows:
            self.exits_near += (1.0 if shared else self.model.p.withdraw.unthreatened) * fellow.notice_echo

    def consider_withdrawing(self, accepted: float) -> None:
        model = self.model
        p, rules = model.p, model.rules
        if rules.withdraw.ineligible(self.status, self.renounced):
            return
        terms = rules.withdraw.terms(
            p,
            rise=self.threat - self.threat_bound,
            exits_near=self.exits_near,
            felt=self.felt,
            accepted=accepted,
        )
        if not rules.link_functions.decide(
            self.order_withdraw, rules.link_functions.hazard(terms), self.luck("withdraw")
        ):
            return
        if self.status == PARTY:
            self.status, self.notice_left, self.noticed = LEAVING, int(p.withdraw.notice_months), 1
            self.notice_echo += 1.0
            model.tell("notices", 1.0)
        else:
            self.renounced, self.took_back = 0, 1
