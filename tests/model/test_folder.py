"""Saving that never harms what was there: crashes, full disks, foreign folders."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import topicml
from tests.support import contents, run_python
from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.files import STAGED
from topicml.model.folder import (
    OPTIONAL_DTYPES,
    StoredArray,
    _sealed,
    array_dtypes,
    check_writable,
    fingerprint_of,
    folder_size,
    named_arrays,
    read_array,
    read_content,
    saving_to,
    size_on_disk,
    write_folder,
)
from topicml.model.persistence import FORMAT_VERSION, load_classifier, save_classifier

ROOT = Path(topicml.__file__).parents[1]
TEXTS = ["Heavy rain tonight", "Cup final", ""]

# Saves the model in folder `new` over copies of folder `old`, each in a process of its own that is
# stopped at another point, and prints what became of each: [stopped or error, folder].
ATTACK = """
import json, os, resource, shutil, signal, sys
from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.model.persistence import load_classifier
from topicml.model.persistence import save_classifier

kind, points = sys.argv[1], range(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
new = load_classifier("new")

def kill_at(point):
    seen = 0
    def hook(event, args):
        nonlocal seen
        if event in ("os.rename", "os.remove", "os.mkdir", "os.chmod", "tempfile.mkstemp"):
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1
    sys.addaudithook(hook)

def attacked(folder, point):
    if kind == "kill":
        kill_at(point)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (point, point))
    try:
        save_classifier(new, folder, card="A new card.")
    except TopicmlError as error:
        os.write(2, str(error).encode())
        return 1
    return 0

for point in points:
    folder = f"{kind}-{point}"
    if os.path.exists("old"):
        shutil.copytree("old", folder)
    child = os.fork()
    if not child:
        status = 3
        try:
            status = attacked(folder, point)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([status, folder]), flush=True)
    if status == 0:
        break
"""


def attack(tmp_path, kind, first, last, step=1):
    found = run_python(["-c", ATTACK, kind, str(first), str(last), str(step)], tmp_path)
    outcomes = [json.loads(line) for line in found.stdout.splitlines()]
    return [(status, tmp_path / folder) for status, folder in outcomes], found.stderr


# Loads two models and saves them in turn, so many times, when its input ends; or reads a folder as often, and
# prints which models it found.
AT_ONCE = """
import sys
from topicml.model.persistence import load_classifier, save_classifier
work, folder, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
models = [load_classifier(name) for name in ("old", "new")]
print("ready", flush=True)
sys.stdin.read()
for k in range(times):
    if work == "save":
        save_classifier(models[k % 2], folder, card="A card.")
    else:
        print(load_classifier(folder, verify=True).target_type)
"""


def at_once(tmp_path, times, **workers):
    """Run so many processes of each kind at the same time; return what readers printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, work, "model", str(times)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for work, n in workers.items()
        for _ in range(n)
    ]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.stdin.close()
        process.stdin = None
    found = [process.communicate() for process in started]
    assert [errors for _, errors in found] == [""] * len(started)
    return "".join(printed for printed, _ in found).split()


def scores(folder):
    return load_classifier(folder, verify=True).decision_function(TEXTS).tolist()


@pytest.fixture
def two_models(tmp_path, base_classifier, multilabel_classifier):
    """A folder that holds an old model and a new one."""
    save_classifier(base_classifier, tmp_path / "old", card="The old card.")
    save_classifier(multilabel_classifier, tmp_path / "new", card="A new card.")
    return tmp_path


class TestCrash:
    def test_whenever_saving_is_killed_a_whole_model_is_there(self, two_models):
        outcomes, _ = attack(two_models, "kill", 0, 100)
        old, new = scores(two_models / "old"), scores(two_models / "new")
        found = [scores(folder) for _, folder in outcomes]
        assert [status for status, _ in outcomes[:-1]] == [-9] * (len(outcomes) - 1)
        assert outcomes[-1][0] == 0
        assert found[0] == old
        assert found[-1] == new
        assert all(each in (old, new) for each in found)

    def test_after_a_crash_saving_again_gives_the_clean_folder(self, two_models, multilabel_classifier):
        outcomes, _ = attack(two_models, "kill", 0, 100)
        for _, folder in outcomes:
            save_classifier(multilabel_classifier, folder, card="A new card.")
            assert contents(folder) == contents(two_models / "new")

    def test_after_a_crash_of_the_first_saving_a_folder_can_be_used(self, two_models, multilabel_classifier):
        """Regression (files of an unfinished first saving taken for foreign ones): a retry was refused."""
        shutil.rmtree(two_models / "old")
        outcomes, _ = attack(two_models, "kill", 0, 100)
        for _, folder in outcomes:
            save_classifier(multilabel_classifier, folder, card="A new card.")
            assert contents(folder) == contents(two_models / "new")


class TestAtOnce:
    """Several processes save to one folder and read it: all end well, and readers find one of the models."""

    @pytest.mark.parametrize("times", [1, 15])
    def test_savers_in_a_new_folder(self, two_models, times):
        at_once(two_models, times, save=3)
        card = {"MODEL_CARD.md": b"A card."}
        clean = [{**contents(two_models / name), **card} for name in ("old", "new")]
        assert contents(two_models / "model") in clean

    def test_readers_while_models_take_turns(self, two_models):
        """Regression (model.json of A, B and A again, taken for no change): a sound folder was incomplete."""
        shutil.copytree(two_models / "new", two_models / "model")
        found = at_once(two_models, 30, save=2, read=2)
        assert len(found) == 60
        assert set(found) <= {"multiclass", "multilabel"}

    def test_who_waits_too_long_is_told_who_is_at_work(self, tmp_path):
        with (
            saving_to(tmp_path),
            pytest.raises(TopicmlError, match=f"another process is saving to {tmp_path}; wait until"),
            saving_to(tmp_path, patience=0.0),
        ):
            pass

    def test_the_lock_leaves_nothing(self, tmp_path):
        with saving_to(tmp_path / "deep" / "model"):
            pass
        assert contents(tmp_path / "deep" / "model") == {}

    def test_a_lock_that_a_crash_left_is_no_obstacle(self, two_models, base_classifier):
        clean = contents(two_models / "old")
        (two_models / "old" / ".lock").touch()
        save_classifier(base_classifier, two_models / "old", card="The old card.")
        assert contents(two_models / "old") == clean


class TestFullDisk:
    def test_is_an_error_wherever_the_disk_ends(self, two_models):
        """Regression (the end of an array lost in a buffer): saving reported success, the model was gone."""
        sizes = sorted(file.stat().st_size for file in (two_models / "new").iterdir())
        outcomes, errors = attack(two_models, "full", sizes[-2] % 100, sizes[-1], 100)
        assert {status for status, _ in outcomes} == {1}
        assert f"the model could not be saved: {outcomes[-1][1].name}: File too large" in errors

    def test_leaves_the_old_model_as_it_was(self, two_models):
        """Regression (the card replaced before the model): the old model had a new card."""
        outcomes, _ = attack(two_models, "full", 0, 10_000, 150)
        failed = [folder for status, folder in outcomes if status]
        assert len(failed) > 10
        for folder in failed:
            assert contents(folder) == contents(two_models / "old")

    def test_leaves_nothing_where_nothing_was(self, two_models):
        """Regression (the card left behind): the folder was then refused as a foreign one."""
        shutil.rmtree(two_models / "old")
        outcomes, _ = attack(two_models, "full", 0, 10_000, 150)
        assert all(contents(folder) == {} for status, folder in outcomes if status)


class TestForeignFolders:
    def test_a_folder_with_other_files_is_refused(self, base_classifier, tmp_path):
        (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
        with pytest.raises(TopicmlError, match=r"holds 'thesis\.txt' and no model\.json; name a new"):
            save_classifier(base_classifier, tmp_path)
        assert contents(tmp_path) == {"thesis.txt": b"years of work"}

    def test_other_files_beside_a_model_are_kept(self, base_classifier, multilabel_classifier, tmp_path):
        save_classifier(base_classifier, tmp_path)
        kept = {
            "notes.txt": b"mine",
            "coef.npy": b"mine",
            "extra.0123456789abc.npy": b"mine",
            ".hidden": b"mine",
        }
        for name, data in kept.items():
            (tmp_path / name).write_bytes(data)
        save_classifier(multilabel_classifier, tmp_path)
        assert kept.items() <= contents(tmp_path).items()

    def test_hidden_files_do_not_make_a_folder_foreign(self, base_classifier, tmp_path):
        (tmp_path / ".gitkeep").touch()
        save_classifier(base_classifier, tmp_path)
        assert load_classifier(tmp_path).classes_ == base_classifier.classes_

    @pytest.mark.parametrize("below", ["", "model", "deep/model"])
    def test_a_path_at_or_below_a_file_is_an_error_that_names_it(self, base_classifier, tmp_path, below):
        (tmp_path / "file").write_text("x", encoding="utf-8")
        folder = tmp_path / "file" / below
        with pytest.raises(TopicmlError, match=f"to {folder}: (Not a directory|File exists)"):
            save_classifier(base_classifier, folder)

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
    def test_a_folder_where_nobody_may_write_is_an_error_that_names_it(self, base_classifier):
        for folder in ("/proc/self", "/proc/topicml-model"):
            with pytest.raises(TopicmlError, match=f"cannot write a model to {folder}: "):
                save_classifier(base_classifier, folder)

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="Windows and root may write anywhere")
    def test_a_read_only_folder_is_an_error_that_names_it(self, base_classifier, tmp_path):
        tmp_path.chmod(0o555)
        with pytest.raises(TopicmlError, match=f"cannot write a model to {tmp_path}: Permission denied"):
            save_classifier(base_classifier, tmp_path)

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
    def test_check_writable_tries_the_place_itself(self):
        with pytest.raises(TopicmlError, match=r"cannot write a model to /proc/topicml-model: "):
            check_writable("/proc/topicml-model")

    def test_check_writable_leaves_nothing(self, tmp_path):
        check_writable(tmp_path / "deep" / "model")
        assert contents(tmp_path) == {}


class TestSavingOver:
    def test_the_old_arrays_are_removed(self, two_models, multilabel_classifier):
        save_classifier(multilabel_classifier, two_models / "old", card="A new card.")
        assert contents(two_models / "old") == contents(two_models / "new")

    def test_twice_gives_the_same_bytes(self, two_models, base_classifier):
        before = contents(two_models / "old")
        save_classifier(base_classifier, two_models / "old", card="The old card.")
        assert contents(two_models / "old") == before

    @pytest.mark.parametrize("damage", [b"", b"nonsense"], ids=["emptied", "overwritten"])
    def test_repairs_damaged_arrays(self, two_models, base_classifier, damage):
        """Regression (a file trusted by its name): saving again left the damaged array in place."""
        before = contents(two_models / "old")
        for file in (two_models / "old").glob("*.npy"):
            file.write_bytes(damage)
        save_classifier(base_classifier, two_models / "old", card="The old card.")
        assert contents(two_models / "old") == before

    def test_an_array_of_the_same_bytes_and_another_shape_is_another(self, tmp_path):
        """Regression (a file trusted by its name): the old shape stayed and the model could not be read."""
        for shape in ((2, 6), (6, 2)):
            write_folder(
                tmp_path, {"format": "topicml", "format_version": 1}, {"coef": np.zeros(shape)}, card=""
            )
        entry = read_content(tmp_path, newest=1)["arrays"]["coef"]
        assert read_array(tmp_path, "coef", "<f8", entry).shape == (6, 2)

    def test_who_reads_meanwhile_finds_a_whole_model(self, two_models):
        """Regression (arrays removed at once): who had read the old model.json found no arrays to it."""
        program = (
            "import sys; from topicml.model.persistence import load_classifier\n"
            "from topicml.model.persistence import save_classifier\n"
            "new, waiting = load_classifier('new'), ['once']\n"
            "def hook(event, args):\n"
            "    if event == 'open' and str(args[0]).endswith('.npy') and waiting:\n"
            "        waiting.clear()\n"
            "        save_classifier(new, 'old')\n"
            "sys.addaudithook(hook)\n"
            "print(load_classifier('old').target_type)\n"
        )
        found = run_python(["-c", program], two_models)
        assert found.stdout.strip() in ("multiclass", "multilabel")

    def test_a_card_that_cannot_be_written_is_said_to_be_the_only_thing_missing(
        self, two_models, multilabel_classifier
    ):
        card = two_models / "old" / "MODEL_CARD.md"
        card.unlink()
        card.mkdir()
        with pytest.raises(TopicmlError, match="the model was saved, but without its card: "):
            save_classifier(multilabel_classifier, two_models / "old", card="A new card.")
        assert scores(two_models / "old") == scores(two_models / "new")

    def test_files_can_be_read_by_others(self, two_models):
        assert {oct(file.stat().st_mode & 0o777) for file in (two_models / "old").iterdir()} == {"0o644"}


class TestReadContent:
    @pytest.fixture
    def model_json(self, base_model_path, tmp_path):
        """A file to be damaged."""
        return Path(shutil.copy(base_model_path / "model.json", tmp_path))

    def refused(self, file, match=""):
        with pytest.raises(ModelFormatError, match=f"^{file}: .*{match}"):
            read_content(file.parent, newest=FORMAT_VERSION)

    @pytest.mark.parametrize(
        "data",
        [
            b"not JSON",
            b"",
            b"[]",
            b"null",
            b'"topicml"',
            b"{}",
            b'{"format": "topicml"}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"format": "topicml", "format_version": ' + b"9" * 5000 + b"}",
            b'{"format": "topicml", "format_version": NaN}',
            b'{"format": "topicml", "format_version": 1, "sha256": null}',
            b"\xff\xfe\x00",
            b"\x80\x04K\x01.",
        ],
        ids=lambda data: str(data[:24]),
    )
    def test_is_no_model(self, model_json, data):
        model_json.write_bytes(data)
        self.refused(model_json)

    @pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
    def test_what_is_no_number(self, model_json, constant):
        model_json.write_text(f'{{"format": "topicml", "format_version": {constant}}}', encoding="ascii")
        self.refused(model_json, f"damaged, or not a model.json \\({constant} is not a number\\)")

    def test_larger_than_any_model(self, model_json):
        os.truncate(model_json, 1 << 40)
        self.refused(model_json, "larger than 64 MiB")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
    @pytest.mark.parametrize("device", [None, "/dev/zero"])
    def test_what_never_ends_is_not_read(self, model_json, device):
        model_json.unlink()
        if device:
            model_json.symlink_to(device)
        else:
            os.mkfifo(model_json)
        self.refused(model_json, "not a regular file")

    @pytest.mark.parametrize("version", [0, -1, FORMAT_VERSION + 1, 99, "1", None, True, 1.0])
    def test_another_format_version(self, model_json, version):
        model_json.write_bytes(_sealed({"format": "topicml", "format_version": version}))
        self.refused(model_json, f"format version {version!r}.*update topicml")

    def test_edited_by_hand(self, model_json):
        text = model_json.read_text(encoding="ascii")
        model_json.write_text(text.replace('"economy"', '"economics"'), encoding="ascii")
        self.refused(model_json, "edited by hand")


def plain_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class TestWritten:
    """What a folder holds, worked out without the functions that write it."""

    CONTENT: ClassVar = {"format": "topicml", "format_version": 3, "golden": [], "classes": ["ä"], "x": [1.5]}

    @pytest.fixture
    def arrays(self):
        return {"idf": np.array([1.5, 2.5], "<f4"), "coef": np.array([[1, 2], [3, 4]], "|i1")}

    @pytest.fixture
    def folder(self, arrays, tmp_path):
        write_folder(tmp_path, self.CONTENT, arrays, card="Für Menschen.")
        return tmp_path

    def expected(self, arrays):
        entries, files = {}, {}
        for name, array in arrays.items():
            written = BytesIO()
            np.save(written, array)
            digest = hashlib.sha256(written.getvalue()).hexdigest()
            entries[name] = {
                "file": f"{name}.{digest[:12]}.npy",
                "shape": list(array.shape),
                "sha256": digest,
            }
            files[entries[name]["file"]] = written.getvalue()
        return entries, files

    def test_arrays_are_those_of_numpy(self, arrays, folder):
        _, files = self.expected(arrays)
        assert files.items() <= contents(folder).items()
        assert contents(folder).keys() == files.keys() | {"model.json", "MODEL_CARD.md"}

    def test_the_card_is_utf_8(self, folder):
        assert (folder / "MODEL_CARD.md").read_bytes() == "Für Menschen.".encode()

    def test_model_json_is_sorted_and_sealed(self, arrays, folder):
        entries, _ = self.expected(arrays)
        identity = {
            "classes": ["ä"],
            "x": [1.5],
            "arrays": {name: entry["sha256"] for name, entry in entries.items()},
        }
        fingerprint = hashlib.sha256(plain_json(identity)).hexdigest()[:12]
        whole = {**self.CONTENT, "arrays": entries, "fingerprint": fingerprint}
        sealed = {**whole, "sha256": hashlib.sha256(plain_json(whole)).hexdigest()}
        expected = json.dumps(sealed, indent=1, sort_keys=True) + "\n"
        assert (folder / "model.json").read_bytes() == expected.encode()

    def test_the_fingerprint_is_known_before_anything_is_written(self, arrays, folder):
        written = json.loads((folder / "model.json").read_bytes())
        stored = {
            name: StoredArray(folder, name, arrays[name].dtype.str, entry)
            for name, entry in written["arrays"].items()
        }
        assert fingerprint_of(self.CONTENT, arrays) == written["fingerprint"]
        assert fingerprint_of(self.CONTENT, stored) == written["fingerprint"]

    def test_a_stored_array_is_any_array_that_is_asked_for(self, folder):
        entry = read_content(folder, newest=3)["arrays"]["idf"]
        stored = StoredArray(folder, "idf", "<f4", entry)
        assert np.asarray(stored).dtype == np.float32
        assert np.asarray(stored, np.float64).tolist() == [1.5, 2.5]
        assert np.array(stored, np.float64).dtype == np.float64
        assert np.array(stored).flags.writeable
        assert not np.asarray(stored).flags.writeable

    def test_its_size_is_that_of_its_files(self, arrays, folder):
        (folder / "notes.txt").write_bytes(b"mine")
        sizes = [len(data) for name, data in contents(folder).items() if name != "notes.txt"]
        assert size_on_disk(folder) == sum(sizes)
        assert folder_size(self.CONTENT, arrays, card="Für Menschen.") == sum(sizes)

    def test_its_arrays_are_named_in_order(self, arrays, folder):
        _, files = self.expected(arrays)
        assert named_arrays(folder, newest=3) == sorted(files)

    @pytest.mark.parametrize("entry", [None, {}, {"file": 3}, {"file": "../x.npy"}, "idf"])
    def test_what_is_no_name_of_an_array_is_not_named(self, arrays, folder, entry):
        _, files = self.expected(arrays)
        content = json.loads((folder / "model.json").read_bytes())
        del content["sha256"]
        content["arrays"]["odd"] = entry
        (folder / "model.json").write_bytes(_sealed(content))
        assert named_arrays(folder, newest=3) == sorted(files)

    @pytest.mark.parametrize("name", ["", "idf.npy", "../x.npy", "{other}", "{own}.bak"])
    def test_another_name_for_an_array_is_refused(self, folder, name):
        entries = read_content(folder, newest=3)["arrays"]
        name = name.format(other=entries["coef"]["file"], own=entries["idf"]["file"])
        found = rf"{folder}/model\.json: '{re.escape(name)}' is not the name of a idf array"
        with pytest.raises(ModelFormatError, match=found):
            read_array(folder, "idf", "<f4", {**entries["idf"], "file": name})

    def test_an_array_with_one_axis_has_no_columns(self, tmp_path):
        """Its header may say either."""
        header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }".ljust(117) + "\n"
        numbers = np.array([1.5, 2.5], "<f4")
        data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + numbers.tobytes()
        digest = hashlib.sha256(data).hexdigest()
        entry = {"file": f"idf.{digest[:12]}.npy", "shape": [2], "sha256": digest}
        (tmp_path / entry["file"]).write_bytes(data)
        assert read_array(tmp_path, "idf", "<f4", entry).tolist() == [1.5, 2.5]

    def test_an_array_by_columns_is_refused(self, folder):
        written = BytesIO()
        np.save(written, np.asfortranarray(np.arange(6.0).reshape(2, 3)))
        digest = hashlib.sha256(written.getvalue()).hexdigest()
        entry = {"file": f"coef.{digest[:12]}.npy", "shape": [2, 3], "sha256": digest}
        (folder / entry["file"]).write_bytes(written.getvalue())
        with pytest.raises(ModelFormatError, match=r"expected shape \[2, 3\], found \[2, 3\] by columns"):
            read_array(folder, "coef", "<f8", entry)

    def test_where_nothing_was_and_nothing_can_be_put_the_model_is_not_saved(self, arrays, tmp_path):
        _, files = self.expected(arrays)
        (tmp_path / min(files)).mkdir()
        with pytest.raises(TopicmlError, match=r"^the model could not be saved: "):
            write_folder(tmp_path, self.CONTENT, arrays, card="Für Menschen.")

    def test_a_later_saving_removes_what_a_crash_left(self, arrays, folder):
        clean = contents(folder)
        for name in (f"{STAGED}model.json", "idf.0123456789ab.npy", "hashes.0123456789ab.npy"):
            (folder / name).touch()
        write_folder(folder, self.CONTENT, arrays, card="Für Menschen.")
        assert contents(folder) == clean

    def test_arrays_alone_are_what_a_crash_left(self, tmp_path):
        (tmp_path / "idf.0123456789ab.npy").touch()
        check_writable(tmp_path)
        (tmp_path / "x.txt").touch()
        with pytest.raises(TopicmlError, match=r"holds 'idf\.0123456789ab\.npy' and no model\.json"):
            check_writable(tmp_path)


@pytest.mark.parametrize(
    ("coef_dtype", "more"),
    [
        ("float32", {"coef": "<f4"}),
        ("int16", {"coef": "<i2", "coef_scale": "<f4"}),
        ("int8", {"coef": "|i1", "coef_scale": "<f4"}),
    ],
)
def test_the_arrays_that_every_model_has(coef_dtype, more):
    always = {"hashes": "<u8", "idf": "<f4", "term_blob": "|u1", "term_lengths": "<u2"}
    assert array_dtypes(coef_dtype) == {**always, **more}


def test_the_arrays_that_a_model_may_do_without():
    assert OPTIONAL_DTYPES == {"familiar_words": "|u1", "fingerprints": "<u8"}


def test_coefficients_of_another_type_are_none():
    with pytest.raises(ValueError, match="unexpected coef_dtype 'float16'"):
        array_dtypes("float16")
