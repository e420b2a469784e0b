"""Owns the proof that a vacuum deletes nothing a table needs, on tables that other writers made: each is copied, read,
vacuumed with no retention at all, and must read the same rows. Tables that deltic does not read or write are counted.

    python3 tests/conformance/vacuum.py PROGRAM CORPUS
"""
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile


def rows(program, table):
    """Whether the table can be read, and a digest of its rows in any order."""
    done = subprocess.run([program, "cat", table], capture_output=True, check=False)
    return done.returncode == 0, hashlib.sha256(b"\n".join(sorted(done.stdout.split(b"\n")))).hexdigest()


def main():
    program, corpus = sys.argv[1:3]
    same, different, refused, unreadable, deleted = 0, [], 0, 0, 0
    for log in sorted(glob.glob(os.path.join(corpus, "**", "_delta_log"), recursive=True)):
        with tempfile.TemporaryDirectory() as scratch:
            table = os.path.join(scratch, "table")
            shutil.copytree(os.path.dirname(log), table, symlinks=True)
            before = rows(program, table)
            if not before[0]:
                unreadable += 1
                continue
            done = subprocess.run([program, "vacuum", table, "--retention", "0", "--no-retention-check", "--json"],
                                  capture_output=True, check=False)
            if rows(program, table) != before:
                different.append(os.path.dirname(log))
            elif done.returncode != 0:
                refused += 1
            else:
                same += 1
                deleted += json.loads(done.stdout)["numFiles"]
    print(f"{same} tables read the same after a vacuum that deleted {deleted} files in all; {refused} refused, "
          f"{unreadable} not readable; different: {different or 'none'}")
    sys.exit(1 if different or same == 0 else 0)


if __name__ == "__main__":
    main()
