"""A model is replaced and brought back whole, wherever the work is stopped and whoever reads meanwhile."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support import contents, fingerprint_in, run_python
from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.lifecycle.previous_models import bring_back, check_replaceable, previous_path, replace_model
from topicml.model.persistence import load_classifier, save_classifier

TEXTS = ["Heavy rain tonight", "Cup final", ""]

# Works on copies of folder `start`, each in a process of its own that is killed at another step, and prints
# what became of each: [exit status, folder]. With `full`, the disk ends after another number of bytes. With
# `read`, nobody is stopped: at each step the model is loaded, as others may do meanwhile, and its first label
# is printed.
ATTACK = """
import json, os, resource, shutil, signal, sys
from topicml.exceptions import TopicmlError
from topicml.model.persistence import load_classifier
from topicml.lifecycle.previous_models import bring_back, replace_model

kind, work = sys.argv[1:3]
new = load_classifier("new")
STEPS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "tempfile.mkstemp")

def hook_at(point, folder):
    state = {"seen": 0, "inside": False}
    def hook(event, args):
        if event not in STEPS or state["inside"]:
            return
        if kind == "kill" and state["seen"] == point:
            os.kill(os.getpid(), signal.SIGKILL)
        state["seen"] += 1
        if kind == "read":
            state["inside"] = True
            label = load_classifier(folder, verify=True).classes_[0]
            os.write(1, (json.dumps(label) + "\\n").encode())
            state["inside"] = False
    sys.addaudithook(hook)

def do(folder):
    if work == "replace":
        replace_model(new, folder, replaced=load_classifier(folder).fingerprint, card="A new card.")
    else:
        bring_back(folder)

for point in range(0, 60_000, 300) if kind == "full" else range(200):
    folder = f"{point}/model"
    shutil.copytree("start", str(point))
    child = os.fork()
    if not child:
        status = 3
        try:
            if kind == "full":
                resource.setrlimit(resource.RLIMIT_FSIZE, (point, point))
            else:
                hook_at(point, folder)
            do(folder)
            status = 0
        except TopicmlError:
            status = 1
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if kind != "read":
        print(json.dumps([status, folder]), flush=True)
    if status not in (-9, 1):
        break
"""


def attack(kind, work, folder):
    found = run_python(["-c", ATTACK, kind, work], folder)
    return [json.loads(line) for line in found.stdout.splitlines()]


def labels(folder):
    return load_classifier(folder, verify=True).classes_


def kept_beside(folder):
    return sorted(
        path for path in folder.parent.iterdir() if path.name.startswith(f"{folder.name}.previous-")
    )


@pytest.fixture
def old(base_classifier):
    return base_classifier


@pytest.fixture
def new_of(base_classifier):
    """Return a function that gives another model, which says what it replaced."""

    def new_of(replaced, *, sign="new"):
        classes = tuple(f"{sign} {label}" for label in base_classifier.classes_)
        return replace(base_classifier, classes_=classes, provenance={"retraining": {"replaced": replaced}})

    return new_of


@pytest.fixture
def folder(old, tmp_path):
    """A folder that holds the old model."""
    save_classifier(old, tmp_path / "start" / "model", card="The old card.")
    return tmp_path / "start" / "model"


@pytest.fixture
def replaced(folder, new_of):
    """The same after the model in it was replaced."""
    before = fingerprint_in(folder)
    replace_model(new_of(before), folder, replaced=before, card="A new card.")
    return folder


class TestReplace:
    def test_the_new_model_is_there_and_the_old_one_beside_it(self, folder, new_of):
        before, fingerprint = contents(folder), fingerprint_in(folder)
        kept = replace_model(new_of(fingerprint), folder, replaced=fingerprint)
        assert kept == previous_path(folder, fingerprint) == kept_beside(folder)[0]
        assert contents(kept) == before
        assert labels(folder)[0] == "new economy"
        assert fingerprint_in(folder) != fingerprint == fingerprint_in(kept)

    def test_one_is_kept(self, replaced, new_of):
        middle = fingerprint_in(replaced)
        replace_model(new_of(middle, sign="newest"), replaced, replaced=middle)
        assert kept_beside(replaced) == [previous_path(replaced, middle)]
        assert labels(kept_beside(replaced)[0])[0] == "new economy"

    def test_what_is_not_its_own_stays(self, folder, new_of):
        others = [folder.with_name(f"model.previous-{name}") for name in ("mine", "0123456789abc", "")]
        others += [folder.with_name(f"models.previous-{'0' * 12}")]
        for other in others:
            other.mkdir()
        (folder / "notes.txt").write_text("mine")
        kept = replace_model(new_of(""), folder, replaced=fingerprint_in(folder))
        assert all(other.is_dir() for other in others)
        assert (folder / "notes.txt").read_text() == "mine"
        assert not (kept / "notes.txt").exists()

    def test_a_model_saved_meanwhile_is_left_there(self, folder, multilabel_classifier, new_of):
        decided_on = fingerprint_in(folder)
        save_classifier(multilabel_classifier, folder)
        with pytest.raises(TopicmlError, match="another model was saved here meanwhile"):
            replace_model(new_of(decided_on), folder, replaced=decided_on)
        assert labels(folder) == multilabel_classifier.classes_
        assert kept_beside(folder) == []

    def test_a_damaged_model_is_named_and_nothing_is_kept(self, folder, new_of):
        decided_on = fingerprint_in(folder)
        array = next(folder.glob("coef.*.npy"))
        array.write_bytes(array.read_bytes()[:-1])
        with pytest.raises(ModelFormatError, match="damaged"):
            replace_model(new_of(""), folder, replaced=decided_on)
        assert [path.name for path in folder.parent.iterdir()] == ["model"]

    def test_without_links_files_are_copied(self, folder, new_of, monkeypatch):
        def refuse(*_):
            raise PermissionError("no links here")

        monkeypatch.setattr(os, "link", refuse)
        kept = replace_model(new_of(fingerprint_in(folder)), folder, replaced=fingerprint_in(folder))
        assert labels(kept) == ("economy", "sport", "weather")
        bring_back(folder)
        assert labels(folder) == ("economy", "sport", "weather")

    def test_through_a_link_the_old_one_is_kept_beside_the_folder_itself(self, folder, new_of, tmp_path):
        link = tmp_path / "current"
        link.symlink_to(folder, target_is_directory=True)
        kept = replace_model(new_of(fingerprint_in(folder)), link, replaced=fingerprint_in(link))
        assert kept.parent == folder.parent
        assert link.is_symlink()
        assert labels(folder)[0] == "new economy"

    @pytest.mark.parametrize("name", ["a[b]*?", "ü.previous-000000000000", ".hidden"])
    def test_any_name_will_do(self, folder, new_of, name):
        path = folder.rename(folder.with_name(name))
        for sign in ("new", "newer"):
            before = fingerprint_in(path)
            replace_model(new_of(before, sign=sign), path, replaced=before)
        assert len(kept_beside(path)) == 1
        bring_back(path)
        assert labels(path)[0] == "new economy"

    def test_from_within_the_folder(self, folder, new_of, monkeypatch):
        monkeypatch.chdir(folder)
        before = fingerprint_in(".")
        replace_model(new_of(before), ".", replaced=before)
        bring_back(".")
        assert fingerprint_in(folder) == before


class TestBringBack:
    def test_the_old_model_is_there_again_byte_for_byte(self, folder, new_of):
        before, fingerprint = contents(folder), fingerprint_in(folder)
        replace_model(new_of(fingerprint), folder, replaced=fingerprint, card="A new card.")
        assert bring_back(folder) == fingerprint
        assert contents(folder) == before
        assert kept_beside(folder) == []

    def test_a_card_that_the_old_one_did_not_have_goes(self, old, new_of, tmp_path):
        save_classifier(old, tmp_path / "model")
        fingerprint = fingerprint_in(tmp_path / "model")
        replace_model(new_of(fingerprint), tmp_path / "model", replaced=fingerprint, card="A new card.")
        bring_back(tmp_path / "model")
        assert not (tmp_path / "model" / "MODEL_CARD.md").exists()

    def test_twice_is_an_error(self, replaced):
        bring_back(replaced)
        with pytest.raises(TopicmlError, match="nothing to restore: this model did not replace another"):
            bring_back(replaced)
        assert labels(replaced) == ("economy", "sport", "weather")

    def test_a_model_that_is_no_longer_kept_is_an_error(self, replaced):
        shutil.rmtree(kept_beside(replaced)[0])
        with pytest.raises(TopicmlError, match=r"expected the model that it replaced in .*model\.previous-"):
            bring_back(replaced)
        assert labels(replaced)[0] == "new economy"

    def test_a_damaged_model_is_not_brought_back(self, replaced):
        [kept] = kept_beside(replaced)
        next(kept.glob("idf.*.npy")).unlink()
        with pytest.raises(ModelFormatError, match=r"idf\..*missing"):
            bring_back(replaced)
        assert labels(replaced)[0] == "new economy"

    @pytest.mark.parametrize("name", ["model.json", "coef.*.npy"])
    def test_a_damaged_model_can_be_undone(self, replaced, name):
        os.truncate(next(replaced.glob(name)), 10)
        bring_back(replaced)
        assert labels(replaced) == ("economy", "sport", "weather")

    def test_of_a_damaged_model_nobody_guesses_which_of_two_it_replaced(
        self, replaced, multilabel_classifier
    ):
        save_classifier(multilabel_classifier, previous_path(replaced, "f" * 64))
        os.truncate(replaced / "model.json", 10)
        with pytest.raises(ModelFormatError, match=r"model\.json: damaged"):
            bring_back(replaced)

    def test_another_model_that_is_kept_beside_it_is_not_taken(self, replaced, multilabel_classifier):
        """Regression (the newest copy taken for the replaced model): a stopped run leaves one of its own."""
        save_classifier(multilabel_classifier, previous_path(replaced, "f" * 64))
        bring_back(replaced)
        assert labels(replaced) == ("economy", "sport", "weather")


class TestStopped:
    """Each step of the work is the last one of some process."""

    @pytest.fixture
    def start(self, request, tmp_path, new_of):
        folder = request.getfixturevalue("folder" if request.param == "replace" else "replaced")
        save_classifier(new_of(fingerprint_in(folder), sign="newest"), tmp_path / "new")
        for kept in kept_beside(folder):
            self.clean = contents(kept)
        return request.param, tmp_path

    @pytest.mark.parametrize("start", ["replace", "bring back"], indirect=True)
    def test_a_whole_model_is_there_and_the_work_can_be_done_again(self, start):
        work, tmp_path = start
        before, after = {"replace": ("economy", "newest economy"), "bring back": ("new economy", "economy")}[
            work
        ]
        outcomes = attack("kill", work, tmp_path)
        assert [status for status, _ in outcomes] == [-9] * (len(outcomes) - 1) + [0]
        assert len(outcomes) > 10
        found = [labels(tmp_path / folder)[0] for _, folder in outcomes]
        turn = found.index(after)
        assert found == [before] * turn + [after] * (len(found) - turn)
        assert 0 < turn < len(found) - 1
        for path in (tmp_path / folder for _, folder in outcomes):
            for kept in kept_beside(path):
                assert labels(kept)
            if work == "bring back":
                self.restored(path)
            elif labels(path)[0] == before:
                replace_model(load_classifier(tmp_path / "new"), path, replaced=fingerprint_in(path))
                [kept] = kept_beside(path)
                assert labels(kept)[0] == before
                assert sorted(entry.name for entry in path.parent.iterdir()) == ["model", kept.name]
            assert labels(path)[0] == after

    def restored(self, path):
        """Whoever undoes again finishes the work, or is told that it is done; nothing else is left."""
        try:
            bring_back(path)
        except TopicmlError as error:
            assert "nothing to restore" in str(error)
        assert [entry.name for entry in path.parent.iterdir()] == ["model"]
        assert contents(path) == self.clean

    def test_arrays_that_a_stopped_saving_left_are_not_kept(self, folder, new_of):
        before = contents(folder)
        (folder / "coef.0123456789ab.npy").write_bytes(b"left over")
        kept = replace_model(new_of(""), folder, replaced=fingerprint_in(folder))
        assert contents(kept) == before

    def test_several_processes_may_replace_and_restore(self, folder, new_of):
        """Each of them ends well or is told what another one did meanwhile; one whole model is there."""
        save_classifier(new_of(fingerprint_in(folder)), folder.parent / "new")
        program = (
            "import sys; from topicml.exceptions import TopicmlError\n"
            "from topicml.lifecycle.previous_models import bring_back, replace_model\n"
            "from topicml.model.persistence import load_classifier\n"
            "new = load_classifier('new')\n"
            "for k in range(10):\n"
            "    try:\n"
            "        if sys.argv[1] == 'replace':\n"
            "            replace_model(new, 'model', replaced=load_classifier('model').fingerprint)\n"
            "        else:\n"
            "            bring_back('model')\n"
            "    except TopicmlError as error:\n"
            "        print(error)\n"
        )
        with ThreadPoolExecutor() as pool:
            works = ["replace", "replace", "bring back"]
            found = list(pool.map(lambda work: run_python(["-c", program, work], folder.parent), works))
        said = [line for process in found for line in process.stdout.splitlines()]
        assert all(
            "another model was saved here meanwhile" in line or "nothing to restore" in line for line in said
        )
        assert labels(folder)[0] in ("economy", "new economy")
        assert all(labels(kept) for kept in kept_beside(folder))

    @pytest.mark.parametrize("start", ["replace"], indirect=True)
    def test_wherever_the_disk_ends_the_old_model_is_there_and_nothing_else(self, start):
        _, tmp_path = start
        outcomes = attack("full", "replace", tmp_path)
        assert [status for status, _ in outcomes] == [1] * (len(outcomes) - 1) + [0]
        assert len(outcomes) > 5
        for _, folder in outcomes[:-1]:
            assert labels(tmp_path / folder)[0] == "economy"
            assert [path.name for path in (tmp_path / folder).parent.iterdir()] == ["model"]
        assert labels(tmp_path / outcomes[-1][1])[0] == "newest economy"

    @pytest.mark.parametrize("start", ["replace", "bring back"], indirect=True)
    def test_who_reads_meanwhile_finds_a_whole_model(self, start):
        work, tmp_path = start
        found = attack("read", work, tmp_path)
        assert len(set(found)) == 2
        assert found == sorted(found, key=found.index)  # one, then the other, and never back


class TestBefore:
    def test_a_folder_without_a_model_is_an_error(self, tmp_path):
        with pytest.raises(ModelFormatError, match=r"no model at .*none: expected a folder with a model"):
            check_replaceable(tmp_path / "none")

    def test_a_model_that_can_be_replaced_stays_as_it_is(self, folder):
        before = contents(folder)
        check_replaceable(folder)
        assert contents(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == ["model"]
