"""The errors that topicml raises: one family, each also the builtin that a caller expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class TopicmlError(Exception):
    """Base of every error raised on purpose by topicml.

    The command line prints its message without a traceback and exits with 1.
    """


class CorpusError(TopicmlError, ValueError):
    """The articles cannot be used as they are: an unreadable file, a missing column, no labels."""


class NothingNewError(CorpusError):
    """Too few articles are new to a model for a new one to be compared with it; later there may be more.

    Parameters
    ----------
    message : str
    n_new : int, default=0
        Articles that are new to the model.
    """

    def __init__(self, message: str, n_new: int = 0) -> None:
        super().__init__(message)
        self.n_new = n_new


class ModelFormatError(TopicmlError, ValueError):
    """A saved model is damaged, incomplete, of another format version, or not a model at all."""


class TopicmlTypeError(TopicmlError, TypeError):
    """An argument has a type that cannot be meant, such as bytes where text is expected."""


class TopicmlValueError(TopicmlError, ValueError):
    """An argument has the right type and an impossible value."""


class UnkeptPromiseError(TopicmlError, ValueError):
    """A promised precision cannot be guaranteed from the articles; the message names the highest that can.

    Parameters
    ----------
    message : str
    highest : mapping of (str or None) to (float or None), optional
        For each promise that cannot be kept, the precision that can: by label, and under None the one for
        all answers. None stands for no precision at all.
    """

    def __init__(self, message: str, highest: Mapping[str | None, float | None] | None = None) -> None:
        super().__init__(message)
        self.highest = highest or {}


class NotFittedError(TopicmlError, ValueError, AttributeError):
    """An estimator was used before ``fit``, as in scikit-learn."""


class MissingExtraError(TopicmlError, ImportError):
    """An optional dependency is not installed; the message names the line that installs it."""


class UnexportableError(TopicmlError, ValueError):
    """A model has settings that the requested format cannot express; the message names them."""
