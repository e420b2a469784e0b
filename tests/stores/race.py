"""Owns a race of many processes that append to one table, and what must be true afterwards: every version is there, every commit that was
acknowledged is in the log once, at the version that was told. The processes are tests/writers/table_writer, or whatever is given."""
import os
import subprocess
import tempfile

import objects
import programs


def run(server, bucket, url, environment, processes=16, commits=4, quiet_environment=None, others=()):
    """Creates the table at url as `quiet_environment` sees it, then lets the processes append as `environment` does. `others` are more
    processes: (command, environment) whose output has lines "committed NAME VERSION" too. Answers a text for people."""
    writer = programs.path("table_writer")
    table = url.split("/", 3)[3]
    subprocess.run([writer, "create", url], env={**os.environ, **(quiet_environment or environment)}, check=True, timeout=120)
    with tempfile.TemporaryDirectory() as folder:
        commands = [([writer, "append", url, f"w{i}", str(commits)], environment) for i in range(processes)] + list(others)
        running = []
        for i, (command, variables) in enumerate(commands):
            with open(f"{folder}/{i}.out", "wb") as out, open(f"{folder}/{i}.err", "wb") as err:
                running.append(subprocess.Popen(command, env={**os.environ, **variables}, stdout=out, stderr=err))
        problems = []
        for i, process in enumerate(running):
            if process.wait(timeout=300) != 0:
                problems.append(f"process {i} ended with {process.returncode}: {text(f'{folder}/{i}.err')[-400:].strip()}")
        said = "".join(text(f"{folder}/{i}.out") for i in range(len(running))).splitlines()
    log = objects.commits(server, bucket, table)
    versions = check(log, said)
    assert not problems, f"{len(problems)} of {len(running)} processes failed: " + "; ".join(problems[:3])
    listed = subprocess.run([writer, "list", url], env={**os.environ, **(quiet_environment or environment)}, capture_output=True, text=True,
                            check=True, timeout=120).stdout.splitlines()
    assert listed[0] == f"version {versions - 1}", f"deltic sees {listed[0]}, the newest is {versions - 1}"
    return f"{len(running)} processes, {versions} versions, {len(said)} acknowledged"


def check(log, said):
    assert sorted(log) == list(range(len(log))), f"versions are missing: {sorted(set(range(max(log) + 1)) - set(log))}"
    added = {}
    for version, actions in sorted(log.items()):
        for action in actions:
            if "add" in action:
                name = action["add"]["path"].removesuffix(".parquet")
                assert name not in added, f"{name} was committed as version {added[name]} and {version}"
                added[name] = version
    told = {}
    for line in said:
        word, name, version = line.split()
        assert word == "committed", line
        assert added.get(name) == int(version), f"acknowledged as version {version}, but the log says {added.get(name)}: {name}"
        assert told.setdefault(int(version), name) == name, f"version {version} was acknowledged to {told[int(version)]} and {name}"
    return len(log)


def text(path):
    with open(path, errors="replace") as f:
        return f.read()
