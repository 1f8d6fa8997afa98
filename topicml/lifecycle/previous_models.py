"""Replacing a model by another one; the old one is kept beside it and can be restored.

After each step there is a whole model in the folder, and beside it a whole one or none: a reader during the
work, or after a crash, finds the old model or the new one.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.files import as_path, shown_path, staged
from topicml.model.classifier import FittedClassifier
from topicml.model.folder import (
    MODEL_CARD,
    MODEL_JSON,
    check_writable,
    named_arrays,
    remove_unnamed,
    saving_to,
)
from topicml.model.persistence import FORMAT_VERSION, load_classifier, write_classifier
from topicml.model.record import TrainingRecord

_SHOWN = 12
_HEXADECIMAL = "[0-9a-f]" * _SHOWN


def check_replaceable(folder: str | Path) -> None:
    """Make sure that the model in a folder can be replaced and kept, before work is spent on training."""
    load_classifier(folder)
    check_writable(folder)
    with _naming(as_path(folder), "replaced"), tempfile.TemporaryFile(dir=_real(folder).parent):
        pass


def previous_path(folder: str | Path, fingerprint: str) -> Path:
    """Return where the model with this fingerprint is kept once another has taken its folder.

    >>> previous_path("models/desk", "0123456789abcdef").as_posix()
    'models/desk.previous-0123456789ab'
    """
    path = _real(folder)
    return path.with_name(f"{path.name}.previous-{fingerprint[:_SHOWN]}")


def replace_model(classifier: FittedClassifier, folder: str | Path, *, replaced: str, card: str = "") -> Path:
    """Save a model in the place of another, and keep that one beside it; return the folder that holds it now.

    One is kept: what was kept before is removed once the new model is in its place. The files that are kept
    are hard links where the file system has them, since a saved model is never written into. `replaced` is
    the fingerprint of the old model when it was decided to replace it: if the folder holds another one
    meanwhile, or something cannot be written, it is an error, and the model in the folder stays.
    """
    path = as_path(folder)
    kept = previous_path(path, replaced)
    load_classifier(path)  # before a folder that holds none is locked
    with saving_to(path), _naming(path, "replaced"):
        _check_unchanged(path, replaced)
        _remove_unfinished(path)
        _keep(path, kept)
        try:
            write_classifier(classifier, path, card=card)
        except BaseException:
            if (
                load_classifier(path).fingerprint == replaced
            ):  # else the new model is there, and something after it failed
                _discard(kept)
            raise
        for other in _beside(path):
            if other != kept:
                _discard(other)
    return kept


def _check_unchanged(path: Path, replaced: str) -> None:
    found = load_classifier(path).fingerprint
    if found != replaced:
        raise TopicmlError(
            f"{shown_path(path)}: another model was saved here meanwhile ({found[:_SHOWN]} in place of "
            f"{replaced[:_SHOWN]}); it was left there: start again"
        )


def bring_back(folder: str | Path) -> str:
    """Restore the model that `replace_model` kept; the one that is in the folder now is removed.

    The removed model may be damaged, as long as only one model is kept beside it.

    Parameters
    ----------
    folder : str or Path
        The model's folder.

    Returns
    -------
    str
        The fingerprint of the restored model.

    Raises
    ------
    ModelFormatError
        If there is no model, or the one to restore is damaged.
    TopicmlError
        If no model is kept, or something cannot be written. The model in the folder stays.
    """
    path = as_path(folder)
    if not path.is_dir():
        load_classifier(path)  # says what is there
    with saving_to(path), _naming(path, "restored"):
        _remove_unfinished(path)
        kept = _kept_by(path)
        load_classifier(kept, verify=True)
        arrays = named_arrays(kept, newest=FORMAT_VERSION)
        for name in (*arrays, MODEL_JSON):  # arrays first, so that what model.json names is there
            _place(kept / name, path)
        if (kept / MODEL_CARD).exists():
            _place(kept / MODEL_CARD, path)
        else:
            (path / MODEL_CARD).unlink(missing_ok=True)
        remove_unnamed(path, arrays)
        _discard(kept)
    return load_classifier(path).fingerprint


def _kept_by(path: Path) -> Path:
    """Return the folder of the model that the one in a folder replaced, also if that one is damaged."""
    for kept in _beside(path):
        if _same(kept / MODEL_JSON, path / MODEL_JSON):  # from a run that was stopped when it was restored
            return kept
    try:
        record = TrainingRecord.read(load_classifier(path).provenance).retraining
    except ModelFormatError:
        beside = _beside(path)
        if len(beside) != 1:
            raise
        return beside[0]
    if record is None:
        raise TopicmlError(f"{shown_path(path)}: nothing to restore: this model did not replace another one")
    kept = previous_path(path, record.replaced)
    if not kept.is_dir():
        raise TopicmlError(
            f"{shown_path(path)}: nothing to restore: expected the model that it replaced in "
            f"{shown_path(kept)}"
        )
    return kept


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.read_bytes() == other.read_bytes()
    return False


def _keep(path: Path, kept: Path) -> None:
    """Copy a model, under a temporary name until it is whole."""
    temporary = Path(tempfile.mkdtemp(dir=kept.parent, prefix=f".{kept.name}-"))
    try:
        for name in (*named_arrays(path, newest=FORMAT_VERSION), MODEL_JSON, MODEL_CARD):
            if (path / name).exists():
                _link(path / name, temporary / name)
        load_classifier(temporary)
        temporary.chmod(path.stat().st_mode & 0o777)
        if kept.exists():  # from a run that was stopped before it replaced the model
            _discard(kept)
        temporary.rename(kept)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _discard(kept: Path) -> None:
    """Remove a folder, which first gives up its name: nobody takes what is left of it for a model."""
    temporary = Path(tempfile.mkdtemp(dir=kept.parent, prefix=f".{kept.name}-"))
    shutil.rmtree(kept.rename(temporary / kept.name).parent)


def _remove_unfinished(path: Path) -> None:
    """Remove what runs that were stopped left of folders that they were making or removing."""
    real = _real(path)
    for unfinished in real.parent.glob(f".{glob.escape(real.name)}.previous-{_HEXADECIMAL}-*"):
        shutil.rmtree(unfinished)


def _place(file: Path, folder: Path) -> None:
    with staged(folder / file.name) as temporary:  # it is still there at the end if both were one file before
        temporary.unlink()
        _link(file, temporary)
        temporary.replace(folder / file.name)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # not every file system has links
        shutil.copy2(source, target)


def _beside(path: Path) -> list[Path]:
    """Return the folders where models that were replaced in this one are kept."""
    real = _real(path)
    return sorted(real.parent.glob(f"{glob.escape(real.name)}.previous-{_HEXADECIMAL}"))


def _real(folder: str | Path) -> Path:
    """Return a path that ends in the folder's own name, so that something can be put beside it."""
    path = as_path(folder)
    return Path(os.path.realpath(path)) if path.is_symlink() or path.name in ("", "..") else path


@contextmanager
def _naming(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TopicmlError(f"{path}: the model could not be {done}: {error}") from error
