"""Reading a model: what was saved comes back, and whatever is wrong is refused with the file's name."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import pickle
import re
import shutil
from dataclasses import replace
from functools import reduce
from io import BytesIO
from operator import attrgetter, getitem
from pathlib import Path

import joblib
import numpy as np
import pytest

from tests.support import contents
from topicml.exceptions import ModelFormatError
from topicml.model.familiarity import Familiarity, WordSet
from topicml.model.folder import _sealed, size_on_disk, stored_fingerprint
from topicml.model.persistence import bytes_per_term, load_classifier, save_classifier, saved_size
from topicml.model.sparse import Coefficients

MODELS = Path(__file__).parents[1] / "models"
VERSION_1, VERSION_2, VERSION_3 = MODELS / "version_1", MODELS / "version_2", MODELS / "version_3"
ARRAYS = ("hashes", "idf", "coef", "coef_scale", "term_lengths", "term_blob")
FILES = (*ARRAYS, "model.json")
STORED_ARRAYS = (
    "coefficients.values",
    "coefficients.scale",
    "intercept",
    "thresholds",
    "calibration.slope",
    "calibration.offset",
    "vectorizer.hashes",
    "vectorizer.idf",
    "vectorizer.terms.blob",
    "vectorizer.terms.lengths",
)
WRONG_ARRAYS = {
    "coef, a term less": lambda a: a[:-1],
    "coef, a label less": lambda a: a[:, :-1],
    "coef, one axis": np.ravel,
    "coef, three axes": lambda a: a[None],
    "coef, float32 as if it were int8": lambda a: a.astype("<f4"),
    "coef, int16 as if it were int8": lambda a: a.astype("<i2"),
    "coef, unsigned": lambda a: a.astype("|u1"),
    "coef, Booleans": lambda a: a.astype(bool),
    "coef_scale, a term less": lambda a: a[:-1],
    "coef_scale, one for all terms": lambda a: a[:1],
    "coef_scale, one for each coefficient": lambda a: np.repeat(a[:, None], 3, axis=1),
    "coef_scale, no axis": lambda a: a[0],
    "coef_scale, NaN": lambda a: np.where(a == a.max(), np.nan, a).astype("<f4"),
    "coef_scale, infinite": lambda a: np.where(a == a.max(), np.inf, a).astype("<f4"),
    "coef_scale, negative": np.negative,
    "coef_scale, so large that products are infinite": lambda a: np.full_like(a, np.finfo("<f4").max),
    "coef_scale, wider numbers": lambda a: a.astype("<f8"),
    "coef_scale, other byte order": lambda a: a.astype(">f4"),
    "idf, a term less": lambda a: a[:-1],
    "idf, two axes": lambda a: a[:, None],
    "idf, NaN": lambda a: np.full_like(a, np.nan),
    "idf, nothing weighs": np.zeros_like,
    "idf, one term weighs nothing": lambda a: np.where(np.arange(len(a)) == 1, 0, a).astype("<f4"),
    "idf, one term weighs infinitely": lambda a: np.where(np.arange(len(a)) == 1, np.inf, a).astype("<f4"),
    "hashes, descending": lambda a: a[::-1],
    "hashes, two that have changed places": lambda a: a[[0, 2, 1, *range(3, len(a))]],
    "hashes, one twice": lambda a: a[[0, 1, 1, *range(3, len(a))]],
    "hashes, all equal": lambda a: np.repeat(a[:1], len(a)),
    "hashes, a term less": lambda a: a[:-1],
    "hashes, two axes": lambda a: a[:, None],
    "hashes, no axis": lambda a: a[0],
    "hashes, signed": lambda a: a.astype("<i8"),
    "term_lengths, a term less": lambda a: a[:-1],
    "term_lengths, longer": lambda a: a + np.uint16(1),
    "term_lengths, right but for a wrapped sum": lambda a: (
        a + (np.arange(len(a)) < 2).astype("<u2") * (1 << 15)
    ),
    "term_lengths, two axes": lambda a: a[:, None],
    "term_lengths, signed": lambda a: a.astype("<i2"),
    "term_lengths, offsets of version 1": lambda a: np.concatenate(([0], a.cumsum())).astype("<i8"),
    "term_blob, too short": lambda a: a[:-1],
    "term_blob, two axes": lambda a: a[:, None],
}
WRONG_ARRAYS_OF_VERSION_1 = {
    "coef, NaN": lambda a: np.where(a == a.max(), np.nan, a).astype("<f4"),
    "coef, infinite": lambda a: np.where(a == a.max(), np.inf, a).astype("<f4"),
    "coef, wider numbers": lambda a: a.astype("<f8"),
    "coef, whole numbers": lambda a: a.astype("|i1"),
    "coef, other byte order": lambda a: a.astype(">f4"),
    "term_offsets, a term less": lambda a: a[:-1],
    "term_offsets, descending": lambda a: a[::-1],
    "term_offsets, shifted": lambda a: a + 1,
    "term_offsets, beyond the end": lambda a: np.where(np.arange(len(a)) == 5, 1 << 60, a),
    "term_offsets, no axis": lambda a: a[0],
    "term_offsets, none": lambda a: a[:0],
}


@pytest.fixture
def folder(base_model_path, tmp_path):
    """A model to be damaged."""
    return Path(shutil.copytree(base_model_path, tmp_path / "model"))


@pytest.fixture
def old_folder(tmp_path):
    """A model of format version 1, to be damaged."""
    return Path(shutil.copytree(VERSION_1, tmp_path / "old"))


def file_of(folder, name):
    return folder / name if name == "model.json" else next(folder.glob(f"{name}.*.npy"))


def reseal(folder, change):
    """Change what model.json says, and give it the checksum that belongs to that."""
    content = json.loads((folder / "model.json").read_bytes())
    del content["sha256"]
    change(content)
    (folder / "model.json").write_bytes(_sealed(content))


def put_array(folder, name, array):
    """Put another array in place of one, with all checksums as they should be."""
    array = np.asarray(array, order="C")  # keeps an array without axes as it is
    written = BytesIO()
    np.save(written, array)
    digest = hashlib.sha256(written.getvalue()).hexdigest()  # of the whole file, or it alone would be refused
    entry = {"file": f"{name}.{digest[:12]}.npy", "shape": list(array.shape), "sha256": digest}
    (folder / entry["file"]).write_bytes(written.getvalue())
    reseal(folder, lambda content: content["arrays"].update({name: entry}))


def refused(folder, match="", *, file=None, verify=False):
    """The folder is refused by an error that names the file (by default any of the folder's files)."""
    named = re.escape(str(file)) if file else re.escape(str(folder)) + r"/[\w.-]+"
    with pytest.raises(ModelFormatError, match=f"{named}: .*{match}"):
        load_classifier(folder, verify=verify)


def _memory(array):
    """Return what holds an array's numbers."""
    base = array.base
    return _memory(base) if isinstance(base, np.ndarray) else base


class TestRoundTrip:
    def test_everything_comes_back(self, classifier, tmp_path):
        save_classifier(classifier, tmp_path)
        loaded = load_classifier(tmp_path, verify=True)
        assert (loaded.classes_, loaded.target_type) == (classifier.classes_, classifier.target_type)
        assert loaded.vectorizer.settings == classifier.vectorizer.settings
        assert loaded.min_confidence == classifier.min_confidence
        assert loaded.min_label_confidence == classifier.min_label_confidence
        assert loaded.calibration.multilabel == classifier.calibration.multilabel
        for path in STORED_ARRAYS:
            before, after = (attrgetter(path)(model) for model in (classifier, loaded))
            np.testing.assert_array_equal(after, before, err_msg=path)

    def test_provenance_comes_back_as_json_has_it(self, base_classifier, base_model_path):
        expected = json.loads(json.dumps(base_classifier.provenance))
        assert load_classifier(base_model_path).provenance == expected

    def test_saving_what_was_loaded_gives_the_same_bytes(self, base_model_path, tmp_path):
        save_classifier(load_classifier(base_model_path), tmp_path)
        assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == {
            f.name: f.read_bytes() for f in base_model_path.iterdir()
        }

    @pytest.mark.parametrize("label", ["", "Ελλάδα", '"quoted", \\ and\nlines', "\ud800", "a" * 10_000])
    def test_any_label(self, base_classifier, tmp_path, label):
        classes = tuple(sorted((label, "aa", "zz")))
        save_classifier(replace(base_classifier, classes_=classes), tmp_path)
        assert load_classifier(tmp_path).classes_ == classes

    def test_it_has_the_name_that_it_is_given(self, base_model_path):
        assert [load_classifier(base_model_path, name=name).name for name in ("desk", "")] == ["desk", ""]

    def test_arrays_are_mapped_and_not_copied(self, base_model_path):
        model = load_classifier(base_model_path)
        for array in (model.coefficients.values, model.vectorizer.hashes, model.vectorizer.idf):
            assert isinstance(_memory(array), mmap.mmap)

    def test_a_read_only_folder_can_be_read(self, folder, base_classifier):
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        assert load_classifier(folder, verify=True).classes_ == base_classifier.classes_
        folder.chmod(0o755)

    def test_a_model_of_other_library_versions_is_read(self, folder):
        def age(content):
            content["provenance"]["versions"] = {"topicml": "0.0.1", "python": "3.99", "new": "1"}

        reseal(folder, age)
        assert load_classifier(folder).provenance["versions"]["python"] == "3.99"


class TestFingerprints:
    """Prediction does not need them: they stay on disk, and whatever they are, a model predicts."""

    def test_they_come_back(self, classifier, tmp_path):
        save_classifier(classifier, tmp_path)
        found = np.asarray(load_classifier(tmp_path).fingerprints)
        assert found.tobytes() == classifier.fingerprints.tobytes()
        assert len(found) > 20

    def test_a_model_may_have_none(self, base_classifier, tmp_path):
        save_classifier(base_classifier, tmp_path)
        save_classifier(replace(base_classifier, fingerprints=None), tmp_path)
        assert load_classifier(tmp_path, verify=True).fingerprints is None
        assert not list(tmp_path.glob("fingerprints*"))

    def test_they_are_mapped_when_they_are_asked_for(self, base_model_path):
        fingerprints = load_classifier(base_model_path).fingerprints
        assert isinstance(_memory(np.asarray(fingerprints)), mmap.mmap)
        assert np.array(fingerprints).flags.writeable

    def test_a_loaded_model_can_be_pickled(self, base_model_path):
        again = pickle.loads(pickle.dumps(load_classifier(base_model_path)))
        assert np.asarray(again.fingerprints).shape == (24, 5)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda file: file.unlink(),
            lambda file: os.truncate(file, 50),
            lambda file: file.write_bytes(file.read_bytes()[:-1] + b"!"),
        ],
        ids=["missing", "cut", "changed"],
    )
    def test_damaged_they_are_named_by_whoever_asks(self, folder, damage):
        damage(file := file_of(folder, "fingerprints"))
        model = load_classifier(folder)
        assert model.predict("Cup final").label == "sport"
        with pytest.raises(ModelFormatError, match=re.escape(str(file))):
            np.asarray(model.fingerprints)
        refused(folder, file=file, verify=True)

    @pytest.mark.parametrize("array", [np.zeros((2, 5), np.int64), np.zeros((2, 5), np.float64)])
    def test_of_another_type_they_are_named(self, folder, array):
        put_array(folder, "fingerprints", array)
        refused(folder, "expected numbers of type <u8", verify=True)

    @pytest.mark.parametrize(
        "entry", [None, 3, {}, {"file": 3, "shape": [1], "sha256": ""}, {"file": "../x", "shape": []}]
    )
    def test_an_entry_that_is_none_is_refused(self, folder, entry):
        reseal(folder, lambda content: content["arrays"].update(fingerprints=entry))
        refused(folder, "unexpected fingerprints")

    def test_the_name_of_another_array_is_refused(self, folder):
        other = json.loads((folder / "model.json").read_bytes())["arrays"]["hashes"]
        reseal(folder, lambda content: content["arrays"].update(fingerprints=other))
        refused(folder, "is not the name of a fingerprints array", verify=True)


class TestDamagedFiles:
    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("left", [0, 1, 0.1, 0.5, -1])
    def test_truncated(self, folder, name, left):
        file = file_of(folder, name)
        size = file.stat().st_size
        os.truncate(file, {0: 0, 1: 1, -1: size - 1}.get(left, int(size * left)))
        if (name, left) == ("model.json", -1):
            os.truncate(file, size - 2)  # the last byte ends the last line and says nothing
        refused(folder, file=file)

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("place", [0.001, 0.25, 0.5, 0.75, 0.999])
    def test_one_flipped_bit(self, folder, name, place):
        file = file_of(folder, name)
        data = bytearray(file.read_bytes())
        data[int(len(data) * place)] ^= 1
        file.write_bytes(data)
        refused(folder, file=file)

    @pytest.mark.parametrize("name", FILES)
    def test_bytes_added(self, folder, name):
        """Regression (what follows an array was not looked at): a longer file passed for the saved one."""
        file = file_of(folder, name)
        with file.open("ab") as stream:
            stream.write(b"x" * 100)
        refused(folder, file=file)

    @pytest.mark.parametrize("name", FILES)
    def test_missing(self, folder, name):
        file_of(folder, name).unlink()
        refused(folder, "missing", file=file_of(folder, name) if name == "model.json" else None)

    @pytest.mark.parametrize("name", FILES)
    def test_a_folder_in_its_place(self, folder, name):
        file = file_of(folder, name)
        file.unlink()
        file.mkdir()
        refused(folder, "damaged", file=file)

    @pytest.mark.parametrize("name", ARRAYS)
    def test_bits_of_an_array_s_header(self, folder, name):
        """Regression (a header parsed before its checksum was known to be right): tokenize.TokenError."""
        file = file_of(folder, name)
        data = file.read_bytes()
        for place in range(0, 128, 3):
            file.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
            refused(folder, "does not match its checksum", file=file)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
    @pytest.mark.parametrize("device", [None, "/dev/zero"])
    def test_an_array_that_never_ends(self, folder, device):
        file = file_of(folder, "idf")
        file.unlink()
        if device:
            file.symlink_to(device)
        else:
            os.mkfifo(file)
        refused(folder, "not a regular file", file=file)

    def test_links_to_sound_files_are_followed(self, folder, tmp_path, base_classifier):
        """As some tools lay out what they download."""
        for file in list(folder.iterdir()):
            file.rename(tmp_path / file.name)
            file.symlink_to(tmp_path / file.name)
        assert load_classifier(folder, verify=True).classes_ == base_classifier.classes_

    def test_swapped(self, folder):
        first, second = file_of(folder, "term_lengths"), file_of(folder, "hashes")
        first.rename(folder / "aside")
        second.rename(first)
        (folder / "aside").rename(second)
        refused(folder)


class TestHostileArrays:
    @pytest.mark.parametrize("name", ARRAYS)
    @pytest.mark.parametrize("dump", [pickle.dump, joblib.dump, "object array"])
    def test_nothing_in_an_array_is_run(self, folder, name, dump, tmp_path):
        class Payload:
            def __reduce__(self):
                return (Path.touch, (tmp_path / "PWNED",))

        file = file_of(folder, name)
        with file.open("wb") as stream:
            if dump == "object array":
                np.save(stream, np.array([Payload()], object), allow_pickle=True)
            else:
                dump(Payload(), stream)
        refused(folder, file=file)
        assert not (tmp_path / "PWNED").exists()

    @pytest.mark.parametrize("attack", WRONG_ARRAYS)
    def test_with_a_checksum_that_is_right(self, folder, attack):
        name = attack.partition(",")[0]
        put_array(folder, name, WRONG_ARRAYS[attack](np.load(file_of(folder, name))))
        refused(folder, "(expected numbers of type|entry is missing or wrong)")

    @pytest.mark.parametrize("attack", WRONG_ARRAYS_OF_VERSION_1)
    def test_of_version_1_with_a_checksum_that_is_right(self, old_folder, attack):
        name = attack.partition(",")[0]
        put_array(old_folder, name, WRONG_ARRAYS_OF_VERSION_1[attack](np.load(file_of(old_folder, name))))
        refused(old_folder, "(expected numbers of type|entry is missing or wrong)")

    @pytest.mark.parametrize(
        "header",
        [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-300, 12), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 7), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "-" * 9000 + "1,), }",
            "{" * 9000,
            "'" * 3,
        ],
        ids=lambda header: header[-30:],
    )
    @pytest.mark.parametrize(
        "shape", [[-300, 12], [1 << 63], [1 << 40], [3, 7], [3], [10**400], ["3"]], ids=str
    )
    def test_any_header_with_a_checksum_that_is_right(self, folder, header, shape):
        data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"\0" * 84
        digest = hashlib.sha256(data).hexdigest()
        entry = {"file": f"idf.{digest[:12]}.npy", "shape": shape, "sha256": digest}
        (folder / entry["file"]).write_bytes(data)
        reseal(folder, lambda content: content["arrays"].update(idf=entry))
        refused(folder, file=folder / entry["file"])

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_float32_that_is_not_finite(self, base_classifier, tmp_path, bad):
        save_classifier(replace(base_classifier, coefficients=Coefficients(base_classifier.coef)), tmp_path)
        coef = base_classifier.coef.copy()
        coef[3, 1] = bad
        put_array(tmp_path, "coef", coef)
        refused(tmp_path, "numbers in coef: not finite", file=tmp_path / "model.json")

    def test_another_array_that_is_right_is_read(self, folder, base_classifier):
        """So that the others are refused for what is wrong with them, and not for how they are put there."""
        put_array(folder, "coef_scale", base_classifier.coefficients.scale * 2)
        assert np.allclose(load_classifier(folder).coef, base_classifier.coef * 2)

    @pytest.mark.parametrize("scale", [0.0, float(np.finfo("<f4").max) / 128])
    def test_scales_may_be_nothing_and_as_large_as_products_allow(self, folder, scale):
        put_array(folder, "coef_scale", np.full_like(np.load(file_of(folder, "coef_scale")), scale))
        assert np.isfinite(load_classifier(folder).coef).all()

    def test_a_term_of_version_1_may_be_empty(self, old_folder):
        offsets = np.load(file_of(old_folder, "term_offsets"))
        offsets[5] = offsets[4]
        put_array(old_folder, "term_offsets", offsets)
        terms = load_classifier(old_folder).vectorizer.terms
        assert (terms[4], len(terms)) == ("", len(offsets) - 1)

    def test_a_term_of_version_1_has_65_535_bytes_at_most(self, old_folder):
        offsets = np.load(file_of(old_folder, "term_offsets"))
        for length, match in ((1 << 16) - 1, ""), (1 << 16, "unexpected term_offsets"):
            put_array(old_folder, "term_blob", np.full(length, ord("x"), "|u1"))
            put_array(old_folder, "term_offsets", np.where(np.arange(len(offsets)) == 0, 0, length))
            if match:
                refused(old_folder, match)
            else:
                assert load_classifier(old_folder).vectorizer.terms[0] == "x" * length

    def test_a_shape_that_is_not_the_array_s(self, folder):
        reseal(folder, lambda content: content["arrays"]["coef"].update(shape=[3, 292]))
        refused(folder, r"expected shape \[3, 292\], found \[", file=file_of(folder, "coef"))


def set_to(path, value):
    """Return a function that changes one entry, named by a dotted path."""
    *outer, last = path.split(".")

    def change(content):
        reduce(getitem, outer, content)[last] = value

    return change


class TestHostileJson:
    @pytest.mark.parametrize(
        "name",
        ["../x.npy", "/etc/passwd", "coef.npy", "../model/coef.000000000000.npy", "", None, 7, ["coef"]],
    )
    def test_another_name_for_an_array(self, folder, name):
        reseal(folder, set_to("arrays.coef.file", name))
        refused(folder, file=folder / "model.json")

    def test_the_name_of_another_array(self, folder):
        name = file_of(folder, "idf").name
        reseal(folder, set_to("arrays.coef.file", name))
        refused(folder, "not the name of a coef array", file=folder / "model.json")

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("classes", "abc"),
            ("classes", ["a", "b"]),
            ("classes", ["c", "b", "a"]),
            ("classes", ["a", "a", "b"]),
            ("classes", [1, 2, 3]),
            ("classes", None),
            ("classes", []),
            ("target_type", "binary"),
            ("arrays", []),
            ("arrays.coef", None),
            ("arrays.coef_scale", None),
            ("coef_dtype", "int16"),
            ("coef_dtype", "float32"),
            ("coef_dtype", "float16"),
            ("coef_dtype", "object"),
            ("coef_dtype", None),
            ("coef_dtype", ["int8"]),
            ("format_version", 1),
            ("arrays.coef.sha256", "0" * 64),
            ("features", {}),
            ("features.ngram_range", [2, 1]),
            ("features.ngram_range", [1, 2, 3]),
            ("features.ngram_range", [1.0, 2.0]),
            ("features.min_token_length", 0),
            ("features.min_token_length", "2"),
            ("features.min_token_length", True),
            ("features.min_token_length", 2.0),
            ("features.title_weight", None),
            ("intercept", [0.0, 0.0]),
            ("intercept", [[0.0, 0.0, 0.0]]),
            ("intercept", ["x", 0.0, 0.0]),
            ("intercept", [None, 0.0, 0.0]),
            ("intercept", [np.inf, 0.0, 0.0]),
            ("calibration", None),
            ("calibration.slope", [1.0]),
            ("calibration.slope", [np.inf, 1.0, 1.0]),
            ("calibration.offset", [-1e308, 1.0, 1.0]),
            ("calibration.power", 1e308),
            ("calibration.power", 0),
            pytest.param("calibration.power", 10**400, id="power of 401 digits"),
            pytest.param("calibration.slope", [10**400, 1.0, 1.0], id="slope of 401 digits"),
            pytest.param("intercept", [10**400, 0.0, 0.0], id="intercept of 401 digits"),
            ("intercept", [1e308, 0.0, 0.0]),
            ("thresholds", 0.5),
            ("thresholds", [None, 0.5, 0.5]),
            ("min_label_confidence", {"art": 0.5}),
            ("min_label_confidence", {"sport": None}),
            ("min_label_confidence", {"sport": np.inf}),
            ("min_label_confidence", [0.5, 0.5, 0.5]),
            ("min_confidence", "high"),
            ("min_confidence", None),
            ("min_confidence", np.inf),
            ("provenance", 3),
        ],
        ids=str,
    )
    def test_sealed_and_wrong(self, folder, path, value):
        reseal(folder, set_to(path, value))
        text = (folder / "model.json").read_text(encoding="ascii")  # JSON writes a number too large as 1e999
        (folder / "model.json").write_text(text.replace("Infinity", "1e999"), encoding="ascii")
        refused(folder)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("calibration.power", 0.25),
            ("calibration.power", 1),
            ("calibration.power", 1e9),
            ("intercept", [-1e9, 0, 1e9]),
            ("min_confidence", 1e9),
            ("min_label_confidence", {"sport": 0.5}),
            ("features.fold_dotted_i", True),
            ("features.fold_dotted_i", False),
        ],
        ids=str,
    )
    def test_sealed_and_unusual(self, folder, path, value):
        reseal(folder, set_to(path, value))
        found = load_classifier(folder)
        values = {
            "calibration.power": found.calibration.power,
            "intercept": found.intercept.tolist(),
            "min_confidence": found.min_confidence,
            "min_label_confidence": found.min_label_confidence,
            "features.fold_dotted_i": found.vectorizer.settings.fold_dotted_i,
        }
        assert values[path] == value

    @pytest.mark.parametrize(
        ("name", "value"), [("title_weight", 1), ("min_token_length", 1), ("fold_dotted_i", False)]
    )
    def test_a_setting_that_older_models_do_not_have(self, folder, name, value):
        reseal(folder, lambda content: content["features"].pop(name, None))
        assert getattr(load_classifier(folder).vectorizer.settings, name) == value

    @pytest.mark.parametrize("golden", [None, {}, [{"text": 3, "scores": [0, 0, 0]}], [{"text": ""}], [[]]])
    def test_golden_examples_that_are_none(self, folder, golden):
        reseal(folder, set_to("golden", golden))
        refused(folder, verify=True)

    @pytest.mark.parametrize(
        "entry", ["classes", "coef_dtype", "arrays", "features", "intercept", "golden", "provenance"]
    )
    def test_sealed_and_incomplete(self, folder, entry):
        reseal(folder, lambda content: content.pop(entry))
        refused(folder, f"KeyError: '{entry}'", file=folder / "model.json", verify=True)


class TestGoldenPredictions:
    def test_other_scores_are_noticed_on_request(self, folder):
        def change(content):
            content["golden"][1]["scores"][0] += 0.001

        reseal(folder, change)
        assert load_classifier(folder).classes_
        refused(folder, "scores of its own examples are not those it was saved with", verify=True)

    def test_other_probabilities_are_noticed_on_request(self, folder):
        def change(content):
            content["golden"][1]["probabilities"][0] += 0.001

        reseal(folder, change)
        assert load_classifier(folder).classes_
        refused(folder, "probabilities of its own examples are not those", verify=True)

    def test_other_labels_are_noticed_on_request(self, multilabel_classifier, tmp_path):
        """Thresholds decide labels, and neither scores nor probabilities."""
        save_classifier(multilabel_classifier, tmp_path)

        def change(content):
            content["thresholds"] = [0.999] * 3
            content["fingerprint"] = stored_fingerprint(content)

        reseal(tmp_path, change)
        assert load_classifier(tmp_path).classes_
        refused(tmp_path, "labels of its own examples are not those it was saved with", verify=True)

    def test_examples_without_labels_are_those_of_an_older_model(self, folder, base_classifier):
        def change(content):
            for example in content["golden"]:
                del example["labels"]

        reseal(folder, change)
        assert load_classifier(folder, verify=True).fingerprint == base_classifier.fingerprint

    def test_examples_of_which_some_have_no_labels_are_noticed(self, folder):
        reseal(folder, lambda content: content["golden"][0].pop("labels"))
        refused(folder, "labels of its own examples are not those", verify=True)

    def test_hold_no_prose_of_the_corpus(self, base_model_path, base_articles):
        golden = json.loads((base_model_path / "model.json").read_bytes())["golden"]
        assert golden[0]["text"] == ""
        assert len(golden) == 4
        assert not any(article.text in example["text"] for article in base_articles for example in golden)


class TestFamiliarWords:
    """The array and the entry that a model may do without."""

    @pytest.fixture
    def familiar(self, base_classifier):
        words = WordSet.of(np.arange(100, dtype=np.uint64) << np.uint64(50))
        familiarity = Familiarity(words, np.array([1, 4, 20]), np.array([0.0, 0.25, 0.3]))
        return replace(base_classifier, familiarity=familiarity)

    @pytest.fixture
    def folder(self, familiar, tmp_path):
        save_classifier(familiar, tmp_path / "familiar")
        return tmp_path / "familiar"

    def test_they_come_back(self, familiar, folder):
        found, expected = load_classifier(folder, verify=True).familiarity, familiar.familiarity
        for path in ("words.bits", "n_words", "least_known"):
            before, after = (attrgetter(path)(value) for value in (expected, found))
            np.testing.assert_array_equal(after, before, strict=True)
        assert isinstance(_memory(found.words.bits), mmap.mmap)

    def test_a_model_without_is_read_as_ever(self, folder, base_classifier):
        reseal(folder, lambda content: content.pop("familiarity"))
        assert load_classifier(folder).familiarity is None
        save_classifier(base_classifier, folder)
        assert load_classifier(folder).familiarity is None
        assert not list(folder.glob("familiar_words*"))

    def test_a_reader_that_does_not_know_them_finds_all_it_needs(self, folder, base_model_path):
        new, old = (json.loads((path / "model.json").read_bytes()) for path in (folder, base_model_path))
        assert new.pop("arrays").items() >= old.pop("arrays").items()
        del new["familiarity"]
        for name in ("sha256", "fingerprint"):
            del new[name], old[name]
        for example in (*new["golden"], *old["golden"]):
            del example["labels"]  # of which unusual words leave none
        assert new == old  # the format version, too

    @pytest.mark.parametrize("damage", ["truncated", "missing", "changed"])
    def test_a_damaged_array_is_refused(self, folder, damage):
        file = file_of(folder, "familiar_words")
        data = file.read_bytes()
        file.write_bytes({"truncated": data[:-1], "missing": b"", "changed": data[:-1] + b"x"}[damage])
        if damage == "missing":
            file.unlink()
        refused(folder, file=file)

    @pytest.mark.parametrize(
        "change",
        [
            lambda bits: bits[:-1],
            lambda bits: bits[None],
            lambda bits: bits[:0],
            lambda bits: bits.astype("<u2"),
        ],
    )
    def test_a_wrong_array_is_refused(self, folder, change):
        put_array(folder, "familiar_words", change(np.load(file_of(folder, "familiar_words"))))
        refused(folder)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("familiarity", None),
            ("familiarity", {}),
            ("familiarity.n_words", [1, 4]),
            ("familiarity.n_words", [1, 20, 4]),
            ("familiarity.n_words", [1, 4, 4]),
            ("familiarity.unknown_share", -0.1),
            ("familiarity.unknown_share", 1.5),
            ("familiarity.unknown_share", 1),
            ("familiarity.rare_share", "high"),
            ("familiarity.rare_share", None),
            ("familiarity.rare_share", 1.5),
            ("familiarity.n_words", [1.5, 4, 20]),
            ("familiarity.n_words", [[1, 4, 20]]),
            ("familiarity.n_words", 3),
            ("familiarity.least_known", [0.0, 0.25, 1.5]),
            ("familiarity.least_known", [0.0, None, 0.3]),
            ("familiarity.least_known", "high"),
            ("arrays.familiar_words", None),
        ],
        ids=str,
    )
    def test_a_wrong_entry_is_refused(self, folder, path, value):
        reseal(folder, set_to(path, value))
        refused(folder)

    @pytest.mark.parametrize(("n_words", "least_known"), [([3], [1.0]), ([1, 2], [0.0, 1.0])])
    def test_few_steps_are_enough(self, folder, n_words, least_known):
        reseal(folder, set_to("familiarity", {"n_words": n_words, "least_known": least_known}))
        found = load_classifier(folder).familiarity
        assert (found.n_words.tolist(), found.least_known.tolist()) == (n_words, least_known)

    @pytest.mark.parametrize("shares", [{}, {"unknown_share": 0.0, "rare_share": 1.0}, {"rare_share": 0.25}])
    def test_shares_of_words_come_back(self, familiar, tmp_path, shares):
        save_classifier(replace(familiar, familiarity=replace(familiar.familiarity, **shares)), tmp_path)
        found = load_classifier(tmp_path).familiarity
        assert (found.unknown_share, found.rare_share) == (
            shares.get("unknown_share"),
            shares.get("rare_share"),
        )

    def test_steps_there_must_be(self, folder):
        reseal(folder, set_to("familiarity", {"n_words": [], "least_known": []}))
        refused(folder, file=folder / "model.json")


class TestStorage:
    @pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
    def test_comes_back_as_it_was_saved(self, base_classifier, tmp_path, dtype):
        coefficients = Coefficients.stored_as(dtype, base_classifier.coef)
        save_classifier(replace(base_classifier, coefficients=coefficients), tmp_path)
        loaded = load_classifier(tmp_path, verify=True).coefficients
        assert loaded.dtype == dtype
        assert loaded.dense().tobytes() == coefficients.dense().tobytes()
        assert bool(list(tmp_path.glob("coef_scale.*"))) == (dtype != "float32")

    def test_another_storage_leaves_no_array_of_the_old_one(self, folder, base_classifier):
        save_classifier(replace(base_classifier, coefficients=Coefficients(base_classifier.coef)), folder)
        assert not list(folder.glob("coef_scale.*"))
        assert len(list(folder.glob("coef.*"))) == 1

    def test_saved_size_is_the_folder_s(self, classifier, tmp_path):
        for card in ("", "The card, naïve.\n"):
            expected = saved_size(classifier, card=card)
            save_classifier(classifier, tmp_path, card=card)
            assert size_on_disk(tmp_path) == expected
            assert sum(file.stat().st_size for file in tmp_path.iterdir()) == expected

    @pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
    def test_bytes_per_term_are_what_a_term_adds(self, base_classifier, tmp_path, dtype):
        coefficients = Coefficients.stored_as(dtype, base_classifier.coef)
        bare = replace(base_classifier, familiarity=None, fingerprints=None)
        save_classifier(replace(bare, coefficients=coefficients), tmp_path)
        arrays = [np.load(file) for file in tmp_path.glob("*.npy") if not file.name.startswith("term_blob")]
        n_terms = len(base_classifier.vectorizer)
        assert sum(array.nbytes for array in arrays) == n_terms * bytes_per_term(3, dtype)


class TestVersion1:
    """A folder that topicml wrote when coefficients were float32 alone and had no format but that."""

    TEXTS = (
        "The train waited at the station.",
        "Roses and beans in dry soil",
        "A rook and a pawn",
        "Nothing known here",
    )
    SCORES = (
        [-0.7342359240307907, -0.6815675735569332, 0.4508469100636126],
        [-0.9248270060076813, 0.8701937407159474, -0.935702920373094],
        [0.37350966379498446, -0.6110121697283123, -0.7191797648030638],
        [-0.3197645063653091, -0.18203277290824396, -0.40831196349443183],
    )
    PROBABILITIES = (
        [0.06536459282124155, 0.07836438273611841, 0.8562710244426399],
        [0.02748262431560385, 0.9461513616528008, 0.026366014031595292],
        [0.8254008849878025, 0.10299543515410012, 0.07160367985809732],
        [0.3141366143291069, 0.4384453199049837, 0.24741806576590955],
    )

    def test_answers_as_it_did(self):
        model = load_classifier(VERSION_1, verify=True)
        assert [found.label for found in model.predict(self.TEXTS)] == ["railways", "gardens", "chess", None]
        np.testing.assert_allclose(model.decision_function(self.TEXTS), self.SCORES, rtol=1e-6)
        np.testing.assert_allclose(model.predict_proba(self.TEXTS), self.PROBABILITIES, rtol=1e-6)

    def test_reads_titles_once(self):
        assert load_classifier(VERSION_1).vectorizer.settings.title_weight == 1

    def test_names_its_terms(self):
        explanation = load_classifier(VERSION_1).explain(self.TEXTS[0])
        assert [found.term for found in explanation.evidence] == ["train", "station", "the station"]

    def test_becomes_the_newest_version_when_it_is_saved(self, tmp_path):
        old = load_classifier(VERSION_1)
        save_classifier(old, tmp_path)
        content = json.loads((tmp_path / "model.json").read_bytes())
        assert (content["format_version"], content["coef_dtype"]) == (3, "float32")
        new = load_classifier(tmp_path, verify=True)
        assert new.decision_function(self.TEXTS).tobytes() == old.decision_function(self.TEXTS).tobytes()
        assert [new.vectorizer.terms[k] for k in range(60)] == [old.vectorizer.terms[k] for k in range(60)]


class TestVersion2:
    """A folder that topicml wrote when models had no fingerprint, and examples of scores alone."""

    TEXTS = (
        "Rain stopped the cup final.",
        "The bank cut its interest rate",
        "Cup zyzzyva qwertz vox nihili",
        "Nothing known here",
    )
    SCORES = (
        [-0.8717366589722784, 0.4863616459013861, 0.21072766342960353],
        [0.7623777880775182, -0.7523267066163976, -0.8472986922616506],
        [-0.5514217971382291, 0.20719402357358152, -0.39447113340891843],
        [-0.27970886812783785, -0.3493791885731775, -0.27176207518376355],
    )
    PROBABILITIES = (
        [0.008271995559575075, 0.9371641001618973, 0.7173590618537581],
        [0.9980284131496285, 0.012043118009351539, 0.05101292737944129],
        [0.0673748010443849, 0.7502682510248352, 0.21865424089309832],
        [0.3107840749271567, 0.10964034861002755, 0.3043942591813067],
    )

    def test_answers_as_it_did(self):
        model = load_classifier(VERSION_2, verify=True)
        answers = model.predict(self.TEXTS)
        assert [found.labels for found in answers] == [("sport", "weather"), ("economy",), (), ()]
        assert [found.reason for found in answers] == [None, None, "unusual_language", "no_known_terms"]
        np.testing.assert_allclose(model.decision_function(self.TEXTS), self.SCORES, rtol=1e-6)
        np.testing.assert_allclose(model.predict_proba(self.TEXTS), self.PROBABILITIES, rtol=1e-6)


class TestVersion3:
    """A folder that topicml wrote when words could be known by their pieces, and labels had promises."""

    TEXTS = TestVersion2.TEXTS
    SCORES = (
        [-0.924075586530136, 0.5889384325770642, 0.46003085915085085],
        [0.23410133291525953, -0.4629906110288594, -0.6572370689353704],
        [-0.6590534130062331, 0.14121239336114189, -0.227924643269813],
        [-0.6359758282031287, -0.6206660970868562, -0.06204952131870978],
    )
    PROBABILITIES = (
        [0.09593077388450393, 0.8968580247442833, 0.790833963576821],
        [0.605507294168689, 0.22494114576273336, 0.17134229140313],
        [0.16356865315438235, 0.6716630574626387, 0.38711207791955393],
        [0.17098321236914238, 0.14846190630067185, 0.49299712889689556],
    )

    def test_answers_as_it_did(self):
        model = load_classifier(VERSION_3, verify=True)
        answers = model.predict(self.TEXTS)
        assert model.fingerprint == "01d20746c889"
        assert [found.labels for found in answers] == [("sport",), (), ("sport",), ()]
        assert [found.reason for found in answers] == [None, "no_label_reached", None, "no_known_terms"]
        np.testing.assert_allclose(model.decision_function(self.TEXTS), self.SCORES, rtol=1e-6)
        np.testing.assert_allclose(model.predict_proba(self.TEXTS), self.PROBABILITIES, rtol=1e-6)

    def test_its_arrays_are_written_as_they_were(self, tmp_path):
        save_classifier(load_classifier(VERSION_3), tmp_path)
        arrays = {name: data for name, data in contents(VERSION_3).items() if name.endswith(".npy")}
        assert arrays.items() <= contents(tmp_path).items()


class TestIdentity:
    """Whatever version a model has, its fingerprint is that of what a new one would hold."""

    @pytest.mark.parametrize("old", [VERSION_1, VERSION_2, VERSION_3], ids=["1", "2", "3"])
    def test_of_an_old_model_is_that_of_the_new_one(self, old, tmp_path):
        model = load_classifier(old)
        save_classifier(model, tmp_path)
        assert load_classifier(tmp_path, verify=True).fingerprint == model.fingerprint

    def test_what_prediction_does_not_need_is_not_read_for_it(self, tmp_path):
        folder = Path(shutil.copytree(VERSION_2, tmp_path / "old"))
        file_of(folder, "fingerprints").unlink()
        assert load_classifier(folder).fingerprint == load_classifier(VERSION_2).fingerprint

    def test_another_fingerprint_is_noticed_on_request(self, folder):
        reseal(folder, set_to("fingerprint", "0" * 12))
        assert load_classifier(folder).fingerprint == "0" * 12
        refused(folder, "fingerprint: not of this content", verify=True)

    @pytest.mark.parametrize("value", [None, 3, ["0"]])
    def test_what_is_no_fingerprint_is_refused(self, folder, value):
        reseal(folder, set_to("fingerprint", value))
        refused(folder, "unexpected fingerprint")


class TestLaterEntries:
    """What a later topicml adds is refused where scores depend on it, and passed over elsewhere."""

    @pytest.mark.parametrize("place", ["features.punctuation", "calibration.temperature"])
    def test_where_scores_depend_on_them_they_are_refused(self, folder, place):
        reseal(folder, set_to(place, "on"))
        refused(folder, f"'{place.split('.')[1]}', which this topicml does not know; update topicml")

    @pytest.mark.parametrize("place", ["watch", "provenance.seed_words", "arrays.reference"])
    def test_elsewhere_they_are_passed_over(self, folder, base_classifier, place):
        entry = {"file": "reference.0123456789ab.npy", "shape": [1], "sha256": "0" * 64}

        def add(content):
            set_to(place, entry)(content)
            content["fingerprint"] = stored_fingerprint(content)

        reseal(folder, add)
        found = load_classifier(folder, verify=True)
        assert found.predict("Cup final").label == "sport"
        assert found.fingerprint != base_classifier.fingerprint


class TestNoModel:
    def test_nothing_there(self, tmp_path):
        with pytest.raises(ModelFormatError, match=f"no model at {tmp_path}/none: .* found nothing there"):
            load_classifier(tmp_path / "none")

    def test_a_file_there(self, tmp_path):
        (tmp_path / "model.json").write_text("{}", encoding="utf-8")
        with pytest.raises(ModelFormatError, match=r"model\.json: .* found a file there"):
            load_classifier(tmp_path / "model.json")

    def test_an_empty_folder(self, tmp_path):
        refused(tmp_path, "missing, so this folder is not a model", file=tmp_path / "model.json")

    def test_a_name_that_is_not_utf_8_is_shown_by_its_bytes(self, tmp_path):
        with pytest.raises(ModelFormatError, match=r"no model at .*/mm\\xff: expected a folder"):
            load_classifier(tmp_path / "mm\udcff")
