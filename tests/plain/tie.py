"""What one state could send another, in the plain model: aid, munitions, and the terms they come with.

Written as `state.py` is; the two belong together.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.plain.state import PlainState

NEVER = 1_000_000


class Tie:
    """A pair that can trade."""

    def __init__(self, supplier: "PlainState", recipient: "PlainState", columns: dict[str, Any]) -> None:
        for name, value in columns.items():
            setattr(self, name, value)
        self.supplier, self.recipient, self.model = supplier, recipient, supplier.model
        self.strength = max(self.ally, self.arms)

    def age(self) -> None:
        """A month passes."""
        self.cut_off = max(self.cut_off - 1, 0)
        if self.since < NEVER:
            self.since += 1
            self.cover()

    def cover(self) -> None:
        """An earlier transfer covers the recipient by the supplier's bridge, and binds it by its terms."""
        p, them = self.model.p, self.recipient
        if self.since <= p.assurance.life:
            them.assured = max(them.assured, p.assurance.implementation * self.terms)
        if self.supplier.bridge and self.since <= p.transfer.memory:
            them.covered = 1

    def offer(self, short: float) -> float:
        """Ordinary rounds that the supplier offers."""
        p, supply, us = self.model.p, self.model.rules.supply, self.supplier
        if us.stock_before <= p.supply.reserve:
            return 0.0
        pull = supply.aid_pull(self.strength, short, self.recipient.intensity)
        return supply.aid_given(p, us.stock_before, pull, us.pull) * us.scale

    def consider_transfer(self, wanted: bool) -> None:
        """The supplier decides whether to send munitions."""
        model, us, them = self.model, self.supplier, self.recipient
        p, rules = model.p, model.rules
        own = us.producer or us.origin in (1, 2)  # made or inherited
        ineligible = rules.transfer.ineligible(
            us.in_force, us.renounced, them.in_force, them.renounced, us.rounds, self.cut_off, wanted, own
        )
        if us.rounds <= 0 or (ineligible and self.order <= 0):
            return
        if rules.supply.asks_for_aid(p, them.conventional, them.intensity):
            us.asked = True
        bridge = 1 if us.bridge and them.intensity > 0.0 else 0
        munition = us.choose_class("transfer_class")
        covered = us.covered_share(munition, float(bridge))
        claimed, believed = model.system.claimed[munition], model.system.believed[munition]
        over = rules.transfer.over_limit(p, us.has_limit, claimed, believed)
        terms = rules.transfer.terms(
            p,
            alliance=self.ally,
            arms=self.arms,
            producer=us.producer,
            recipient_shortage=them.short,
            recipient_intensity=them.intensity,
            recipient_wants=1 if them.wanting > 0 else 0,
            own_shortage=us.short,
            bridge_open=bridge,
            previous=1 if self.since <= p.transfer.memory else 0,
            norm_cost=us.norm_cost(covered),
            democracy=us.democracy,
            criticism=us.criticism,
            over=over,
            bound_allies=us.bound_allies,
        )
        sent = rules.transfer.rounds_sent(p, us.stock[munition], us.scale)
        if sent > 0:
            model.tell("transfers_norm_free", rules.transfer.without_norm(terms))
        if sent == 0 or not rules.link_functions.decide(
            self.order, rules.link_functions.logit(terms), us.luck_with("transfer", them)
        ):
            return
        self.sending, self.munition = sent, munition
        us.transfer_cover = (max(us.transfer_cover[0], covered), max(us.transfer_cover[1], float(bridge)))
        model.tell("transfers", 1.0)
        model.tell("transfers_excepted", 1.0 if covered > 0.0 else 0.0)
        model.tell("transfers_over_limit", over)

    def keep_terms(self) -> None:
        """The recipient keeps the terms or breaks them; the supplier then learns of it or not."""
        model, them = self.model, self.recipient
        p, rules = model.p, model.rules
        if them.used and self.terms > 0.0 and self.since <= p.assurance.life:
            seen = rules.assurance.detection(p, model.system.tier)
            terms = rules.assurance.breach_terms(p, them.intensity, self.terms, self.strength, seen)
            if them.luck("breach") < rules.link_functions.logit(terms):
                them.broke = 1
                model.tell("breaches", 1.0)
                if self.supplier.luck_with("detect", them) < seen:
                    self.answer_breach()

    def answer_breach(self) -> None:
        """The supplier cuts the recipient off, or lets it pass."""
        model, us = self.model, self.supplier
        p = model.p
        model.tell("breaches_detected", 1.0)
        enforced = us.luck_with("enforce", self.recipient) < model.rules.assurance.enforcement(p)
        if enforced and p.assurance.cutoff_months > 0:
            if self.cut_off == 0:
                model.tell("cutoffs", 1.0)
            self.cut_off = int(p.assurance.cutoff_months)
