"""Owns the verdict on a damaged table: runs the program of env DELTIC (default build/release/bin/deltic) on it, under a
time limit and a memory limit, and says whether what it did may be done. Knows no damage and no table by name.

A run may end in two ways. Either the damage is one that the protocol lets a reader pass over, and the rows are exactly
those of the whole table; or the program refuses with one of its own exit statuses, a message that names the damaged
file, and no output file. A signal, a hang, an "Internal" error, other rows, or a message that does not say where to look
is a failure, whatever the damage.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
BUILT = os.access(DELTIC, os.X_OK)
# NotFound, Unsupported, Corrupt, Unavailable: what a table can be the cause of. InvalidArgument is the caller's fault, and
# Internal the program's: neither fits a damaged table.
REFUSALS = {12: "NotFound", 15: "Unsupported", 16: "Corrupt", 19: "Unavailable"}
# Of a place in another store also what the caller's options are the cause of: InvalidArgument, PermissionDenied.
ELSEWHERE = {**REFUSALS, 11: "InvalidArgument", 18: "PermissionDenied"}
TIMEOUT_S = 20
# No credentials of whoever runs this, and nobody is asked for any.
ALONE = {name: value for name, value in os.environ.items() if not name.upper().startswith(("AWS_", "AZURE_", "GOOGLE_", "HDFS_"))}
ALONE.update(HOME="/nowhere", AWS_EC2_METADATA_DISABLED="true")
# A shell sets the limit: a function between fork and exec would make Python copy its own address space each time.
LIMITED = ["/bin/sh", "-c", 'ulimit -v 6291456; ulimit -c 0; exec "$@"', "sh"]

# What may come of a damage.
SAME = "same"      # exit 0 and the whole table's rows
ERROR = "error"    # a refusal
EITHER = "either"  # one of the two


class Damage:
    """One damage: its name, apply(folder) which does it to a copy of the table, what may come of it, and words of which
    the message must hold one. `rows` are rows that are right too, where the damage makes another valid table. `command`
    reads it; `refusals` are the exit statuses that fit."""

    def __init__(self, name, apply, expect=ERROR, names=(), rows=None, command="export", refusals=REFUSALS):
        self.name, self.apply, self.expect, self.rows, self.command = name, apply, expect, rows, command
        self.refusals = refusals
        self.names = (names,) if isinstance(names, str) else tuple(names)


def normal(rows):
    """Rows as a multiset that does not depend on their order or on how JSON spells them."""
    return collections.Counter(json.dumps(row, sort_keys=True) for row in rows)


def _command(damage, table, out):
    limits = ["--threads", "2", "--memory-limit", "1GB"]
    if damage.command == "export":
        return [DELTIC, "export", table, out / "rows.json", "--quiet", *limits]
    return [DELTIC, damage.command, table, "--json"]


def _judge(whole, expected, damage, folder):
    table, out = folder / "t", folder / "out"
    shutil.copytree(whole, table, symlinks=True)
    out.mkdir()
    damage.apply(table)
    try:
        run = subprocess.run(LIMITED + list(map(str, _command(damage, table, out))), capture_output=True, timeout=TIMEOUT_S,
                             stdin=subprocess.DEVNULL, cwd=folder, env=ALONE)
    except subprocess.TimeoutExpired:
        return f"no answer after {TIMEOUT_S} s"
    message = run.stderr.decode("utf-8", "replace")
    said = message.strip()[:400]
    if run.returncode < 0 or run.returncode > 100:
        return f"ended by a signal, status {run.returncode}: {said}"
    left = sorted(path.name for path in out.iterdir())
    if run.returncode == 0:
        if damage.command != "export":
            return f"exit 0, where an error was due: {run.stdout[:200]}" if damage.expect == ERROR else None
        if left != ["rows.json"]:
            return f"exit 0 and these files: {left}"
        rows = normal(json.loads(line) for line in (out / "rows.json").read_text(encoding="utf-8").split("\n") if line)
        if damage.rows is not None and rows == normal(damage.rows):
            return None
        if damage.expect == ERROR:
            return f"exit 0 and {sum(rows.values())} rows, where an error was due"
        if rows != expected:
            return f"WRONG ROWS: {sum((rows - expected).values())} too many, {sum((expected - rows).values())} missing"
        return None
    if damage.expect == SAME:
        return f"refused, where the rows were to be had: {said}"
    if run.returncode not in damage.refusals:
        return f"exit status {run.returncode} is not one of {damage.refusals}: {said}"
    if left:
        return f"refused, and left {left} behind"
    if damage.names and not any(name in message for name in damage.names):
        return f"the message names none of {damage.names}: {said}"
    if not said or "\0" in said:
        return f"the message is no text: {said!r}"
    return None


def check(test, whole, expected_rows, damages):
    """Judges every damage of the table at `whole`; fails the test with the list of those that went wrong."""
    expected = normal(expected_rows)

    def one(damage):
        with tempfile.TemporaryDirectory(prefix="deltic-corrupt-") as folder:
            try:
                verdict = _judge(whole, expected, damage, pathlib.Path(folder))
            except Exception as error:  # a mistake of the test itself is a failure of this damage, not of all
                verdict = f"the test itself failed: {error!r}"
        if verdict:
            print(f"\n{damage.name}: {verdict}", file=sys.stderr, flush=True)
        return damage.name, verdict

    names = [damage.name for damage in damages]
    test.assertEqual(len(names), len(set(names)), "two damages have one name")
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        verdicts = list(pool.map(one, damages))
    wrong = [name for name, verdict in verdicts if verdict]
    test.counted += len(damages)
    if wrong:
        test.fail(f"{len(wrong)} of {len(damages)} damages went wrong (told above): " + "; ".join(wrong))
