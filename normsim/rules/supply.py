"""Supply: conventional stocks and output, aid between partners, and the initial arsenals.

Conventional stock q is in units of the state's own target (1 = full). War burns demand * intensity^exponent a month;
output grows logistically towards its ramped target while there is need [14,000 to 28,000 rounds a month in 19 months:
Univision 2022, Kyiv 2024] and falls back afterwards unless sustained.

First arsenals: endowment of the origin * exp(stock_spread z) * scale * share of the class. Declared by 33 parties, at
scale 1: producers median 6,500 and mean 100,000, heirs of a state 5,000, importers 3,500 [MonitorStocks 2017]; the
United States, outside, 1.2 million [HRW 2005].

Status: output, ramp and demand empirical; the rest assumed. Null: `ramp`, `aid`, `stock_spread` 0.
"""

import math
from typing import Any

from normsim.rules.link_functions import clip

LEGACY, IMPROVED, LOW_DUD = 0, 1, 2
CLASSES = 3
MADE, INHERITED = 1, 2
"""Where a state's first stock comes from, of the values of the column `origin`."""


def shortage(conventional: float) -> float:
    """Missing share of the conventional stock target: max(0, 1 - q)."""
    return max(0.0, 1.0 - conventional)


def consumption(p: Any, intensity: float) -> float:
    """Conventional rounds fired in a month, of the stock target."""
    return p.supply.demand * intensity**p.supply.exponent if intensity > 0.0 else 0.0


def needs_output(p: Any, intensity: float, bridge: int, conventional: float) -> bool:
    """Whether a state raises its output: at war, under an open bridge, or while its store is to be refilled."""
    return intensity > 0.0 or bridge > 0 or conventional < p.supply.refill


def ramp_rate(p: Any) -> float:
    """Monthly logistic growth of output: slower where no long contract covers the firms' risk, faster under a surge."""
    return p.supply.ramp * p.production.surge * p.production.contract


def output_next(p: Any, output: float, needed: int) -> float:
    """Output after a month: logistic ramp while needed, else decline to the peacetime level unless sustained."""
    if needed:
        return output + ramp_rate(p) * output * (1.0 - output / p.supply.output_target)
    if p.production.sustain:
        return output
    return output - p.supply.ramp * max(0.0, output - p.supply.output)


def stock_next(p: Any, conventional: float, output: float, intensity: float) -> float:
    """Conventional stock after a month of output and war; a full store takes no more than its use."""
    return max(0.0, min(conventional + output, max(conventional, 1.0)) - consumption(p, intensity))


def asks_for_aid(p: Any, conventional: float, intensity: float) -> bool:
    """Whether a state at war is short enough to ask its partners for ordinary rounds."""
    return intensity > 0.0 and shortage(conventional) > p.supply.ask_above


def aid_pull(strength: float, recipient_shortage: float, recipient_intensity: float) -> float:
    """Pull of a partner at war on a supplier's ordinary rounds."""
    return strength * recipient_shortage * recipient_intensity


def aid_given(p: Any, conventional: float, pull: float, all_pulls: float) -> float:
    """Share of its target that a supplier gives to one partner this month, out of what exceeds its reserve."""
    spare = max(0.0, conventional - p.supply.reserve)
    return p.supply.aid * spare * pull / max(1.0, all_pulls)


def scale(p: Any, power: float) -> float:
    """Size of a state's arsenals, gifts and fire, Ukraine's being 1: the root of its relative capability."""
    return max(p.supply.scale_floor, math.sqrt(power / p.supply.scale_power))


def initial_conventional(p: Any, intensity: float) -> float:
    """Conventional stock before the first month: full at peace, drawn down by a war under way."""
    return 1.0 - (1.0 - p.supply.war_stock) * intensity


def initial_output(p: Any, intensity: float) -> float:
    """Output before the first month: peacetime, or what a war under way burns, as far as a full ramp reaches."""
    return clip(consumption(p, intensity), p.supply.output, p.supply.output_target)


def endowment(p: Any, origin: int) -> float:
    """Median cluster munitions of a holder of scale 1, by where its stock comes from."""
    return float(p.supply.stock_made if origin == MADE else p.supply.stock_received)


def initial_rounds(p: Any, scale: float, origin: int, noise: float, munition: int) -> int:
    """Cluster munitions a holder has of a class at the start.

    Args:
        p: parameters.
        scale: size of its arsenals.
        origin: where its stock comes from.
        noise: a standard normal number, of the run and the state.
        munition: class.
    """
    share = p.supply.share_legacy if munition == LEGACY else p.supply.share_improved
    if munition == LOW_DUD:
        share = max(0.0, 1.0 - p.supply.share_legacy - p.supply.share_improved)
    return int(endowment(p, origin) * math.exp(p.supply.stock_spread * noise) * scale * share)


def destroyed(rounds: int, months_left: int) -> int:
    """Rounds destroyed this month so that the last goes in the last month (exact whole numbers)."""
    if months_left <= 1:
        return rounds
    return (rounds + months_left - 1) // months_left
