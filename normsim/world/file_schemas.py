"""Schemas of the data files: columns, validators of their cells, keys and orders of rows.

The loader is generic; everything specific to a file is in `FILES`. An invalid value is reported with
its file, line, column, value and what is allowed.
"""

from __future__ import annotations

from normsim.world.validators import (
    CODE,
    DATE,
    DIGITS,
    FLAG,
    KEY,
    NOTE,
    PERIOD,
    PLACE,
    SOURCE,
    STATE,
    STATES,
    TEXT,
    YEAR,
    Spec,
    blank_or,
    choice,
    joined,
    number,
    whole,
)

_RATE, _SHARE = blank_or(number(0, 100)), blank_or(number(0, 1))
_CONFIDENCE = choice("high", "medium", "low")
BILATERAL = "other/bilateral"
"""Bloc of a pact that belongs to no regional treaty."""

BLOCS = ("AU", "CIS", "CSTO", "EAC", "ECCAS", "ECOWAS", "EU", "GCC", "ICGLR", "LAS", "NATO", "OAS", "SADC", BILATERAL)
"""Groups whose treaty holds a defence pact."""

MOST_BILATERAL = 6
"""Most pacts outside a bloc that one state may have: the United States has six. More is a regional treaty whose bloc is
not named, and would make the state a false hub of the alliance layer."""

_TREATY = Spec(
    {
        "iso3": STATE,
        "name": TEXT,
        "signed": blank_or(DATE),
        "bound": blank_or(DATE),
        "bound_kind": blank_or(choice("ratification", "accession", "acceptance", "succession")),
        "withdrawn": blank_or(DATE),
        "source": SOURCE,
    },
    key=("iso3",),
    dates=("signed", "bound", "withdrawn"),
)

FILES: dict[str, Spec] = {
    "sources.csv": Spec(
        {
            "key": KEY,
            "title": TEXT,
            "publisher": TEXT,
            "address": NOTE,
            "as_of": NOTE,
            "gaps": NOTE,
            "whole_files": NOTE,
        },
        key=("key",),
    ),
    "states.csv": Spec(
        {
            "iso3": CODE,
            "name": TEXT,
            "cow_code": blank_or(whole(1, 999)),
            "gw_code": blank_or(whole(1, 999)),
            "un_member": FLAG,
            "un_admitted": blank_or(DATE),
            "region": choice("Africa", "Americas", "Asia", "Europe", "Oceania"),
            "un_group": choice("AFRICA", "ASIA_PACIFIC", "EASTERN_EUROPE", "GRULAC", "WEOG", "OBSERVER", "NONE"),
            "subregion": TEXT,
            "iso_n3": DIGITS,
            "lat": number(-90, 90),
            "lon": number(-180, 180),
            "landlocked": FLAG,
            "area_km2": number(0, 1e8),
            "note": NOTE,
            "source": SOURCE,
        },
        key=("iso3",),
    ),
    "states_year.csv": Spec(
        {
            "iso3": STATE,
            "year": YEAR,
            "polyarchy": _SHARE,
            "uds": blank_or(number(-10, 10)),
            "polity2": blank_or(number(-10, 10)),
            "democracy": _SHARE,
            "cinc": _SHARE,
            "population": blank_or(number(1, 1e10)),
            "gdp_usd_m": blank_or(number(0, 1e9)),
        },
        key=("iso3", "year"),
    ),
    "earlier_bans.csv": Spec(
        {"treaty": choice("chemical_weapons", "mine_ban"), "iso3": STATE, "bound": DATE, "source": SOURCE},
        key=("treaty", "iso3"),
    ),
    "ccm_status.csv": _TREATY,
    "ccw_status.csv": _TREATY,
    "rome_statute.csv": _TREATY,
    "unga_ccm_votes.csv": Spec(
        {
            "year": YEAR,
            "body": choice("First Committee", "plenary"),
            "yes": whole(0, 193),
            "no": whole(0, 193),
            "abstain": whole(0, 193),
            "against": STATES,
            "source": SOURCE,
        },
        key=("year", "body"),
    ),
    "capability.csv": Spec(
        {
            "iso3": STATE,
            "ever_produced": FLAG,
            "producer_status": choice("current", "ceased", "never_known"),
            "producer_from": blank_or(YEAR),
            "producer_until": blank_or(YEAR),
            "producer_until_quality": NOTE,
            "inherited_from": blank_or(choice("Soviet Union", "Yugoslavia", "Czechoslovakia", "Rhodesia")),
            "stockpile_status": choice("holds", "destroyed", "none", "unknown"),
            "destroyed_year": blank_or(YEAR),
            "destroyed_year_quality": NOTE,
            "ever_exported": FLAG,
            "note": NOTE,
            "source": SOURCE,
        },
        key=("iso3",),
    ),
    "use_by_year.csv": Spec(
        {
            "year": YEAR,
            "iso3": STATE,
            "location_iso3": PLACE,
            "note_key": KEY,
            "confidence": _CONFIDENCE,
            "source": SOURCE,
            "note": NOTE,
        },
        key=("year", "iso3", "location_iso3"),
    ),
    "transfers.csv": Spec(
        {
            "year": blank_or(YEAR),
            "supplier_iso3": STATE,
            "recipient_iso3": STATE,
            "munition": TEXT,
            "quantity": TEXT,
            "confidence": _CONFIDENCE,
            "source": SOURCE,
            "note": NOTE,
        },
        key=("year", "supplier_iso3", "recipient_iso3", "munition", "note"),
        apart=("supplier_iso3", "recipient_iso3"),
    ),
    "domestic_limits.csv": Spec(
        {
            "iso3": STATE,
            "start": DATE,
            "end": blank_or(DATE),
            "kind": choice("transfer", "acquisition"),
            "threshold": number(0, 1),
            "note": NOTE,
            "source": SOURCE,
        },
        key=("iso3", "start", "kind"),
        dates=("start", "end"),
    ),
    "dud_rates.csv": Spec(
        {
            "munition_or_context": TEXT,
            "claimed_rate": NOTE,
            "field_rate_low": _RATE,
            "field_rate_high": _RATE,
            "source": SOURCE,
            "note": NOTE,
        },
        key=("munition_or_context",),
    ),
    "casualties_by_year.csv": Spec(
        {
            "year": YEAR,
            "total": whole(0, 10**6),
            "from_attacks": blank_or(whole(0, 10**6)),
            "from_remnants": blank_or(whole(0, 10**6)),
            "main_countries": NOTE,
            "count_status": choice("first_count", "revised", "derived", "minimum"),
            "note": NOTE,
            "source": SOURCE,
        },
        key=("year", "count_status"),
    ),
    "timeline.csv": Spec(
        {
            "date": DATE,
            "actor_iso3s": STATES,
            "event": TEXT,
            "type": choice("policy", "contestation", "use", "treaty", "condemnation", "transfer", "withdrawal"),
            "source": SOURCE,
        },
        key=("date", "event"),
    ),
    "rivalries.csv": Spec(
        {
            "a": STATE,
            "b": STATE,
            "start": DATE,
            "end": blank_or(DATE),
            "kind": choice("war", "use", "enduring"),
            "note": NOTE,
            "source": SOURCE,
        },
        key=("a", "b", "start"),
        ordered=("a", "b"),
        dates=("start", "end"),
    ),
    "defence_pacts.csv": Spec(
        {
            "a": STATE,
            "b": STATE,
            "kind": choice("defence"),
            "start": DATE,
            "end": blank_or(DATE),
            "all_kinds": TEXT,
            "source": SOURCE,
            "shared_bloc": joined(*BLOCS),
            "note": NOTE,
        },
        key=("a", "b", "start"),
        ordered=("a", "b"),
        dates=("start", "end"),
        most=("shared_bloc", BILATERAL, MOST_BILATERAL),
    ),
    "borders.csv": Spec(
        {
            "a": STATE,
            "b": STATE,
            "kind": choice("land", "sea_12mi", "sea_24mi", "sea_150mi", "sea_400mi"),
            "source": SOURCE,
            "note": NOTE,
        },
        key=("a", "b"),
        ordered=("a", "b"),
    ),
    "organisations.csv": Spec(
        {
            "iso3": STATE,
            "org": TEXT,
            "scope": choice("regional", "cross_regional"),
            "start": blank_or(DATE),
            "end": blank_or(DATE),
            "source": SOURCE,
        },
        key=("iso3", "org", "start"),
        dates=("start", "end"),
    ),
    "igo_shared_2014.csv": Spec(
        {"a": STATE, "b": STATE, "shared_igos": whole(0, 500)}, key=("a", "b"), ordered=("a", "b")
    ),
    "un_ideal_points.csv": Spec(
        {
            "iso3": STATE,
            "year": YEAR,
            "ideal_point": blank_or(number(-10, 10)),
            "ideal_point_all": blank_or(number(-10, 10)),
            "n_votes": blank_or(whole(0, 1000)),
        },
        key=("iso3", "year"),
    ),
    "arms_ties.csv": Spec(
        {
            "period": PERIOD,
            "supplier": STATE,
            "recipient": STATE,
            "tier": choice("minor", "regular", "major"),
        },
        key=("period", "supplier", "recipient"),
        apart=("supplier", "recipient"),
    ),
    "conflict_years.csv": Spec(
        {
            "iso3": STATE,
            "year": YEAR,
            "intensity": choice("1", "2"),
            "type": TEXT,
            "role": choice("primary", "troop_support"),
            "n_conflicts": whole(0, 100),
            "n_supported": whole(0, 100),
        },
        key=("iso3", "year"),
    ),
    "co_belligerents.csv": Spec(
        {
            "war": KEY,
            "iso3": STATE,
            "theatre_iso3": STATE,
            "first_year": YEAR,
            "last_year": YEAR,
            "intensity": choice("1", "2"),
            "source": SOURCE,
            "note": NOTE,
        },
        key=("iso3", "first_year"),
        dates=("first_year", "last_year"),
    ),
}
