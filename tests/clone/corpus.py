"""Clones the tables that other projects publish, shallow and deep, and proves that each clone reads the rows of its source.

    python3 tests/clone/corpus.py [--only GLOB] [--jobs N]

Owns nothing of the tables: they lie in ../shared/corpus, or in $DELTIC_CORPUS, and are only read. Without that folder this
says so and succeeds. Tables that this build cannot write, or that are broken, may be refused: but not when a plain copy of
their rows could be made. Exit status: 0 when all is right. The program under test is $DELTIC.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(PROJECT, "tests", "interop"))
import environment  # noqa: E402

UNSUPPORTED = 15


def run(*words):
    return subprocess.run([environment.program(), *words], capture_output=True, text=True, timeout=600)


def rows(table):
    """How many rows, and what they are, whatever their order; None when the table cannot be read."""
    quoted = table.replace("'", "''")
    asked = run("sql", f"SELECT count(*) AS n, bit_xor(hash(t)) AS h, sum(hash(t)::HUGEINT % 1000000007) AS s FROM delta_scan('{quoted}') AS t",
                "--format", "json")
    return asked.stdout if asked.returncode == 0 else None


def look(table):
    """[wrong things], and whether the table was cloned."""
    wrong = []
    expected = rows(table)
    if expected is None:
        return [], False
    cloned = False
    with tempfile.TemporaryDirectory() as scratch:
        for kind in ("deep", "shallow"):
            target = os.path.join(scratch, kind)
            done = run("clone", table, target, *(["--shallow"] if kind == "shallow" else []))
            if done.returncode == UNSUPPORTED:
                continue
            if done.returncode != 0:
                wrong.append(f"{kind} clone of {table}: {done.stderr.strip()[:300]}")
                continue
            cloned = True
            if rows(target) != expected:
                wrong.append(f"{kind} clone of {table} has other rows: {rows(target)} instead of {expected}")
            again = run("clone", table, target, "--replace", "--json", *(["--shallow"] if kind == "shallow" else []))
            if again.returncode != 0 or '"filesCopied":0,' not in again.stdout or '"filesRemoved":0,' not in again.stdout:
                wrong.append(f"{kind} clone of {table}, once more: {again.stdout}{again.stderr.strip()[:300]}")
            elif rows(target) != expected:
                wrong.append(f"{kind} clone of {table} has other rows after another clone")
    return wrong, cloned


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    corpus = os.environ.get("DELTIC_CORPUS", os.path.join(os.path.dirname(PROJECT), "shared", "corpus"))
    logs = glob.glob(os.path.join(glob.escape(corpus), "**", "_delta_log"), recursive=True)
    tables = sorted(t for t in map(os.path.dirname, logs) if fnmatch.fnmatch(os.path.relpath(t, corpus), args.only))
    if not logs:
        print(f"clone: NOT RUN on tables of other writers: none at {corpus} (set DELTIC_CORPUS to name another place)")
        return 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        answers = list(pool.map(look, tables))
    wrong = [text for texts, _ in answers for text in texts]
    for text in wrong:
        print("WRONG " + text)
    print(f"clone: {sum(cloned for _, cloned in answers)} of {len(tables)} tables cloned, {len(wrong)} wrong")
    return 1 if wrong or not any(cloned for _, cloned in answers) else 0


if __name__ == "__main__":
    sys.exit(main())
