"""Every source key and every citation resolves, and no reference stands unused."""

import re
import tomllib
from pathlib import Path

import pytest

from normsim.analysis.verification import CASES, INEXPRESSIBLE
from normsim.parameters import records
from normsim.references import Reference, cite, references

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "normsim" / "rules").glob("*.py"))
DOCS = sorted((ROOT / "docs").glob("*.md"))
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
EXPERIMENTS = sorted((ROOT / "experiments").glob("*.toml"))
KEYS = frozenset(references())
GENERATED = {"parameters.md"}
SECTION = re.compile(r"(?<!\[)\[([^\[\]]*)\](?!\()")
"""Text in square brackets that is no link."""
CITATION = re.compile(r"([A-Z][\w'-]+(?: (?:[A-Z][\w'-]+|and|et|al\.))*) ((?:19|20)\d\d(?:, (?:19|20)\d\d)*)(?!\d|-\d)")
"""`Terman and Voeten 2018`, `Goodliffe et al. 2012`, `Karlas 2022, 2023`, `UNGA 2023`."""
ACRONYM = re.compile(r"^([A-Z]{3,})\b(?! \d)")
"""A source without a year at the start of a bracket: `[UNTC]`, `[UCDP, fitted to 1990-2024]`."""
TEXTUAL = re.compile(r"([A-Z][\w'-]+(?: and [A-Z][\w'-]+| et al\.)?) \[((?:19|20)\d\d)\]")
"""`Morrow [2007]`."""
BARE = re.compile(r"\b([A-Z][A-Za-z]+(?:19|20)\d\d)\b")
"""A key itself, e.g. `Guilbeault2018`."""


def resolve(authors: str, year: str) -> str:
    """The key of a citation: the authors' names joined, or the first author's name alone."""
    names = re.sub(r" et al\.", "", authors).replace(" and ", " ").split()
    joined = "".join(names) + year
    return joined if joined in KEYS else names[0] + year


def citations(text: str) -> set[str]:
    """Keys of all citations of a text, resolved or not."""
    flat = re.sub(r"\s+", " ", text)
    found = set(BARE.findall(flat)) | {resolve(who, year) for who, year in TEXTUAL.findall(flat)}
    for inside in SECTION.findall(flat):
        found |= {resolve(who, year) for who, years in CITATION.findall(inside) for year in years.split(", ")}
        found |= set(ACRONYM.findall(inside))
    return found


def undated(text: str) -> list[str]:
    """Brackets with a year in them in which no citation was recognised."""
    flat = re.sub(r"\s+", " ", text)
    brackets = [inside for inside in SECTION.findall(flat) if re.search(r"\b(19|20)\d\d\b", inside)]
    plain = [inside for inside in brackets if not re.fullmatch(r"(19|20)\d\d", inside)]
    return [inside for inside in plain if not citations(f"[{inside}]")]


def file_keys(path: Path) -> set[str]:
    """Keys under `references` of a scenario or experiment file, at any depth."""

    def walk(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {str(key) for key in node.get("references", ())}
            return own.union(*(walk(value) for value in node.values()))
        return set().union(*(walk(value) for value in node)) if isinstance(node, list) else set()

    return walk(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("as seen [Karlas 2022, 2023; Goodliffe et al. 2012]", {"Karlas2022", "Karlas2023", "Goodliffe2012"}),
        ("[Deitelhoff and\nZimmermann 2020]", {"DeitelhoffZimmermann2020"}),
        ("[Borzyskowski and Vabulas 2019] and Morrow [2007]", {"Borzyskowski2019", "Morrow2007"}),
        ("[14 to 28 in 19 months: Univision 2022, Kyiv 2024]", {"Univision2022", "Kyiv2024"}),
        ("[UCDP, fitted to 1990-2024] [UNTC] [0-1] [bound](1 - x) [text](2020.html)", {"UCDP", "UNTC"}),
        ("[Nobody 1999]", {"Nobody1999"}),
    ],
)
def test_citations_are_recognised(text: str, keys: set[str]) -> None:
    assert citations(text) == keys


@pytest.mark.parametrize("parameter", records().values(), ids=lambda p: p.name)
def test_every_parameter_names_a_known_source(parameter) -> None:
    unknown = set(parameter.source) - KEYS
    assert not unknown, f"{parameter.name}: add {sorted(unknown)} to normsim/references.toml"


@pytest.mark.parametrize("path", [*RULES, *DOCS], ids=lambda p: p.name)
def test_every_citation_of_rules_and_docs_resolves(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    unknown = citations(text) - KEYS
    assert not unknown, f"{path.name} cites {sorted(unknown)}: add them to normsim/references.toml"
    assert not undated(text), f"{path.name}: write citations as [Author 2020] or [A and B 2020]"


@pytest.mark.parametrize("path", [*SCENARIOS, *EXPERIMENTS], ids=lambda p: p.name)
def test_every_reference_of_a_scenario_resolves(path: Path) -> None:
    unknown = file_keys(path) - KEYS
    assert not unknown, f"{path.name}: add {sorted(unknown)} to normsim/references.toml"


def test_no_reference_stands_unused() -> None:
    used = {key for parameter in records().values() for key in parameter.source}
    used |= {key for case in (*CASES.values(), *INEXPRESSIBLE) for key in case.sources}
    for path in [*RULES, *(doc for doc in DOCS if doc.name not in GENERATED)]:
        used |= citations(path.read_text(encoding="utf-8"))
    for path in [*SCENARIOS, *EXPERIMENTS]:
        used |= file_keys(path)
    unused = KEYS - used
    assert not unused, f"cited nowhere: {sorted(unused)}"


@pytest.mark.parametrize("reference", references().values(), ids=lambda r: r.key)
def test_every_reference_says_what_and_how_far(reference: Reference) -> None:
    assert reference.text
    assert reference.note.endswith(".")
    assert reference.checked in ("page seen", "opening seen", "memory")
    assert not reference.doi.startswith("http")
    assert not reference.url or reference.url.startswith("http")
    assert reference.text in cite(reference.key)


def test_an_unknown_key_cannot_be_cited() -> None:
    with pytest.raises(KeyError):
        cite("Nobody1999")
