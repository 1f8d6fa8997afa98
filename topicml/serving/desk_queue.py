"""Who gets which article: one person each, or two where their agreement is to be measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

_MOST_SESSIONS = 1_000
_Labels = tuple[str, ...] | None  # None: skipped


@dataclass(frozen=True, slots=True)
class Choice:
    """An article that waits for a label: its position in the archive, and why it was chosen."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """An article that a person is looking at, until a moment."""

    position: int
    annotator: str
    until: float


class DeskQueue:
    """The articles that wait, who looks at which, and who has decided what.

    Parameters
    ----------
    overlap : float
        Share of the articles that two people label, from 0 to 1.
    claim_seconds : float
        For how long an article is kept for the person that it was shown to.
    """

    def __init__(self, *, overlap: float, claim_seconds: float) -> None:
        self._overlap, self._seconds = overlap, claim_seconds
        self._waiting: list[Choice] = []
        self._claims: dict[str, _Claim] = {}
        self._decided: dict[int, dict[str, _Labels]] = defaultdict(dict)

    @property
    def decided(self) -> Mapping[int, Mapping[str, _Labels]]:
        """What each person has decided of each article, by its position."""
        return self._decided

    def reason_of(self, position: int) -> str:
        """Return why an article was chosen."""
        return next((one.reason for one in self._waiting if one.position == position), "")

    def refill(self, choices: Iterable[Choice]) -> None:
        """Replace the articles that wait, but for those that are shown or wait for a second person."""
        shown = {claim.position for claim in self._claims.values()}
        kept = [one for one in self._waiting if one.position in shown or self._half_done(one.position)]
        known = {one.position for one in kept} | {p for p in self._decided if not self._half_done(p)}
        self._waiting = kept + [one for one in choices if one.position not in known]

    def record(self, position: int, annotator: str, labels: _Labels) -> None:
        """Note a decision."""
        self._decided[position][annotator] = labels
        if self._n_labelled(position) >= self._wanted(position):
            self._waiting = [one for one in self._waiting if one.position != position]

    def claim(self, annotator: str, session: str, now: float) -> int | None:
        """Return the article that a person is to look at, kept for that person; None if none waits."""
        self._forget_claims(now)
        mine = self._claims.get(session)
        position = mine.position if mine and mine.annotator == annotator else self._next(annotator, session)
        if position is None or (mine is None and len(self._claims) >= _MOST_SESSIONS):
            return None
        self._claims[session] = _Claim(position, annotator, now + self._seconds)
        return position

    def has_for(self, annotator: str, session: str) -> bool:
        """Tell whether an article waits for a person."""
        return session in self._claims or self._next(annotator, session) is not None

    def may_decide(self, position: int, annotator: str, session: str, now: float) -> bool:
        """Tell whether an article is still a person's to decide: it may have gone to another one."""
        self._forget_claims(now)
        return self._is_free(position, annotator, session)

    def release(self, session: str) -> None:
        """Give back the article that a person looks at."""
        self._claims.pop(session, None)

    def take_back(self, position: int, annotator: str, session: str, now: float, reason: str = "") -> None:
        """Undo a decision: the article is shown to the same person again."""
        del self._decided[position][annotator]
        if all(one.position != position for one in self._waiting):
            self._waiting.insert(0, Choice(position, reason))
        self._claims[session] = _Claim(position, annotator, now + self._seconds)

    def n_free(self) -> int:
        """Count the articles that nobody looks at."""
        shown = {claim.position for claim in self._claims.values()}
        return sum(one.position not in shown for one in self._waiting)

    def labels(self) -> dict[int, tuple[str, ...]]:
        """Return the labels of the articles that are decided, without those that people disagree on."""
        found = {}
        for position, decisions in self._decided.items():
            named = {tuple(sorted(labels)) for labels in decisions.values() if labels is not None}
            if len(named) == 1:
                found[position] = named.pop()
        return found

    def _next(self, annotator: str, session: str) -> int | None:
        free = (one.position for one in self._waiting if self._is_free(one.position, annotator, session))
        return next(free, None)

    def _is_free(self, position: int, annotator: str, session: str) -> bool:
        others = [c for own, c in self._claims.items() if c.position == position and own != session]
        if annotator in self._decided.get(position, ()) or any(c.annotator == annotator for c in others):
            return False
        return self._n_labelled(position) + len(others) < self._wanted(position)

    def _n_labelled(self, position: int) -> int:
        return sum(labels is not None for labels in self._decided.get(position, {}).values())

    def _half_done(self, position: int) -> bool:
        return 0 < self._n_labelled(position) < self._wanted(position)

    def _wanted(self, position: int) -> int:
        """Return how many people are to label an article; it depends on nothing but its position."""
        return 2 if crc32(b"%d" % position) < self._overlap * (1 << 32) else 1

    def _forget_claims(self, now: float) -> None:
        self._claims = {session: claim for session, claim in self._claims.items() if claim.until > now}
