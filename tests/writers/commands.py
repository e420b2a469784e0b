"""Real `deltic` processes change and maintain one table at once, and are stopped and killed at random moments.

    python3 tests/writers/commands.py [--seconds 20] [--seed N]

Owns what must be true afterwards. Beside each other (append, delete, update, merge, optimize, reorg, vacuum, restore; a third of them killed
by SIGKILL, SIGTERM or SIGINT): each change that was acknowledged is in the log once and one that was refused is not; versions have no gap;
the rows are those that the log's operations give when a dictionary replays them in the log's order; every version within the retention has
all its files, data and deletion vectors; what is left over beside them is what a last vacuum takes. Each by itself, stopped by SIGINT or
SIGTERM: its exit status says so, and the table's folder is as it was, or the operation is done. $DELTIC is the program, by default
build/release/bin/deltic.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

from fleets import arguments_and_dice, log_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DELTIC = os.environ.get("DELTIC", os.path.join(ROOT, "build/release/bin/deltic"))
RETENTION_S = 20
KEYS = 40  # merges write rows of keys below this
# Killed; stopped in order; and a signal that came before the program could catch any.
STOPPED = (-signal.SIGKILL, 128 + signal.SIGTERM, 128 + signal.SIGINT, -signal.SIGTERM, -signal.SIGINT)
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def run(*arguments):
    done = subprocess.run([DELTIC, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"deltic {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def rows_of(table):
    return sorted((int(r["id"]), int(r["p"]), int(r["v"])) for r in map(json.loads, run("cat", table, "--format", "json").splitlines()))


def vector_file(vector):
    """The file of a deletion vector in the table's folder, or None for one in the log itself."""
    if vector["storageType"] == "i":
        return None
    assert vector["storageType"] == "u", vector
    text, data = vector["pathOrInlineDv"], b""
    for at in range(len(text) - 20, len(text), 5):
        value = 0
        for c in text[at:at + 5]:
            value = value * 85 + Z85.index(c)
        data += value.to_bytes(4, "big")
    prefix = text[:-20] + "/" if len(text) > 20 else ""
    return f"{prefix}deletion_vector_{uuid.UUID(bytes=data)}.bin"


def files_of(add):
    files = {urllib.parse.unquote(add["path"])}
    if add.get("deletionVector"):
        files |= {vector_file(add["deletionVector"])} - {None}
    return files


def versions_files(log):
    """The files that each version needs."""
    live, versions = {}, []
    for actions in log:
        for action in actions:
            if "remove" in action:
                del live[action["remove"]["path"]]
        for action in actions:
            if "add" in action:
                assert action["add"]["path"] not in live, "a file was added twice"
                live[action["add"]["path"]] = files_of(action["add"])
        versions.append(set().union(*live.values()))
    return versions


def folder_files(table):
    """The files beside the log."""
    found = set()
    for folder, _, names in os.walk(table):
        inside = os.path.relpath(folder, table)
        if inside.split(os.sep)[0] != "_delta_log":
            found |= {os.path.normpath(os.path.join(inside, name)) for name in names}
    return found


class Operations:
    """Operations drawn at random: each a command line, and what it makes of the rows {id: (p, v)}."""

    def __init__(self, table, dice):
        self.table, self.dice, self.next_id, self.newest = table, dice, 1000, 0

    def draw(self):
        kinds = ["append"] * 3 + ["delete"] * 3 + ["update"] * 3 + ["merge"] * 3 + ["optimize", "reorg", "vacuum", "restore"]
        return getattr(self, self.dice.choice(kinds))()

    def append(self):
        count, first, p = self.dice.randrange(1, 40), self.next_id, self.dice.randrange(3)
        self.next_id += count
        sql = f"select i::bigint as id, {p}::bigint as p, 0::bigint as v from range({first}, {first + count}) t(i)"
        return ["write", self.table, "--from", sql], lambda rows: rows.update({i: (p, 0) for i in range(first, first + count)})

    def some(self):
        p, of = self.dice.randrange(3), self.dice.choice([3, 5, 9, 14])
        rest = self.dice.randrange(of)
        return f"p = {p} and id % {of} = {rest}", lambda i, row: row[0] == p and i % of == rest

    def delete(self):
        where, hits = self.some()

        def apply(rows):
            for i in [i for i, row in rows.items() if hits(i, row)]:
                del rows[i]
        return ["delete", self.table, "--where", where], apply

    def update(self):
        where, hits = self.some()
        return (["update", self.table, "--where", where, "--set", "v = v + 1"],
                lambda rows: rows.update({i: (p, v + 1) for i, (p, v) in rows.items() if hits(i, (p, v))}))

    def merge(self):
        first = self.dice.randrange(KEYS - 5)
        sql = f"select i::bigint as id, (i % 3)::bigint as p, 1::bigint as v from range({first}, {first + 5}) t(i)"

        def apply(rows):
            for i in range(first, first + 5):
                rows[i] = (rows[i][0], rows[i][1] + 1) if i in rows else (i % 3, 1)
        return ["merge", self.table, "--source-sql", sql, "--on", "target.id = source.id", "--when",
                "matched then update set v = target.v + 1", "--when", "not matched then insert *"], apply

    def optimize(self):
        return ["optimize", self.table], lambda rows: None

    def reorg(self):
        return ["reorg", self.table], lambda rows: None

    def vacuum(self):
        lite = ["--lite"] if self.dice.random() < 0.3 else []
        return ["vacuum", self.table, "--retention", f"{RETENTION_S} seconds", "--no-retention-check", *lite], None

    def restore(self):
        return ["restore", self.table, "--version", str(max(0, self.newest - self.dice.randrange(1, 12)))], "restore"


class Fleet:
    """Processes that work on one table, and how each ended. One thread."""

    def __init__(self, folder, dice):
        self.table, self.dice = os.path.join(folder, "table"), dice
        run("write", self.table, "--from", "select i::bigint as id, (i % 3)::bigint as p, 0::bigint as v from range(100, 400) t(i)", "--property",
            "delta.enableDeletionVectors=true", "--property", "delta.isolationLevel=Serializable", "--property", "delta.checkpointInterval=7")
        self.operations = Operations(self.table, dice)
        self.running, self.done = [], []

    def start(self):
        line, apply = self.operations.draw()
        name = f"op{len(self.done) + len(self.running)}"
        process = subprocess.Popen([DELTIC, *line, "--user-metadata", name, "--threads", "1", "--quiet"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        now = time.time()
        hit = None
        if self.dice.random() < 0.35:
            hit = (now + self.dice.uniform(0, 0.5), self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        self.running.append({"name": name, "line": line, "apply": apply, "process": process, "hit": hit, "start": now})

    def step(self):
        for op in list(self.running):
            if op["hit"] and time.time() >= op["hit"][0]:
                op["process"].send_signal(op["hit"][1])
                op["hit"] = None
                op["was_hit"] = True
            if time.time() > op["start"] + RETENTION_S / 2 and op["process"].poll() is None:
                op["process"].kill()  # on a busy machine: a writer slower than the retention loses its files to a vacuum
                op["was_hit"] = True
            if op["process"].poll() is None:
                continue
            op["out"], op["err"] = op["process"].communicate()
            op["code"], op["end"] = op["process"].returncode, time.time()
            self.running.remove(op)
            self.done.append(op)
        names = [name for name in os.listdir(os.path.join(self.table, "_delta_log")) if len(name) == 25 and name.endswith(".json")]
        self.operations.newest = len(names) - 1

    def age_orphans(self):
        """Makes what dead processes left look old, so that vacuums beside the others find something to do."""
        busy = min((op["start"] for op in self.running), default=time.time())
        named = set().union(*versions_files(log_of(self.table)))
        for name in folder_files(self.table) - named:
            path = os.path.join(self.table, name)
            try:
                if os.stat(path).st_mtime < busy - 1:
                    os.utime(path, (busy - 90_000, busy - 90_000))
            except FileNotFoundError:
                pass


def check_endings(fleet, log):
    at = {}
    for version, actions in enumerate(log):
        name = actions[0]["commitInfo"].get("userMetadata")
        if name and not actions[0]["commitInfo"]["operation"].startswith("VACUUM"):
            assert name not in at, f"{name} is version {at.get(name)} and {version}"
            at[name] = version
    tally = {}
    for op in fleet.done:
        kind, code = op["line"][0], op["code"]
        tally[(kind, code)] = tally.get((kind, code), 0) + 1
        stopped = op.get("was_hit") and code in STOPPED
        assert code == 0 or stopped or is_refusal(op), f"{op['line']} ended with {code}: {op['err']}"
        assert code == 0 or stopped or op["name"] not in at, f"{op['line']} was refused, and is version {at[op['name']]}"
        if code == 0 and kind in ("write", "merge"):
            assert op["name"] in at, f"{op['line']} was acknowledged and is not in the log"
    return at, tally


def is_refusal(op):
    """A conflict, or a restore of a version whose files a vacuum took: what anybody must expect beside others."""
    text = op["err"]
    return "onflict" in text or (op["line"][0] == "restore" and "cannot be restored" in text)


def replay(fleet, log, at):
    """The rows that the log's operations give, one after another."""
    by_version = {version: next(op for op in fleet.done if op["name"] == name) for name, version in at.items()}
    rows = {i: (i % 3, 0) for i in range(100, 400)}
    history = []
    for version in range(len(log)):
        op = by_version.get(version)
        if op and op["apply"] == "restore":
            rows = dict(history[int(op["line"][3])])
        elif op and op["apply"]:
            op["apply"](rows)
        history.append(dict(rows))
    return history


def together(folder, dice, seconds):
    fleet = Fleet(folder, dice)
    table = fleet.table
    end = time.time() + seconds
    aged = time.time()
    while time.time() < end or fleet.running:
        while time.time() < end and len(fleet.running) < 6:
            fleet.start()
        fleet.step()
        if time.time() > aged + 3:
            fleet.age_orphans()
            aged = time.time()
        time.sleep(0.01)
    log = log_of(table)
    at, tally = check_endings(fleet, log)
    history = replay(fleet, log, at)
    expected = sorted((i, p, v) for i, (p, v) in history[-1].items())
    assert rows_of(table) == expected, f"the rows are not those of the log: {set(rows_of(table)) ^ set(expected)}"
    needed, there = versions_files(log), folder_files(table)
    horizon = time.time() - RETENTION_S + 2
    for version, files in enumerate(needed):
        ended = log[version + 1][0]["commitInfo"]["timestamp"] / 1000 if version + 1 < len(log) else time.time()
        if ended > horizon:
            assert files <= there, f"version {version} lacks {files - there}"
    looked = dice.sample(range(max(0, len(log) - 15), len(log)), min(4, len(log)))
    for version in looked:
        if log[version][0]["commitInfo"]["timestamp"] / 1000 > horizon:
            shown = sorted((int(r["id"]), int(r["p"]), int(r["v"])) for r in
                           map(json.loads, run("cat", table, "--format", "json", "--version", str(version)).splitlines()))
            assert shown == sorted((i, p, v) for i, (p, v) in history[version].items()), f"version {version} shows other rows"
    left = there - set().union(*needed)
    for name in there:  # so that the last vacuum takes temporary files too, which stay for a day
        os.utime(os.path.join(table, name), (time.time() - 90_000, time.time() - 90_000))
    run("vacuum", table, "--retention", "0 seconds", "--no-retention-check")
    assert folder_files(table) == needed[-1], f"after the last vacuum: {folder_files(table) ^ needed[-1]}"
    assert rows_of(table) == expected, "a vacuum changed rows"
    print(f"{len(fleet.done)} processes made {len(log)} versions; {len(left)} files were left over")
    for (kind, code), count in sorted(tally.items()):
        print(f"  {kind:<9} exit status {code:>4}: {count}")


def alone(folder, dice):
    """Each command by itself, stopped: the folder is as it was, or the operation is done."""
    source = os.path.join(folder, "source")
    run("write", source, "--from", "select i::bigint as id, (i % 3)::bigint as p, 0::bigint as v from range(400000) t(i)", "--partition-by", "p")
    run("write", source, "--from", "select i::bigint as id, (i % 3)::bigint as p, 0::bigint as v from range(400000, 800000) t(i)")
    run("delete", source, "--where", "id % 10 = 1")
    table = os.path.join(folder, "alone")
    lines = [["write", table, "--from", "select i::bigint as id, (i % 3)::bigint as p, 1::bigint as v from range(1000000, 1600000) t(i)"],
             ["delete", table, "--where", "id % 7 = 3"], ["update", table, "--where", "id % 7 = 3", "--set", "v = 9"],
             ["merge", table, "--source-sql", "select i::bigint as id, 1::bigint as p, 2::bigint as v from range(0, 900000, 9) t(i)", "--on",
              "target.id = source.id", "--when", "matched then update set *", "--when", "not matched then insert *"],
             ["optimize", table, "--zorder-by", "id"], ["restore", table, "--version", "1"],
             ["vacuum", table, "--retention", "0 seconds", "--no-retention-check"],
             ["clone", source, os.path.join(folder, "cloned")]]
    for line in lines:
        stopped = 0
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            subprocess.run(["rm", "-rf", table, os.path.join(folder, "cloned")], check=True)
            subprocess.run(["cp", "-r", source, table], check=True)
            before, versions = folder_files(table), len(log_of(table))
            process = subprocess.Popen([DELTIC, *line, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(dice.uniform(0.003, 0.03) if line[0] in ("restore", "vacuum", "clone") else dice.uniform(0.03, 0.3))
            process.send_signal(stop)
            error = process.communicate()[1]
            assert process.returncode in (0, 128 + stop, -stop), f"{line} ended with {process.returncode}: {error}"
            if process.returncode == 0:
                continue
            stopped += 1
            if line[0] == "vacuum":
                assert versions_files(log_of(table))[-1] <= folder_files(table), f"a stopped vacuum took live files"
                continue
            assert len(log_of(table)) == versions, f"{line} was stopped, and made a version"
            assert folder_files(table) == before, f"{line} was stopped, and left {folder_files(table) - before}"
            if line[0] == "clone":
                left = folder_files(os.path.join(folder, "cloned")) if os.path.isdir(os.path.join(folder, "cloned")) else set()
                assert not left, f"a stopped clone left {left}"
        print(f"  {line[0]:<9} stopped {stopped} of 3 times: nothing is left of it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    args, dice = arguments_and_dice(parser)
    with tempfile.TemporaryDirectory() as folder:
        alone(folder, dice)
    with tempfile.TemporaryDirectory() as folder:
        together(folder, dice, args.seconds)


if __name__ == "__main__":
    sys.exit(main())
