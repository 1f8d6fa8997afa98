from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from tests.support import PACKAGE
from topicml.exceptions import TopicmlError
from topicml.locking import locked

# Locks a file, says so, and keeps it until its input ends.
HOLDER = (
    "import sys; from pathlib import Path; from topicml.locking import locked\n"
    "with locked(Path(sys.argv[1]), 'busy', temporary='temporary' in sys.argv):\n"
    "    print('locked', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def holder(path, request):
    """Another process that holds the lock."""
    arguments = [sys.executable, "-c", HOLDER, str(path), *getattr(request, "param", [])]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment}
    with subprocess.Popen(arguments, **pipes) as process:
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


def is_free(path):
    try:
        with locked(path, "busy"):
            return True
    except TopicmlError:
        return False


class TestLocked:
    @pytest.mark.usefixtures("holder")
    def test_what_another_process_holds_is_an_error_in_the_caller_s_words(self, path):
        with (
            pytest.raises(TopicmlError, match=r"^another process is at work$"),
            locked(path, "another process is at work"),
        ):
            pass

    def test_in_one_process_it_holds_among_threads_and_callers(self, path):
        with locked(path, "busy"):
            assert not is_free(path)
        assert is_free(path)

    def test_who_is_patient_goes_on_when_the_other_is_done(self, path, holder):
        holder.stdin.close()
        with locked(path, "busy", patience=60.0):
            assert path.exists()

    def test_it_ends_with_the_process_that_holds_it(self, path, holder):
        holder.kill()
        holder.wait()
        assert is_free(path)

    @pytest.mark.parametrize("holder", [["temporary"]], indirect=True)
    def test_a_file_that_was_removed_meanwhile_is_not_the_one_that_is_locked(self, path, holder):
        """The waiting one has opened the file that its holder removes: the lock must be on the next one."""
        holder.stdin.close()
        with locked(path, "busy", patience=60.0):
            assert path.exists()
            assert not is_free(path)

    @pytest.mark.parametrize("temporary", [False, True])
    def test_a_temporary_file_goes(self, path, temporary):
        with locked(path, "busy", temporary=temporary):
            assert path.exists()
        assert path.exists() is not temporary

    def test_a_file_keeps_what_it_holds(self, path):
        path.write_bytes(b"rows\n")
        with locked(path, "busy") as file:
            assert file.read() == b"rows\n"

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has locks of another kind")
    def test_where_files_cannot_be_locked_it_is_said_and_work_goes_on(self, path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr("fcntl.flock", refuse)
        with (
            pytest.warns(UserWarning, match=r"cannot be locked here \(No locks available\)"),
            locked(path, "busy"),
        ):
            assert path.exists()
