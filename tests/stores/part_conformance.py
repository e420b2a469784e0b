"""The conformance tests (tests/conformance: tables that other projects publish) through s3://: the tables are copied into a bucket, and a
program that is deltic but for the place of the tables is judged. Without ../shared/corpus this says so."""
import os
import shutil
import subprocess
import sys

import programs
import servers
import tools

BUCKET = "deltic-corpus"
CORPUS = os.path.abspath(os.environ.get("DELTIC_CORPUS", os.path.join(tools.PROJECT, "..", "shared", "corpus")))


def run():
    if not os.path.isdir(CORPUS):
        return "there is no ../shared/corpus: nothing was run"
    with servers.start("versitygw", BUCKET) as server:
        data = os.path.join(server.folder, "data", BUCKET)
        tables = 0
        for folder, folders, _ in os.walk(CORPUS):
            if "delta" in folders and os.path.exists(os.path.join(folder, "meta.json")):
                shutil.copytree(os.path.join(folder, "delta"), os.path.join(data, os.path.relpath(folder, CORPUS), "delta"))
                folders.clear()
                tables += 1
        program = programs.moved(server.folder, CORPUS, f"s3://{BUCKET}")
        done = subprocess.run([sys.executable, os.path.join(tools.PROJECT, "tests", "conformance", "run.py")],
                              env={**os.environ, **server.environment, "DELTIC": program}, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
        right = next(line for line in done.stdout.splitlines() if line.endswith(" right"))
        return f"{tables} tables in a bucket: {right}"
