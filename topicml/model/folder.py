"""A model's folder: arrays named by their content, and model.json that names them, replaced last."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.files import STAGED, as_path, give_name, shown_path, staged
from topicml.model.sparse import CoefDtype

MODEL_JSON = "model.json"

OPTIONAL_DTYPES: Mapping[str, str] = MappingProxyType({"familiar_words": "|u1", "fingerprints": "<u8"})
"""Of arrays that a model may do without."""

WRONG_VALUES = (KeyError, TypeError, ValueError, AttributeError, OverflowError, MemoryError, RecursionError)
"""Whatever values of a wrong kind, size or depth lead to, where nobody checked each by itself."""

_DTYPES = {"hashes": "<u8", "idf": "<f4", "term_blob": "|u1"}
_COEF_DTYPES: Mapping[CoefDtype, str] = MappingProxyType({"float32": "<f4", "int16": "<i2", "int8": "|i1"})
_NOT_IDENTITY = ("fingerprint", "format", "format_version", "golden")  # what the rest of the content implies
_SHOWN_DIGITS = 12
_ARRAY_FILE = re.compile(r"([a-z_]+)\.([0-9a-f]{12})\.npy")
MODEL_CARD = "MODEL_CARD.md"
_MAX_JSON_BYTES = 64 << 20
_LOCK = ".lock"
_PATIENCE = 10.0  # seconds; a large model is saved in less than one


@dataclass(frozen=True, slots=True, eq=False)
class StoredArray:
    """An array that prediction does not need: it stays on disk until `numpy.asarray` asks for it."""

    folder: Path
    name: str
    dtype: str
    entry: Mapping[str, Any]  # what model.json says of it

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001  (NumPy's protocol)
        """Map it into memory, checked as `read_array` does."""
        array = read_array(self.folder, self.name, self.dtype, self.entry)
        return np.array(array, dtype) if copy else np.asarray(array, dtype)


def array_dtypes(coef_dtype: CoefDtype) -> dict[str, str]:
    """Return the type of each array that every model has, by how its coefficients are stored."""
    if coef_dtype not in _COEF_DTYPES:
        raise ValueError(f"unexpected coef_dtype {coef_dtype!r}")
    scale = {} if coef_dtype == "float32" else {"coef_scale": "<f4"}
    return {**_DTYPES, "coef": _COEF_DTYPES[coef_dtype], "term_lengths": "<u2", **scale}


def fingerprint_of(content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | StoredArray]) -> str:
    """Return twelve hexadecimal digits that differ for any other content of a model's folder."""
    described = {
        name: array.entry if isinstance(array, StoredArray) else _described(name, array, _npy(array))
        for name, array in arrays.items()
    }
    return stored_fingerprint({**content, "arrays": described})


def stored_fingerprint(content: Mapping[str, Any]) -> str:
    """Return the same from what model.json says, checksums of its arrays included."""
    identity = {name: value for name, value in content.items() if name not in _NOT_IDENTITY}
    identity["arrays"] = {name: entry["sha256"] for name, entry in content["arrays"].items()}
    return hashlib.sha256(_canonical(identity)).hexdigest()[:_SHOWN_DIGITS]


@contextmanager
def saving_to(folder: Path, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Keep others from saving to a folder meanwhile; who only reads needs no lock."""
    from topicml.locking import locked  # noqa: PLC0415  (prediction starts without it)

    busy = f"another process is saving to {shown_path(folder)}; wait until it is done, then try again"
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(folder / _LOCK, busy, patience=patience, temporary=True))
        except OSError as error:
            raise _unwritable(folder, error) from error
        yield


def write_folder(
    folder: Path,
    content: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any] | StoredArray],
    *,
    card: str,
) -> None:
    """Write content, arrays and the card for people in place of the model that may be there.

    To be called inside `saving_to`. If something cannot be written, the model that was there stays as it was.
    """
    files, described = _as_files(arrays)
    # Arrays first, so that what model.json names is always there.
    contents = {described[name]["file"]: parts for name, parts in files.items()}
    contents[MODEL_JSON] = [_identified(content, described)]
    if card:
        contents[MODEL_CARD] = [card.encode()]
    try:
        _replace_together(folder, contents)
    except OSError as error:
        found = "was saved, but without its card" if _holds(folder, contents) else "could not be saved"
        raise TopicmlError(f"the model {found}: {shown_path(folder)}: {error.strerror or error}") from error
    remove_unnamed(folder, {entry["file"] for entry in described.values()})


def _replace_together(folder: Path, contents: Mapping[str, Sequence[bytes | memoryview]]) -> None:
    """Write files, safe on the disk, before the first of them takes its name; then all do, in this order."""
    with ExitStack() as stack:  # also after Ctrl-C: nothing half-written stays
        written = []
        for name, parts in contents.items():
            temporary = stack.enter_context(staged(folder / name))
            with temporary.open("wb") as file:  # not numpy.save, which does not notice a full disk
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            written.append((temporary, folder / name))
        for temporary, target in written:
            give_name(temporary, target)


def _holds(folder: Path, contents: Mapping[str, Sequence[bytes | memoryview]]) -> bool:
    """Tell whether a folder's model.json is the one that was to be written."""
    with suppress(OSError):
        return (folder / MODEL_JSON).read_bytes() == b"".join(contents[MODEL_JSON])
    return False


def folder_size(
    content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | StoredArray], *, card: str
) -> int:
    """Return how many bytes `write_folder` would write, without writing any."""
    files, described = _as_files(arrays)
    written = sum(memoryview(part).nbytes for parts in files.values() for part in parts)
    return written + len(_identified(content, described)) + len(card.encode())


def size_on_disk(folder: str | Path) -> int:
    """Return the bytes of a model's files."""
    named = (MODEL_JSON, MODEL_CARD)
    return sum(
        entry.stat().st_size
        for entry in Path(folder).iterdir()
        if entry.name in named or _ARRAY_FILE.fullmatch(entry.name)
    )


def check_writable(folder: str | Path) -> None:
    """Make sure that a model can be saved into a folder, before work is spent on training it.

    The folder must be new, be empty or hold a model.
    """
    path = as_path(folder)
    try:
        there = next(place for place in (path, *path.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=there):
            pass
        names = {entry.name for entry in path.iterdir() if entry.name[0] != "."} if path.exists() else set()
    except OSError as error:
        raise _unwritable(path, error) from error
    if names and MODEL_JSON not in names and not all(map(_ARRAY_FILE.fullmatch, names)):
        raise TopicmlError(
            f"cannot write a model to {shown_path(path)}: the folder holds {sorted(names)[0]!r} and no "
            "model.json; name a new or an empty folder"
        )


def _unwritable(folder: Path, error: OSError) -> TopicmlError:
    return TopicmlError(f"cannot write a model to {shown_path(folder)}: {error.strerror or error}")


def read_content(folder: Path, *, newest: int) -> dict[str, Any]:
    """Read model.json, and check that it is whole before looking at its entries."""
    path = folder / MODEL_JSON
    content = _parsed(path)
    if not isinstance(content, dict) or content.get("format") != "topicml":
        raise ModelFormatError(f"{path}: not written by topicml")
    found = content.get("format_version")
    if type(found) is not int or not 1 <= found <= newest:
        raise ModelFormatError(
            f"{path}: format version {found!r}, but this topicml reads versions 1 to {newest}; "
            "update topicml, or train the model again"
        )
    digest = content.pop("sha256", None)
    if digest != hashlib.sha256(_canonical(content)).hexdigest():
        raise ModelFormatError(f"{path}: damaged or edited by hand: its content does not match its checksum")
    return content


def read_array(folder: Path, name: str, dtype: str, entry: Mapping[str, Any]) -> NDArray[Any]:
    """Map one array into memory, after checking its name, checksum, type and shape, in this order."""
    match = _ARRAY_FILE.fullmatch(entry["file"])
    if not match or match[1] != name:
        raise ModelFormatError(f"{folder / MODEL_JSON}: {entry['file']!r} is not the name of a {name} array")
    path = folder / match[0]
    try:
        return _array_of(_mapped(path, entry["sha256"]), np.dtype(dtype), tuple(entry["shape"]))
    except FileNotFoundError as error:
        raise ModelFormatError(f"{path}: missing, so the model is incomplete") from error
    except (*WRONG_VALUES, OSError, EOFError, SyntaxError, TokenError) as error:
        raise ModelFormatError(f"{path}: damaged or incomplete ({error})") from error


def _mapped(path: Path, sha256: str) -> mmap.mmap:
    """Map a file into memory; before its checksum is known to be right, nothing looks into it."""
    with _open_regular(path) as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("its content does not match its checksum")
    return data


def _array_of(data: mmap.mmap, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array in a mapped file of NumPy's format."""
    np.lib.format.read_magic(data)
    found, by_columns, found_dtype = np.lib.format.read_array_header_1_0(data)
    if found_dtype != dtype:
        raise ValueError(f"expected numbers of type {dtype.str}, found {found_dtype}")
    if found != shape or (by_columns and len(shape) > 1):
        columns = " by columns" if by_columns else ""
        raise ValueError(f"expected shape {list(shape)}, found {list(found)}{columns}")
    return np.ndarray(shape, dtype, data, data.tell())


def _as_files(
    arrays: Mapping[str, NDArray[Any] | StoredArray],
) -> tuple[dict[str, list[bytes | memoryview]], dict[str, dict[str, Any]]]:
    """Return each array as the content of its file, and as model.json describes that."""
    loaded = {name: np.asarray(array) for name, array in arrays.items()}
    files = {name: _npy(array) for name, array in loaded.items()}
    return files, {name: _described(name, loaded[name], parts) for name, parts in files.items()}


def _npy(array: NDArray[Any]) -> list[bytes | memoryview]:
    """Return header and numbers of an array in NumPy's format."""
    array = np.ascontiguousarray(array)
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    return [header.getvalue(), array.data]


def _described(name: str, array: NDArray[Any], parts: Sequence[bytes | memoryview]) -> dict[str, Any]:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return {
        "file": f"{name}.{digest.hexdigest()[:12]}.npy",
        "shape": list(array.shape),
        "sha256": digest.hexdigest(),
    }


def remove_unnamed(folder: Path, named: Collection[str]) -> None:
    """Remove the arrays that no model.json names any more, and what an earlier crash left behind.

    What cannot be removed stays for the next time: Windows removes no file that another process maps.
    """
    for entry in folder.iterdir():
        if entry.name.startswith(STAGED) or (_ARRAY_FILE.fullmatch(entry.name) and entry.name not in named):
            with suppress(OSError):
                entry.unlink()


def named_arrays(folder: Path, *, newest: int) -> list[str]:
    """Return the names of the files that a model's arrays are in."""
    entries = read_content(folder, newest=newest)["arrays"].values()
    files = [entry["file"] for entry in entries if isinstance(entry, dict) and "file" in entry]
    return sorted(name for name in files if isinstance(name, str) and _ARRAY_FILE.fullmatch(name))


def _identified(content: Mapping[str, Any], described: Mapping[str, Any]) -> bytes:
    whole = {**content, "arrays": described}
    return _sealed({**whole, "fingerprint": stored_fingerprint(whole)})


def _sealed(content: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(_canonical(content)).hexdigest()
    return (json.dumps({**content, "sha256": digest}, indent=1, sort_keys=True) + "\n").encode("ascii")


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def _parsed(path: Path) -> object:
    try:
        return json.loads(_bounded_bytes(path), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise ModelFormatError(
            f"{path}: missing, so this folder is not a model, or an incomplete one"
        ) from None
    except (*WRONG_VALUES, OSError) as error:
        raise ModelFormatError(f"{path}: damaged, or not a model.json ({error})") from error


def _bounded_bytes(path: Path) -> bytes:
    with _open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > _MAX_JSON_BYTES:
            raise ValueError(f"larger than {_MAX_JSON_BYTES >> 20} MiB")
        return file.read()


def _open_regular(path: Path) -> BinaryIO:
    """Open a file that has an end; a pipe would be waited for, and a device read for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("not a regular file")
    return path.open("rb", buffering=0)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
