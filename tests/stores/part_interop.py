"""The interoperability tests (tests/interop: tables that Spark and delta-rs made, with what they read of them) through s3://: the tables are
copied into a bucket, and a program that is deltic but for the place of the tables is asked what every test of reading asks, of the newest
version of each. S3 tells times in whole seconds: travel by time is left to the tests on disk. Spark and deltic in turns on one table of a
bucket: part_spark.py."""
import os
import shutil
import subprocess
import sys

import programs
import servers
import tools

sys.path.append(os.path.join(tools.PROJECT, "tests", "interop"))
import environment  # noqa: E402

BUCKET = "deltic-interop"


def run():
    if not environment.java():
        return "there is no Java, so no Spark: nothing was run"
    interop = os.path.join(tools.PROJECT, "tests", "interop")
    subprocess.run([sys.executable, os.path.join(interop, "run.py"), "--make-only"], check=True, stdout=subprocess.DEVNULL)
    folders = [environment.tables(writer) for writer in ("spark", "deltars")]
    home = os.path.dirname(folders[0])
    with servers.start("versitygw", BUCKET) as server:
        for folder in folders:
            shutil.copytree(folder, os.path.join(server.folder, "data", BUCKET, os.path.relpath(folder, home)),
                            ignore=lambda path, names: ["expected"] if "expected" in names else [])
        program = programs.moved(server.folder, home, f"s3://{BUCKET}")
        done = subprocess.run([environment.python(), os.path.join(interop, "compare.py"), "--newest", "--no-times", "--filters", "4", *folders],
                              env={**os.environ, **server.environment, "DELTIC": program}, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
        return next(line for line in done.stdout.splitlines() if " tables right, " in line)
