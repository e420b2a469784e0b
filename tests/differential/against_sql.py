"""Owns what the proofs that changes do what plain SQL does have in common: the program is run, the table's rows are read into DuckDB and
compared with a query's, for one seed after the other. Knows no operation."""
import argparse, os, shutil, subprocess, tempfile

PROGRAM = os.environ.get("DELTIC", "build/release/bin/deltic")


def run(arguments, what="", must=True):
    """The ended process of `deltic`; AssertionError when it failed and must not."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if must and done.returncode != 0:
        raise AssertionError(f"{what}: {' '.join(arguments)[:400]}: {done.stderr}")
    return done


def read(db, folder, command, name):
    """What a command of rows (export or cdf) answers becomes a table of the database."""
    out = os.path.join(folder, "out.parquet")
    run([*command, *([] if command[0] == "export" else ["-o"]), out, "--quiet"])
    db.execute(f"CREATE OR REPLACE TABLE {name} AS FROM read_parquet('{out}')")


def same(db, got, expected, what):
    """Two queries answer the same rows, each as often."""
    for of, less in ((got, expected), (expected, got)):
        rows = db.execute(f"SELECT x::VARCHAR FROM (({of}) EXCEPT ALL ({less})) AS x LIMIT 3").fetchall()
        if rows:
            raise AssertionError(f"{what}: {'too many' if of == got else 'missing'}: {rows}")


def main(noun, one):
    """`one(seed, folder)` raises AssertionError where something differs; --seed and --<noun> say which seeds and how many."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(f"--{noun}", dest="seeds", type=int, default=60)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix=f"deltic-{noun}-")
    failures = 0
    for seed in range(options.seed, options.seed + options.seeds):
        try:
            one(seed, folder)
        except AssertionError as error:
            failures += 1
            print(error)
    shutil.rmtree(folder)
    print(f"{noun}: {options.seeds} seeds, {failures} failures")
    return 1 if failures else 0
