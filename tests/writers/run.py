"""Many processes write to one table on disk; some of them are killed (SIGKILL) at random points.

    python3 tests/writers/run.py [--kills 200] [--rounds 1] [--seed N] [--speed]

Owns the processes and what must be true afterwards: the table opens; every commit that was acknowledged is in the log at its version,
once; every version is there, whole, with in-commit timestamps that increase; row ids are unique; every live file exists; what was
replaced is gone. The writer is $TABLE_WRITER, by default build/release/bin/table_writer.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

from fleets import arguments_and_dice, log_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WRITER = os.environ.get("TABLE_WRITER", os.path.join(ROOT, "build/release/bin/table_writer"))


class Fleet:
    """Processes that write to one table, and every line they said. One thread."""

    def __init__(self, folder):
        self.table = os.path.join(folder, "table")
        self.folder = folder
        self.running = []
        self.outputs = []
        self.started = 0
        subprocess.run([WRITER, "create", self.table], check=True)

    def start(self, what, count):
        self.started += 1
        name = [] if what == "checkpoint" else [f"w{self.started}"]
        path = os.path.join(self.folder, f"out{self.started}")
        with open(path, "wb") as out, open(path + ".err", "wb") as err:
            process = subprocess.Popen([WRITER, what, self.table, *name, str(count)], stdout=out, stderr=err)
        self.running.append(process)
        self.outputs.append((path, process))
        return process

    def reap(self):
        self.running = [process for process in self.running if process.poll() is None]

    def wait(self):
        for process in self.running:
            process.wait()
        self.running = []

    def said(self):
        lines = []
        for path, _ in self.outputs:
            with open(path) as out:
                lines += out.read().splitlines()
        return lines

    def failures(self):
        """What processes that were not killed said when they failed."""
        texts = []
        for path, process in self.outputs:
            if process.returncode not in (0, -signal.SIGKILL):
                with open(path + ".err") as err:
                    texts.append(f"exit status {process.returncode}: {err.read().strip()}")
        return texts


def check(fleet):
    log = log_of(fleet.table)
    times = [actions[0]["commitInfo"]["inCommitTimestamp"] for actions in log]
    assert all(a < b for a, b in zip(times, times[1:])), "in-commit timestamps do not increase"

    added = {}
    ids = set()
    live = set()
    for version, actions in enumerate(log):
        for action in actions:
            if "remove" in action:
                live.remove(action["remove"]["path"])
        for action in actions:
            if "add" in action:
                add = action["add"]
                name = add["path"][:-len(".parquet")]
                assert name not in added, f"{name} was committed as version {added.get(name)} and {version}"
                added[name] = version
                live.add(add["path"])
                rows = range(add["baseRowId"], add["baseRowId"] + 3)
                assert not ids & set(rows), f"row ids of {name} were given before"
                ids |= set(rows)

    acknowledged = 0
    for line in fleet.said():
        word, *rest = line.split()
        if word == "committed":
            assert added.get(rest[0]) == int(rest[1]), f"acknowledged, but not there: {line}"
            acknowledged += 1
        if word == "replaced":
            assert added.get(rest[1]) == int(rest[2]), f"acknowledged, but not there: {line}"
            assert rest[0] + ".parquet" not in live, f"replaced, but still there: {line}"
            acknowledged += 1

    listed = subprocess.run([WRITER, "list", fleet.table], capture_output=True, text=True, check=True).stdout.splitlines()
    assert listed[0] == f"version {len(log) - 1}", f"{listed[0]} is not the newest, {len(log) - 1}"
    assert {line.split()[0] + ".parquet" for line in listed[1:]} == live, "the table does not show what the log says"
    for path in live:
        assert os.path.exists(os.path.join(fleet.table, path)), f"{path} is in the table, but does not exist"
    failures = fleet.failures()
    assert not failures, "processes failed: " + "; ".join(failures[:3])
    return len(log), acknowledged


def kill_at_random(folder, kills, dice):
    """8 that append, 2 that replace and 2 that checkpoint; whoever is killed or done is replaced."""
    fleet = Fleet(folder)
    kinds = ["append"] * 8 + ["delete"] * 2 + ["checkpoint"] * 2
    slots = [fleet.start(kind, 1000) for kind in kinds]
    killed = 0
    while killed < kills:
        time.sleep(dice.uniform(0, 0.06))
        slot = dice.randrange(len(slots))
        if slots[slot].poll() is None:
            slots[slot].send_signal(signal.SIGKILL)
            slots[slot].wait()
            killed += 1
        slots[slot] = fleet.start(kinds[slot], 1000)
        if killed % 50 == 0:
            subprocess.run([WRITER, "list", fleet.table], stdout=subprocess.DEVNULL, check=True)
    for process in slots:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
    fleet.wait()
    versions, acknowledged = check(fleet)
    print(f"{killed} killed: {versions} versions, {acknowledged} acknowledged, all of them there")


def in_peace(folder):
    """8 append 40 files each while 2 checkpoint: all are there, and how fast."""
    fleet = Fleet(folder)
    start = time.time()
    appenders = [fleet.start("append", 40) for _ in range(8)]
    others = [fleet.start("checkpoint", 5) for _ in range(2)]
    for process in appenders:
        process.wait()
    took = time.time() - start
    for process in others:
        process.wait()
    versions, acknowledged = check(fleet)
    assert acknowledged == 8 * 40, f"{acknowledged} of {8 * 40} commits"
    print(f"8 processes: {acknowledged} commits in {took:.2f} s, {acknowledged / took:.0f} a second")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    args, dice = arguments_and_dice(parser)
    with tempfile.TemporaryDirectory() as folder:
        in_peace(folder)
    with tempfile.TemporaryDirectory() as folder:
        kill_at_random(folder, args.kills, dice)


if __name__ == "__main__":
    sys.exit(main())
