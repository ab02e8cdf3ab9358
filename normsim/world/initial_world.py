"""`World`: the arrays that a run starts from."""

from __future__ import annotations

import datetime
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from normsim.errors import WorldError
from normsim.world.influence_layers import Layer
from normsim.world.treaty import Treaty
from normsim.world.treaty_file import convention

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FACTS = np.dtype(
    [
        ("region", "i8"),
        ("power", "f8"),
        ("democracy", "f8"),
        ("ideal_point", "f8"),
        ("ccw", "i8"),
        ("un_member", "i8"),
        ("delay", "f8"),
        ("status", "i8"),
        ("months_bound", "i8"),
        ("months_to_force", "i8"),
        ("notice_left", "i8"),
        ("war_bound", "f8"),
        ("rival_war_bound", "f8"),
        ("rival_bound", "i8"),
        ("holder", "i8"),
        ("origin", "i8"),
        ("producer", "i8"),
        ("exporter", "i8"),
        ("limit", "f8"),
        ("theatre", "i8"),
        ("use_years_here", "f8"),
        ("uses_recent", "i8"),
        ("conflict_share", "f8"),
        ("intensity", "f8"),
        ("voted_against", "i8"),
        ("lat", "f8"),
        ("lon", "f8"),
    ]
)
"""One row per state.

- region: index into `World.regions`.
- power: share of world capability; sums to 1.
- democracy: electoral democracy [0-1], of the latest year before the date.
- ideal_point: position in General Assembly votes; higher = closer to the United States.
- ccw: 1 if a party to the framework convention on certain conventional weapons.
- un_member: 1 if a member of the United Nations, whose General Assembly votes on the yearly resolution.
- delay: how long it waited to join earlier bans of a class of weapons, see `earlier_bans`; 0 is the mean
  [log years].
- status: 0 none, 1 signed, 2 bound, 3 notice of withdrawal given.
- months_bound: whole months since the deposit, 0 if not bound [months].
- months_to_force: months until the convention is in force for the state, 0 once it is; before the day of its own
  entry into force is fixed, the state's own six months only; meaningful for status 2 and 3 only [months].
- notice_left: months until a notice given takes effect, 0 if none is given [months].
- war_bound: intensity of its wars in the last calendar year that was over when it was bound, 0 if not bound.
- rival_war_bound, rival_bound: of its rivals when it was bound, the one whose war abroad in that year weighed most, by
  intensity and share of the pair's power: intensity of that war, and index of the rival; 0 and its own for none.
- holder, producer, exporter: 1 if it holds a stockpile, produces, has ever exported.
- origin: where its stock comes from: 0 it has none, 1 own production, 2 a predecessor state, 3 imports, 4 unknown.
- limit: domestic limit on the dud rate in force, NaN if none [0-1].
- theatre: index of the state on whose territory its munitions would fall: that of its latest use, or
  of the war that it fights abroad.
- use_years_here: recorded state-years of use on its territory in the 20 years before.
- uses_recent: 1 if a recorded user in the two calendar years before.
- conflict_share: share of the 10 calendar years before in which it fought a war, as a side or as a
  supporter whose own forces fight.
- intensity: of its wars now: 0, 0.5 (25 to 999 battle deaths a year) or 1.
- voted_against: 1 if it voted against the UN resolution that supports the convention, the last time before the date
  for which the record names who did.
- lat, lon: where to draw it [degrees].
"""

MOVING = ("power", "democracy", "ideal_point", "ccw", "un_member", "limit")
"""Columns of `FACTS` that the record moves on in each January after the date: covariates, nothing the model decides."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Relations:
    """Pairs of states as they stand on a day.

    Attributes:
        layers: Influence layers by name.
        rivalry: Pairs of rivals, symmetric, weight 1; not a layer, since it carries no influence.
        supplier: (m,) index of the supplier of each pair that could transfer munitions.
        recipient: (m,) index of the recipient; ties are sorted by recipient, then supplier.
        ally: (m,) 1 if a defence pact joins the two, else 0.
        arms: (m,) recorded arms trade: 0 none, 1/3 minor, 2/3 regular, 1 major.
    """

    layers: dict[str, Layer]
    rivalry: Layer
    supplier: Ints
    recipient: Ints
    ally: Floats
    arms: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Year(Relations):
    """What the record moves on in a January after the date, by the rules that hold for the date itself.

    Of the layers it holds alliance and arms; the other attributes of `Relations` are those of its first day.

    Attributes:
        year: Calendar year; what was so on its first day counts.
        facts: (n,) the columns `MOVING` of `FACTS`.
    """

    year: int
    facts: npt.NDArray[np.void]


class History(NamedTuple):
    """What is recorded year by year: wars, the years before the start included, and covariates after it.

    Attributes:
        first_year: Calendar year of the first row.
        intensity: (years, n), as in `FACTS`; NaN where no year is recorded.
        theatre: (years, n), as in `FACTS`.
        later: One `Year` for each January after the start, up to the one after the last year of data; empty in a
            generated world.
    """

    first_year: int
    intensity: Floats
    theatre: Ints
    later: tuple[Year, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class World(Relations):
    """The world before the first month. All arrays are read-only.

    It has all influence layers (region, alliance, votes, arms, organisations) and the other attributes of `Relations`.

    Attributes:
        start: The date; acts strictly before it count.
        iso3: Codes of the states, sorted; n of them.
        names: Names, in the same order.
        regions: Names of the regions, sorted.
        facts: (n,) of dtype `FACTS`.
        history: Yearly record of wars, the years before the start included, and of covariates after it.
        treaty: The treaty that states join and leave; by default the Convention on Cluster Munitions.
    """

    start: datetime.date
    iso3: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    facts: npt.NDArray[np.void]
    history: History
    treaty: Treaty = field(default_factory=convention)

    def __post_init__(self) -> None:
        """Make the arrays read-only: a cached world is shared by all runs of a process."""
        arrays: list[npt.NDArray[Any]] = [self.history.intensity, self.history.theatre]
        days: tuple[World | Year, ...] = (self, *self.history.later)
        for day in days:
            arrays += [day.facts, day.supplier, day.recipient, day.ally, day.arms]
            for layer in (*day.layers.values(), day.rivalry):
                arrays += [layer.indptr, layer.indices, layer.weights]
        for array in arrays:
            array.setflags(write=False)

    @property
    def is_recorded(self) -> bool:
        """Whether wars are recorded: True for the real world, False for a generated one."""
        return not bool(np.isnan(self.history.intensity).all())

    def __len__(self) -> int:
        """Number of states."""
        return len(self.iso3)

    def __repr__(self) -> str:
        """Short summary: date, size, treaty, kind."""
        return "World(" + ", ".join(self._summary()) + ")"

    def _repr_html_(self) -> str:
        """Summary for notebooks: one line, and the number of entries in each network."""
        counts = {name: len(layer.indices) for name, layer in self.layers.items()}
        counts |= {"rivalry": len(self.rivalry.indices), "transfer ties": len(self.supplier)}
        rows = "".join(f"<tr><th>{name}</th><td>{count:,}</td></tr>" for name, count in counts.items())
        return (
            f"<p><b>World</b> {', '.join(self._summary())}</p><table><caption>Ties by network</caption>{rows}</table>"
        )

    def _summary(self) -> tuple[str, ...]:
        parties = int((self.facts["status"] >= 2).sum())
        at_war = int((self.facts["intensity"] > 0).sum())
        kind = "recorded" if self.is_recorded else "generated"
        return (
            self.start.isoformat(),
            f"{len(self)} states",
            f"{parties} parties",
            f"{int(self.facts['holder'].sum())} holders",
            f"{at_war} at war",
            kind,
        )

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the facts of every state.

        Returns:
            One row per state, indexed by `iso3`: its name and the columns of `FACTS`, in their units. The region
            is given by name, the theatre and the rival by code.

        Example:
            >>> import datetime
            >>> import normsim as ns
            >>> frame = ns.world_as_of(datetime.date(2023, 7, 1)).to_frame()
            >>> frame.loc[["NOR", "USA"], ["name", "region", "status"]].values.tolist()
            [['Norway', 'Europe', 2], ['United States', 'Americas', 0]]
        """
        import pandas as pd

        table: dict[str, object] = {"name": self.names}
        table |= {name: self.facts[name] for name in FACTS.names or ()}
        table["region"] = [self.regions[k] for k in self.facts["region"]]
        table["theatre"] = [self.iso3[k] for k in self.facts["theatre"]]
        table["rival_bound"] = [self.iso3[k] for k in self.facts["rival_bound"]]
        return pd.DataFrame(table, index=pd.Index(self.iso3, name="iso3"))

    def index(self, iso3: str) -> int:
        """Return the row of a state.

        Args:
            iso3: Its ISO 3166-1 alpha-3 code.

        Returns:
            Its index in every array of the world.

        Raises:
            WorldError: If no state has the code; the message suggests the nearest one.
        """
        try:
            return self.iso3.index(iso3)
        except ValueError:
            raise WorldError(f"no state {iso3!r} in this world{self._nearest(iso3)}") from None

    def _nearest(self, text: str) -> str:
        words = {name.lower(): i for i, name in enumerate(self.names)}
        words |= {code.lower(): i for i, code in enumerate(self.iso3)}
        near = difflib.get_close_matches(text.lower(), words, n=5, cutoff=0.5)
        if not near:
            return "; states go by three-letter codes such as " + ", ".join(self.iso3[:3])
        # Prefer a match with the same first two letters: GBX is nearer to GBR than to GNB.
        i = words[max(near, key=lambda word: word[:2] == text[:2].lower())]
        return f"; did you mean {self.iso3[i]!r} ({self.names[i]})?"

    def recorded_conflicts(self, months: int) -> tuple[Floats, Ints]:
        """Return the recorded wars by month, to replay history instead of drawing it.

        Args:
            months: Number of months, that of the start included [months].

        Returns:
            Intensity (months, n), NaN in years without record (after 2024 in the real world, all
            years in a synthetic one), and theatre (months, n), the location of the latest use up
            to and including the month's year.
        """
        first = self.start.year * 12 + self.start.month - 1
        years = (first + np.arange(months)) // 12 - self.history.first_year
        rows = np.minimum(years, len(self.history.intensity) - 1)
        intensity = self.history.intensity[rows].copy()
        intensity[years > rows] = np.nan
        return intensity, self.history.theatre[rows].copy()
