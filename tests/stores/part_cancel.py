"""Ctrl-C while a server takes requests and does not answer, or answers 503 to all of them: the command ends soon, as cancelled, and leaves
nothing behind that it had begun to write; except a commit that the server may have made, whose files stay.

Owns which requests are kept waiting, by a proxy before a real server. How long is soon is not measured: only that nobody waits for the
minutes that the server would take, or that retries would.
"""
import os
import signal
import subprocess
import tempfile
import threading
import time

import objects
import programs
import proxy
import servers

BUCKET = "deltic-cancel"
URL = f"s3://{BUCKET}/table"
MINUTES = 150  # what a kept request would take
SOON = 60      # seconds, far above what it takes on a busy machine
BUSY = proxy.s3_error("busy", False, 503, "SlowDown")
ROWS = "select range as id, repeat('x', 20) as text from range(1000)"


def run():
    with servers.start("versitygw", BUCKET) as server:
        deltic(server.environment, "create", URL, "id bigint, text string")
        deltic(server.environment, "write", URL, "--from", ROWS)
        steps = 0
        for ill in (SILENT, BUSY):
            with Watched(server, ill) as watched:
                reads(watched)
                writes(watched)
                steps += watched.steps
        with Watched(server, SILENT) as watched:
            commits(watched)
            steps += watched.steps
    return f"{steps} commands were cancelled while a server did not answer"


SILENT = proxy.Fault("silent", forward=False, wait_before=MINUTES)
DONE_AND_SILENT = proxy.Fault("done and silent", wait_after=MINUTES)


def environment_of(environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**clean, **environment}


def deltic(environment, *words):
    done = subprocess.run([programs.path("deltic"), *words], env=environment_of(environment), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


class Watched:
    """The server behind a proxy at which some requests meet `ill`."""

    def __init__(self, server, ill):
        self.server, self.ill, self.steps = server, ill, 0
        self._chooses, self._met = lambda request: False, threading.Event()
        self._proxy = proxy.Proxy(server.port, self._plan)
        self.environment = {**server.environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._proxy.port}"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._proxy.close()

    def _plan(self, request):
        if not self._chooses(request):
            return None
        self._met.set()
        return self.ill

    def cancel(self, chooses, *words):
        """Runs a command, and interrupts it once it has asked for what is kept. Answers exit status and what it said."""
        self._chooses, self.steps = chooses, self.steps + 1
        self._met.clear()
        process = subprocess.Popen([programs.path("deltic"), *words], env=environment_of(self.environment), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            assert self._met.wait(SOON), f"{words}: nothing was kept"
            time.sleep(0.3)  # it waits, or has begun to try again
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=SOON)
        finally:
            process.kill()
            process.wait()
            self._chooses = lambda request: False
        return process.returncode, said

    def cancelled(self, chooses, *words):
        status, said = self.cancel(chooses, *words)
        assert status == 130, f"{self.ill.name}: {words}: {status}: {said}"
        assert "Unavailable" not in said, f"{self.ill.name}: {words}: {said}"
        return said

    def keys(self):
        return objects.keys(self.server, BUCKET)


def is_data(request):
    return ".parquet" in request.path and "_delta_log" not in request.path


def reads(watched):
    before = watched.keys()
    watched.cancelled(lambda request: True, "info", URL)
    watched.cancelled(lambda request: True, "history", URL)
    watched.cancelled(is_data, "cat", URL)
    watched.cancelled(is_data, "sql", f"select sum(length(text)) from delta_scan('{URL}')")
    with tempfile.TemporaryDirectory() as folder:
        watched.cancelled(is_data, "export", URL, os.path.join(folder, "out.parquet"))
        assert os.listdir(folder) == [], os.listdir(folder)
    assert watched.keys() == before


def writes(watched):
    """A data file's put is kept, and what removes it is not: it is gone as soon as the server has it."""
    before = watched.keys()

    def puts_data(request):
        return is_data(request) and request.method == "PUT"

    watched.cancelled(puts_data, "write", URL, "--from", ROWS)
    watched.cancelled(puts_data, "update", URL, "--set", "text = 'y'")
    assert watched.keys() == before, set(watched.keys()) ^ set(before)
    # The server has it already.
    ill, watched.ill = watched.ill, DONE_AND_SILENT
    watched.cancelled(puts_data, "write", URL, "--from", ROWS)
    watched.ill = ill
    assert watched.keys() == before, set(watched.keys()) ^ set(before)


def commits(watched):
    def puts_commit(request):
        return request.method == "PUT" and request.path.endswith(".json") and "_delta_log/0" in request.path

    def rows():
        return int(deltic(watched.server.environment, "count", URL))

    # It was made: its answer is lost, and reading it back tells.
    had = rows()
    watched.ill = DONE_AND_SILENT
    watched.cancel(puts_commit, "write", URL, "--from", ROWS)
    assert rows() == had + 1000, "the commit was made: its rows are there"
    deltic(watched.server.environment, "sql", f"select sum(length(text)) from delta_scan('{URL}')")
    # It may still be made: the files that it names are not removed.
    files = {key for key in watched.keys() if key.endswith(".parquet")}
    watched.ill = SILENT
    status, said = watched.cancel(puts_commit, "write", URL, "--from", ROWS)
    assert status != 0 and "CommitUnknown" in said, f"{status}: {said}"
    assert len({key for key in watched.keys() if key.endswith(".parquet")} - files) == 1, said
    assert rows() == had + 1000
