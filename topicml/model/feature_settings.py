"""The choices by which text becomes numbers: they are part of a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from topicml.arguments import whole_number
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.model.tokens import MAX_TOKEN_LENGTH, undotted

_MAX_TITLE_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    r"""How text becomes terms and terms become weights.

    Parameters
    ----------
    ngram_range : tuple of two int, optional, default=(1, 2)
        The shortest and the longest run of words that is a term; None for no words.
    char_ngram_range : tuple of two int, optional
        The shortest and the longest run of characters within a word that is a term, the word's
        bounds counted as characters; None, the default, for none. They find what words of one stem
        have in common, and stand for words that training never saw.
    title_weight : int, default=1
        How often a term of a title counts.
    min_token_length : int, default=2
        Characters that a word needs. A character of a script without spaces is a token whatever
        this says.
    sublinear_tf : bool, default=True
        Weigh a term by ``1 + ln(count)`` and not by its count.
    fold_dotted_i : bool, default=False
        Read ``\u0130`` as i, as Turkish and Azeri do. Training sets it where an article has that letter.
        Models from before this setting read on as they did: words with that letter are other words.

    Raises
    ------
    TopicmlValueError
        If there are no terms, a range is empty or out of bounds, or a number is.
    """

    ngram_range: tuple[int, int] | None = (1, 2)
    char_ngram_range: tuple[int, int] | None = None
    title_weight: int = 1
    min_token_length: int = 2
    sublinear_tf: bool = True
    fold_dotted_i: bool = False

    def __post_init__(self) -> None:
        if self.ngram_range is None and self.char_ngram_range is None:
            raise TopicmlValueError("ngram_range and char_ngram_range are both None: there would be no terms")
        _check_range("ngram_range", self.ngram_range, at_least=1, at_most=5)
        _check_range("char_ngram_range", self.char_ngram_range, at_least=2, at_most=8)
        if not 1 <= whole_number("title_weight", self.title_weight, 0) <= _MAX_TITLE_WEIGHT:
            raise TopicmlValueError(
                f"title_weight must be from 1 to {_MAX_TITLE_WEIGHT}, found {self.title_weight}"
            )
        if whole_number("min_token_length", self.min_token_length, 1) > MAX_TOKEN_LENGTH:
            raise TopicmlValueError(
                f"min_token_length must be from 1 to {MAX_TOKEN_LENGTH}, found {self.min_token_length}"
            )

    def content(self) -> dict[str, Any]:
        """Return the settings as a model holds them: without one that older models do not know, if unset."""
        held = asdict(self)
        if not self.fold_dotted_i:
            del held["fold_dotted_i"]
        return held

    def as_read(self, texts: Iterable[str]) -> list[str]:
        """Return texts as they go to the tokeniser, each in as many characters as before."""
        return list(map(undotted, texts) if self.fold_dotted_i else texts)

    @property
    def orders(self) -> range:
        """The n of every n-gram of words that is a term."""
        return _inclusive(self.ngram_range)

    @property
    def char_orders(self) -> range:
        """The n of every n-gram of characters that is a term."""
        return _inclusive(self.char_ngram_range)


def _inclusive(bounds: tuple[int, int] | None) -> range:
    return range(bounds[0], bounds[1] + 1) if bounds else range(0)


def _check_range(name: str, bounds: tuple[int, int] | None, *, at_least: int, at_most: int) -> None:
    if bounds is not None and not (isinstance(bounds, tuple | list) and len(bounds) == 2):
        raise TopicmlTypeError(
            f"{name} must be two whole numbers, as ({at_least}, {at_most}), found {bounds!r}"
        )
    if bounds is not None and not at_least <= bounds[0] <= bounds[1] <= at_most:
        raise TopicmlValueError(
            f"{name} must be (low, high) with {at_least} <= low <= high <= {at_most}, found {tuple(bounds)}"
        )
