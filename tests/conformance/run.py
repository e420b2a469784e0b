"""Judges deltic on the tables that other projects publish, where a folder of them is present beside this project.

    python3 tests/conformance/run.py [--only GLOB] [--jobs N]

Owns nothing of the tables: they and their judge (check.py) lie in ../shared/corpus, or in $DELTIC_CORPUS, and are only
read. Without that folder this says so and succeeds. Asks two things more than check.py: the tables it marks "soft" must
give the answer that their makers meant (SOFT), and no run may leave a word where none belongs. Exit status: 0 when all is right.
The program under test is $DELTIC, by default build/release/bin/deltic.
"""
import argparse
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(PROJECT, "tests", "interop"))
import environment  # noqa: E402


# Live files of the tables whose recorded answer is that of readers known to be wrong. Both add "/path" and remove
# "file:/path" (or the other way round): one file, so none is left. Protocol: "Add File and Remove File" (paths are URIs).
SOFT = {"golden/canonicalized-paths-normal-a": 0, "golden/canonicalized-paths-normal-b": 0}


def wrong_soft_tables(corpus, program):
    wrong = []
    for path in sorted(glob.glob(os.path.join(glob.escape(corpus), "*", "*", "meta.json"))):
        with open(path) as f:
            if not json.load(f).get("soft"):
                continue
        name = os.path.relpath(os.path.dirname(path), corpus)
        if name not in SOFT:
            wrong.append(f"{name}: a soft table without an answer in SOFT of {os.path.basename(__file__)}")
            continue
        done = subprocess.run([program, "info", os.path.join(os.path.dirname(path), "delta"), "--json"], capture_output=True, timeout=600)
        files = json.loads(done.stdout)["num_files"] if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()
        if files != SOFT[name]:
            wrong.append(f"{name}: {files} files, must be {SOFT[name]}")
    return wrong


def stray_output(corpus, program):
    """Runs that succeed must be silent on stderr, and `export` on stdout; a run that fails must be silent on stdout."""
    wrong = []
    for path in sorted(glob.glob(os.path.join(glob.escape(corpus), "*", "*", "meta.json"))):
        with open(path) as f:
            meta = json.load(f)
        if meta["kind"] == "log-only":
            continue
        name, table = os.path.relpath(os.path.dirname(path), corpus), os.path.join(os.path.dirname(path), "delta")
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([program, "export", table, os.path.join(scratch, "out.parquet")], capture_output=True, timeout=600)
            left = sorted(set(os.listdir(scratch)) - {"out.parquet"})
        if done.stdout:
            wrong.append(f"{name}: export wrote to standard output: {done.stdout[:120]!r}")
        if done.returncode == 0 and done.stderr:
            wrong.append(f"{name}: export succeeded and wrote to standard error: {done.stderr[:120]!r}")
        if left:
            wrong.append(f"{name}: export left other files: {left}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    corpus = os.environ.get("DELTIC_CORPUS", os.path.join(os.path.dirname(PROJECT), "shared", "corpus"))
    check = os.path.join(corpus, "check.py")
    if not os.path.exists(check):
        print(f"conformance: NOT RUN: no tables of other writers at {corpus} (set DELTIC_CORPUS to name another place)")
        return 0
    program = environment.program()
    if not os.access(program, os.X_OK):
        print(f"conformance: no program at {program}: build it, or name one by DELTIC", file=sys.stderr)
        return 1
    command = [environment.python(), check, "--export", f"{shlex.quote(program)} export {{table}} {{out}}",
               "--files", f"{shlex.quote(program)} info {{table}} --json", "--only", args.only, "--jobs", str(args.jobs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    # check.py lists soft tables by the answer of readers that are wrong there: not ours to repeat.
    print("".join(line + "\n" for line in done.stdout.splitlines() if not line.startswith("soft ")), end="")
    soft = wrong_soft_tables(corpus, program)
    for text in soft:
        print("SOFT " + text)
    print("soft tables: " + ("wrong" if soft else f"all {len(SOFT)} give what their makers meant"))
    stray = stray_output(corpus, program) if args.only == "*" else []
    for text in stray:
        print("STRAY " + text)
    return 0 if done.returncode == 0 and not soft and not stray else 1


if __name__ == "__main__":
    sys.exit(main())
