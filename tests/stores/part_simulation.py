"""The simulator's histories over a real S3 server: turns, faults and the clock are simulated, the objects lie in a bucket."""
import os
import subprocess

import programs
import servers

SEEDS = "1..25"


def run():
    with servers.start("versitygw", "deltic-sim") as server:
        done = subprocess.run([os.path.join(programs.FOLDER, "sim"), "--store", "s3://deltic-sim/worlds", "--upkeep", "20", "--seeds", SEEDS],
                              env={**os.environ, **server.environment}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.split("\n")[0]
