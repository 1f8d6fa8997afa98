"""Measure what `data/README.md` says of the demonstration corpus; exit with 1 where it is not so.

Run it as ``python data/check_corpus.py``. It needs the standard library alone, so that the corpus can be
checked wherever it is copied to.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias, TypedDict

__all__ = [
    "FIELDS",
    "MEASURES",
    "SECTIONS",
    "Corpora",
    "Property",
    "Row",
    "main",
    "read_corpora",
    "read_rows",
]

FOLDER = Path(__file__).resolve().parent
FIELDS = ("id", "title", "text", "labels", "date", "source", "language")
YEARS = range(2016, 2024)

# For each section the stems that a reader would think of first; an article that is recognised only by
# them teaches a classifier nothing but the section's name. A `$` ends a word that is no stem.
SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "China-UN engagements": (
            "china chinese beijing un$ united$ nations$ engag mission delegat ambassador envoy resolution "
            "council assembly multilateral"
        ),
        "Counterterrorism": (
            "counter terror attack bomb militant extremis jihad islamic gunm explosi radical suspect qaida "
            "insurgen hostage"
        ),
        "Peacekeeping": (
            "peace blue$ helmet$ helmets$ beret troop battalion mandate contingent patrol soldier convoy "
            "ceasefire mission infantry"
        ),
        "Climate and environment": (
            "climat environment carbon emission warming greenhouse pollut biodivers forest renewable solar "
            "drought flood species glacier"
        ),
        "Trade and economy": (
            "trad econom tariff export import market price bank customs invest currenc duty$ inflation "
            "business shipping"
        ),
        "Development and aid": (
            "develop aid$ donor povert poor grant humanitarian relief charit loan village fund project "
            "assistance sustainab"
        ),
        "Human rights": (
            "human right court judge justice prison detain detention tribunal convention freedom "
            "discriminat equal lawyer victim"
        ),
        "Disarmament": (
            "disarm nuclear weapon arms$ treaty missile warhead mine$ mines$ landmine chemical munition "
            "rifle verif stockpile"
        ),
        "Global health": (
            "global health vaccin disease virus hospital doctor patient epidemic pandemic nurse outbreak "
            "infect medic malaria"
        ),
        "Migration and refugees": (
            "migra refugee asylum border camp displac visa passport exile resettle shelter flee fled "
            "deport smuggl"
        ),
        "Culture and heritage": (
            "cultur heritag museum art$ artist music song temple ancient tradition archaeolog unesco "
            "festival theat craft"
        ),
        "Science and space": (
            "scien space research satellite rocket orbit telescope laborator physic astronom moon planet "
            "experiment universit astronaut"
        ),
    }
)


class Row(TypedDict):
    """One line of a corpus."""

    id: str
    title: str
    text: str
    labels: list[str]
    date: str
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Corpora:
    """The English corpus and the Chinese one."""

    english: Sequence[Row]
    chinese: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Property:
    """What was measured, what came out, and whether it is as the README says."""

    name: str
    figure: str
    holds: bool

    def __str__(self) -> str:
        return f"{'ok  ' if self.holds else 'FAIL'} {self.name}: {self.figure}"


Measure: TypeAlias = Callable[[Corpora], Property]


def read_rows(path: Path) -> list[Row]:
    """Read JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_corpora(folder: Path = FOLDER) -> Corpora:
    """Read both corpora of a folder."""
    return Corpora(read_rows(folder / "world_desk.jsonl"), read_rows(folder / "world_desk_zh.jsonl"))


# Form ---------------------------------------------------------------------------------------------


def number_of_articles(corpora: Corpora) -> Property:
    """At least 480."""
    count = len(corpora.english)
    return Property("articles", f"{count} (at least 480)", count >= 480)


def fields_in_order(corpora: Corpora) -> Property:
    """Every row has the same fields, in one order, and a known type in each."""
    rows = [*corpora.english, *corpora.chinese]
    odd = [row.get("id", "?") for row in rows if tuple(row) != FIELDS or not _well_typed(row)]
    return Property("fields, their order and types", f"{len(odd)} rows differ{_listed(odd)}", not odd)


def unique_ids(corpora: Corpora) -> Property:
    """No id twice, counted through in file order."""
    wanted = [f"wd-{number:04d}" for number in range(1, len(corpora.english) + 1)]
    wanted += [f"zh-{number:04d}" for number in range(1, len(corpora.chinese) + 1)]
    found = [row["id"] for row in (*corpora.english, *corpora.chinese)]
    odd = [one for one, other in zip(found, wanted, strict=True) if one != other]
    return Property("unique ids in file order", f"{len(set(found))} of {len(found)}{_listed(odd)}", not odd)


def dates(corpora: Corpora) -> Property:
    """ISO dates in file order, in each of eight years."""
    found = [row["date"] for row in corpora.english]
    odd = [day for day in found if not _is_iso(day)]
    years = Counter(day[:4] for day in found)
    full = set(years) == {str(year) for year in YEARS} and found == sorted(found)
    figure = f"{min(found)} to {max(found)}, {min(years.values())} or more a year{_listed(odd)}"
    return Property("dates", figure, full and not odd)


def lengths(corpora: Corpora) -> Property:
    """Between 90 and 260 words of text."""
    words = [len(row["text"].split()) for row in corpora.english]
    figure = f"{min(words)} to {max(words)} (90 to 260), mean {sum(words) / len(words):.0f}"
    return Property("words in an article", figure, min(words) >= 90 and max(words) <= 260)


# Labels and outlets -------------------------------------------------------------------------------


def sections(corpora: Corpora) -> Property:
    """Twelve sections, each the first label of at least 40 articles, and no other label."""
    firsts = Counter(row["labels"][0] for row in corpora.english)
    used = {label for row in corpora.english for label in row["labels"]}
    smallest = min(firsts[section] for section in SECTIONS)
    figure = f"{len(used)}, at least {smallest} articles by first label (12, 40)"
    return Property("sections", figure, used == set(SECTIONS) and smallest >= 40)


def several_labels(corpora: Corpora) -> Property:
    """One to three different labels; two or three in 28 to 42 percent of the articles."""
    sizes = [len(row["labels"]) for row in corpora.english]
    share = sum(size > 1 for size in sizes) / len(sizes)
    proper = all(len(set(row["labels"])) == len(row["labels"]) <= 3 for row in corpora.english)
    figure = f"share {share:.3f} (0.28 to 0.42), {sizes.count(2)} with two, {sizes.count(3)} with three"
    return Property("articles with several labels", figure, proper and 0.28 <= share <= 0.42)


def outlets(corpora: Corpora) -> Property:
    """At least five outlets of at least 20 articles, and none below."""
    counts = Counter(row["source"] for row in corpora.english)
    figure = f"{len(counts)} of {min(counts.values())} to {max(counts.values())} articles (5 of 20)"
    return Property("outlets", figure, len(counts) >= 5 and min(counts.values()) >= 20)


# Variety ------------------------------------------------------------------------------------------


def shared_five_grams(corpora: Corpora) -> Property:
    """No two articles share 30 percent of the five-word sequences of the smaller."""
    grams = {row["id"]: _five_grams(row["text"]) for row in corpora.english}
    share, pair = max(((_overlap(grams, pair), pair) for pair in _sharing_pairs(grams)), default=(0.0, ()))
    return Property("largest share of common five-word sequences", f"{share:.3f}{_listed(pair)}", share < 0.3)


def openings(corpora: Corpora) -> Property:
    """No opening pattern serves more than three articles."""
    patterns = Counter(_opening(row["text"]) for row in corpora.english)
    pattern, count = patterns.most_common(1)[0]
    return Property("articles behind one opening pattern", f"{count} ({pattern!r}; at most 3)", count <= 3)


def words_beyond_key_words(corpora: Corpora) -> Property:
    """In each section 60 percent of the word types are neither its name nor obvious."""
    shares = {section: _beyond(section, rows) for section, rows in _by_section(corpora.english).items()}
    return _least("word types beyond name and key words", shares, 0.6)


def articles_without_the_name(corpora: Corpora) -> Property:
    """In each section a third of the articles hold no word of the section's name."""
    shares = {section: _nameless(section, rows) for section, rows in _by_section(corpora.english).items()}
    return _least("articles without a word of the section's name", shares, 0.333)


def chinese_articles(corpora: Corpora) -> Property:
    """At least 60 articles of 100 to 300 characters in six sections."""
    sizes = [len(re.sub(r"\s", "", row["text"])) for row in corpora.chinese] or [0]
    firsts = {row["labels"][0] for row in corpora.chinese}
    figure = f"{len(corpora.chinese)} of {min(sizes)} to {max(sizes)} characters in {len(firsts)} sections"
    holds = len(corpora.chinese) >= 60 and min(sizes) >= 100 and max(sizes) <= 300 and len(firsts) == 6
    return Property("Chinese articles", figure, holds)


MEASURES: tuple[Measure, ...] = (
    number_of_articles,
    fields_in_order,
    unique_ids,
    dates,
    lengths,
    sections,
    several_labels,
    outlets,
    shared_five_grams,
    openings,
    words_beyond_key_words,
    articles_without_the_name,
    chinese_articles,
)


def main(folder: Path = FOLDER) -> int:
    """Print one line a property; return 1 if one does not hold."""
    corpora = read_corpora(folder)
    results = [measure(corpora) for measure in MEASURES]
    sys.stdout.write("".join(f"{result}\n" for result in results))
    return 0 if all(result.holds for result in results) else 1


def _well_typed(row: Row) -> bool:
    texts = (value for field, value in row.items() if field != "labels")
    labels = row["labels"]
    return all(isinstance(text, str) and text for text in texts) and isinstance(labels, list) and bool(labels)


def _is_iso(day: str) -> bool:
    try:
        return date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def _listed(ids: Iterable[str]) -> str:
    shown = list(ids)[:3]
    return f": {', '.join(shown)}" if shown else ""


def _five_grams(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[start : start + 5]) for start in range(len(words) - 4))


def _sharing_pairs(grams: Mapping[str, frozenset[tuple[str, ...]]]) -> set[tuple[str, str]]:
    """Return the pairs of articles with any sequence in common: few, so that not all are compared."""
    holders = defaultdict(list)
    for article, sequences in grams.items():
        for sequence in sequences:
            holders[sequence].append(article)
    return {pair for articles in holders.values() for pair in combinations(articles, 2)}


def _overlap(grams: Mapping[str, frozenset[tuple[str, ...]]], pair: tuple[str, str]) -> float:
    one, other = (grams[article] for article in pair)
    return len(one & other) / min(len(one), len(other))


def _opening(text: str) -> str:
    """Return the pattern of an opening: ``In March 1990 the Lena froze`` is ``in N # the N``."""
    words = re.findall(r"[\w'’]+", re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0])
    pattern: list[str] = []
    for place, word in enumerate(words):
        mask = "#" if word[0].isdigit() else "N" if place and word[0].isupper() else word.lower()
        if mask not in {"#", "N"} or pattern[-1:] != [mask]:
            pattern.append(mask)
    return " ".join(pattern[:5])


def _by_section(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["labels"][0]].append(row)
    return dict(grouped)


def _words(row: Row) -> set[str]:
    return set(re.findall(r"\w+", f"{row['title']} {row['text']}".lower()))


def _name_words(section: str) -> set[str]:
    """Return the words of a name, each as singular and plural: both give the section away."""
    words = set(re.findall(r"\w+", section.lower())) - {"and"}
    return {form for word in words for form in (word, word.removesuffix("s"), f"{word}s")}


def _beyond(section: str, rows: Iterable[Row]) -> float:
    obvious = re.compile("|".join(SECTIONS.get(section, "$").split()))
    words = set().union(*map(_words, rows))
    others = [word for word in words - _name_words(section) if not obvious.match(word)]
    return len(others) / len(words)


def _nameless(section: str, rows: Sequence[Row]) -> float:
    name = _name_words(section)
    return sum(name.isdisjoint(_words(row)) for row in rows) / len(rows)


def _least(name: str, shares: Mapping[str, float], bound: float) -> Property:
    section = min(shares, key=lambda candidate: shares[candidate])
    figure = f"least share {shares[section]:.3f}, in {section} (at least {bound})"
    return Property(name, figure, shares[section] >= bound)


if __name__ == "__main__":
    sys.exit(main())
