"""The label desk over HTTP: a service of its own, and people who ask at the same time."""

from __future__ import annotations

import json
import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.support import made_up
from topicml.lifecycle.decision_files import read_decisions
from topicml.lifecycle.relabel import relabel
from topicml.model.persistence import save_classifier
from topicml.reading.corpus import Corpus
from topicml.reading.readers import read_corpus
from topicml.training.train import train

LABELS = "art,chess,sport"


class Person:
    """Somebody at the desk."""

    def __init__(self, service, name="Ana", session=None):
        self.service, self.who = service, {"annotator": name, "session": session or name}

    def ask(self, what, **body):
        headers = {"Content-Type": "application/json"}
        return self.service.ask(f"/desk/{what}", {**self.who, **body}, headers=headers)

    def next(self):
        """Wait for an article, and return all that is shown with it."""
        while (found := self.ask("next").json)["article"] is None and not found["finished"]:
            pass
        return found

    def decide(self, found, labels, note=""):
        return self.ask("decisions", position=found["article"]["position"], labels=labels, note=note)


def truth_of(found):
    """The label that words of a made-up article tell."""
    return [next(label for label in LABELS.split(",") if label in found["article"]["text"])]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A file of 90 articles without labels."""
    path = tmp_path_factory.mktemp("archive") / "archive.jsonl"
    rows = [{"id": f"a{k}", "text": article.text} for k, article in enumerate(made_up(90))]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "decisions.jsonl"


@pytest.fixture
def desk(serving, archive, out):
    """Return a context manager that runs a desk over the archive."""
    return lambda *args: serving(archive, "--labels", LABELS, "--out", out, *args, command="desk")


def test_a_decision_is_in_the_file_when_the_next_article_shows(desk, out):
    with desk() as service:
        person = Person(service)
        first = person.next()
        second = person.decide(first, ["sport"], note="a doubt").json
        [line] = out.read_text().splitlines()
        row = json.loads(line)
        assert row["article_id"] == first["article"]["id"]
        assert (row["accept"], row["annotator"], row["note"]) == (["sport"], "Ana", "a doubt")
        assert second["article"]["position"] != first["article"]["position"]
        assert second["progress"]["n_decided"] == 1
        assert service.end() == 0


def test_kill_9_loses_nothing_and_a_restart_goes_on(desk, out):
    with desk() as service:
        person = Person(service)
        found = person.next()
        done = [found["article"]["id"]]
        found = person.decide(found, ["sport"]).json
        done.append(found["article"]["id"])
        waiting = person.decide(found, None).json["article"]
        service.end(signal.SIGKILL)
    out.write_bytes(out.read_bytes() + b'{"article_id": "a7", "te')
    with desk() as service:
        assert any("cut off" in line for line in service.log)
        found = Person(service).next()
        assert found["progress"]["n_decided"] == 1
        assert found["progress"]["n_mine"] == 2
        assert found["article"]["id"] not in done
        assert waiting is not None
    assert [decision.id for decision in read_decisions(out)] == done


def test_undo_and_undo_again_after_a_restart(desk, out):
    with desk() as service:
        person = Person(service)
        first = person.next()
        second = person.decide(first, ["sport"]).json
        person.decide(second, ["art"])
        undone = person.ask("undo").json
        assert undone["article"] == second["article"]
        assert undone["undone"] == {"labels": ["art"], "note": ""}
    with desk() as service:
        person = Person(service)
        undone = person.ask("undo").json
        assert (undone["article"], out.read_bytes()) == (first["article"], b"")
        nothing = person.ask("undo")
        assert (nothing.status, "no decision of yours" in nothing.json["detail"]) == (409, True)


def test_people_who_work_at_once_never_get_one_article(desk, out):
    def work(name):
        person, mine = Person(service, name), []
        found = person.next()
        for _ in range(8):
            mine.append(found["article"]["position"])
            found = person.decide(found, ["sport"]).json
            found = found if found["article"] else person.next()
        return mine

    with desk() as service, ThreadPoolExecutor(6) as threads:
        seen = [position for mine in threads.map(work, "ABCDEF") for position in mine]
    assert len(seen) == len(set(seen)) == 48
    assert len(read_decisions(out)) == 48


def test_two_people_on_every_article_and_their_kappa(desk):
    with desk("--overlap", "1") as service:
        ana, ben = Person(service, "Ana"), Person(service, "Ben")
        for label, other in (("sport", "sport"), ("art", "art"), ("sport", "art"), ("art", "art")):
            ours, theirs = ana.next(), ben.next()
            assert ours["article"] == theirs["article"]
            ana.decide(ours, [label])
            found = ben.decide(theirs, [other]).json
        [agreement] = found["progress"]["agreement"]
    assert agreement["annotators"] == ["Ana", "Ben"]
    assert (agreement["n"], agreement["n_agreed"], agreement["kappa"]["value"]) == (4, 3, 0.5)
    assert agreement["kappa"]["low"] <= 0.5 <= agreement["kappa"]["high"]


def test_an_article_that_went_to_another_is_not_decided_by_the_first(desk, out):
    with desk("--claim-minutes", "0.01") as service:
        ana, ben = Person(service, "Ana"), Person(service, "Ben")
        first = ana.next()
        sessions = count()
        while ben.next()["article"] != first["article"]:  # until the claim has expired
            ben = Person(service, "Ben", session=f"s{next(sessions)}")
        ben.decide(first, ["sport"])
        late = ana.decide(first, ["art"])
        assert (late.status, "went to another person" in late.json["detail"]) == (409, True)
    assert len(read_decisions(out)) == 1


def test_an_answer_that_was_lost_can_be_asked_for_again(desk, out):
    with desk() as service:
        person = Person(service)
        first = person.next()
        second = person.decide(first, ["sport"]).json["article"]
        assert person.decide(first, ["sport"]).json["article"] == second
        assert person.decide(first, ["art"]).status == 409
    assert len(read_decisions(out)) == 1


def test_a_file_that_cannot_be_written_is_told_and_the_service_goes_on(desk, out):
    with desk() as service:
        person = Person(service)
        first = person.next()
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (40, resource.RLIM_INFINITY))
        refused = person.decide(first, ["sport"])
        assert (refused.status, refused.headers["content-type"]) == (503, "application/problem+json")
        assert "the decision was not saved" in refused.json["detail"]
        assert person.next()["article"] == first["article"]
        assert service.ask("/health/live").status == 200
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert person.decide(first, ["sport"]).status == 200
    assert len(read_decisions(out)) == 1


def test_the_model_learns_and_guesses_while_people_go_on(desk, archive, out):
    with desk("--retrain-every", "12") as service:
        person = Person(service)
        found = person.next()
        assert found["guess"] is None
        for _ in range(24):
            found = person.decide(found, truth_of(found)).json
            found = found if found["article"] else person.next()
        service.line('"trained"')
        found = person.next()
        assert set(found["guess"]["labels"]) <= set(LABELS.split(","))
        assert found["guess"]["explanation"]["words"]
        trained = found["progress"]["trainings"][0]
        assert trained["n_decided"] >= 12
        assert trained["right"]["low"] <= trained["right"]["value"] <= trained["right"]["high"]
    found = relabel(read_corpus(archive), read_decisions(out))
    assert len(found.labelled) == 24
    assert train(found.labelled, n_jobs=1).classifier.classes_ == tuple(LABELS.split(","))


def test_a_model_guesses_from_the_start_and_is_only_followed_by_a_better_one(serving, archive, out, tmp_path):
    good = train(Corpus(tuple(made_up(300, seed=7))), n_jobs=1).classifier
    save_classifier(good, tmp_path / "model")
    args = (archive, "--model", tmp_path / "model", "--out", out, "--retrain-every", "12")
    with serving(*args, command="desk") as service:
        person = Person(service)
        found = person.next()
        assert found["guess"]["fingerprint"] == good.fingerprint
        assert service.ask("/v1/predict", {"text": "x"}).status == 200
        for _ in range(12):
            found = person.decide(found, truth_of(found)).json
            found = found if found["article"] else person.next()
        service.line('"trained"')
        [trained] = person.next()["progress"]["trainings"]
        assert trained["given"]["value"] > trained["right"]["value"]
        assert person.next()["guess"]["fingerprint"] == good.fingerprint


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are listed in /proc")
def test_a_training_process_that_is_killed_is_replaced(desk):
    with desk("--retrain-every", "12") as service:
        person, main = Person(service), service.process.pid
        found = person.next()
        for children in Path(f"/proc/{main}/task").glob("*/children"):
            for child in children.read_text().split():
                os.kill(int(child), signal.SIGKILL)
        for _ in range(12):
            found = person.decide(found, truth_of(found)).json
            found = found if found["article"] else person.next()
        service.line("training failed")
        service.line('"trained"')
        assert service.end() == 0


def test_labels_of_the_archive_are_offered_and_learned_from(serving, out, tmp_path):
    rows = [{"text": article.text, "label": article.labels[0]} for article in made_up(60)]
    rows += [{"text": article.text, "label": None} for article in made_up(30, seed=5)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    args = (tmp_path / "a.jsonl", "--out", out, "--retrain-every", "5")
    with serving(*args, command="desk") as service:
        person = Person(service)
        found = person.next()
        assert found["labels"] == LABELS.split(",")
        for _ in range(5):
            assert found["article"]["position"] >= 60
            found = person.decide(found, truth_of(found)).json
        service.line('"trained"')
        assert person.next()["progress"]["trainings"][0]["n_decided"] == 5


def test_when_all_is_labelled_it_says_so(serving, out, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Rain in the north."}\n{"text": "A late goal."}\n')
    with serving(tmp_path / "a.jsonl", "--labels", LABELS, "--out", out, command="desk") as service:
        person = Person(service)
        found = person.decide(person.next(), ["sport"]).json
        found = person.decide(found, []).json
        assert (found["article"], found["finished"]) == (None, True)
    assert [decision.labels for decision in read_decisions(out)] == [("sport",), ()]


@pytest.fixture(scope="module")
def shared(serving, archive, tmp_path_factory):
    """A desk that no test writes to."""
    out = tmp_path_factory.mktemp("out") / "decisions.jsonl"
    with serving(archive, "--labels", LABELS, "--out", out, command="desk") as service:
        yield service
        assert out.read_bytes() == b""


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"annotator": " "}, 422, "annotator"),
        ({"annotator": "a\nb"}, 422, "annotator"),
        ({"annotator": "a" * 81}, 422, "annotator"),
        ({"annotator": 7}, 422, "annotator"),
        ({"session": ""}, 422, "session"),
        ({"position": "1"}, 422, "position"),
        ({"position": True}, 422, "position"),
        ({"position": -1}, 422, "position"),
        ({"position": 90}, 422, "position"),
        ({"labels": "sport"}, 422, "labels"),
        ({"labels": ["sport", 7]}, 422, "labels"),
        ({"labels": ["sport", "art"]}, 422, "labels"),
        ({"labels": ["x"]}, 422, "labels[0]"),
        ({"labels": ["x"] * 1001}, 422, "labels"),
        ({"note": "x" * 2001}, 422, "note"),
        ({"extra": 1}, 422, "extra"),
    ],
)
def test_what_a_wrong_decision_gets(shared, change, status, field):
    right = {"position": 1, "labels": ["sport"], "note": ""}
    found = Person(shared).ask("decisions", **{**right, **change})
    assert (found.status, found.json.get("field")) == (status, field)
    assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"annotator": "Ana", "session": "1"}', "text/plain", 415),
    ],
)
def test_a_body_that_is_none(shared, body, kind, status):
    found = shared.ask("/desk/next", body, headers={"Content-Type": kind})
    assert (found.status, found.json["status"]) == (status, status)


def test_without_a_model_the_other_routes_say_so(shared):
    found = shared.ask("/v1/predict", {"text": "x"})
    assert (found.status, "no model is served here" in found.json["detail"]) == (404, True)
    assert shared.ask("/health/ready").json == {"status": "ready", "models": {}}


def test_an_api_key_keeps_the_desk_closed(desk, tmp_path):
    (tmp_path / "keys.txt").write_text("long-secret\n")
    with desk("--api-key-file", tmp_path / "keys.txt") as service:
        body = {"annotator": "Ana", "session": "1"}
        kind = {"Content-Type": "application/json"}
        assert service.ask("/desk").status == 200
        assert service.ask("/desk/next", body, headers=kind).status == 401
        key = {"Authorization": "Bearer long-secret"}
        assert service.ask("/desk/next", body, headers={**kind, **key}).status == 200
