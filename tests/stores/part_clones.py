"""Tables whose files are in other stores: shallow clones across buckets, schemes and kinds of stores, and clones of those, read and changed
with one set of options. Rows and deleted rows come from where the log says; a vacuum of a clone deletes nothing of the source.
"""
import json
import os
import subprocess
import tempfile
import urllib.parse

import programs
import servers

SOURCE = "s3://clones-a/my%20table=1"
ROWS = "18,183"  # how many, and the sum of their ids


def run():
    with tempfile.TemporaryDirectory(prefix="deltic-clones-") as local, servers.start("versitygw", "clones-a") as s3, \
            servers.start("azurite", "clones") as azure:
        s3.make_bucket("clones-b")
        environment = {**os.environ, **s3.environment, **azure.environment}

        def deltic(*arguments, code=None):
            done = subprocess.run([programs.path("deltic"), *arguments], env=environment, capture_output=True, text=True, timeout=120)
            if code is None:
                assert done.returncode == 0, f"{arguments}: {done.stderr}"
            else:
                assert f"error: {code}:" in done.stderr, f"{arguments}: {done.returncode} {done.stdout}{done.stderr}"
            return done.stdout + done.stderr

        def rows(location):
            return deltic("sql", f"select count(*), sum(id) from delta_scan('{location}')", "--format", "csv").splitlines()[-1]

        deltic("create", SOURCE, "id bigint, p string", "--partition-by", "p", "--property", "delta.enableDeletionVectors=true")
        deltic("write", SOURCE, "--from", "select range as id, case when range % 2 = 0 then 'a b' else 'ü%:' end as p from range(20)")
        deltic("delete", SOURCE, "--where", "id in (3, 4)")
        data = os.path.join(s3.folder, "data", "clones-a")
        before = files_below(data)
        shallow = ["s3://clones-b/clone", "s3a://clones-b/other%20clone", "az://clones/clone", os.path.join(local, "clone")]
        for target in shallow:
            deltic("clone", SOURCE, target, "--shallow")
            assert rows(target) == ROWS, f"{target}: {rows(target)}"
        # A clone's log names the files by the source's place, as Java writes URIs.
        named = paths_of(os.path.join(local, "clone"))
        assert all(path.startswith("s3://clones-a/my%20table=1/p=") for path in named), named
        assert {urllib.parse.unquote(path)[len("s3://clones-a/"):] for path in named} <= before, named

        # A clone of a clone, deep and shallow, from one kind of store to another.
        deltic("clone", "az://clones/clone", "s3://clones-b/deep of azure")
        assert rows("s3://clones-b/deep%20of%20azure") == ROWS
        copies = files_below(os.path.join(s3.folder, "data", "clones-b", "deep of azure"))
        assert any(name.startswith("p=a b/part-") for name in copies), f"copies stand in their partition's folder: {copies}"
        deltic("clone", "az://clones/clone", "az://clones/second", "--shallow")
        assert rows("az://clones/second") == ROWS

        for target in shallow:
            deltic("delete", target, "--where", "id = 10")
            deltic("update", target, "--set", "id = 100", "--where", "id = 11")
            assert rows(target) == "17,262", f"{target}: {rows(target)}"
            deltic("vacuum", target, "--retention", "0", "--no-retention-check")
            assert rows(target) == "17,262", f"{target}: {rows(target)}"
        assert rows(SOURCE) == ROWS
        assert files_below(data) == before, "a clone's vacuum deleted files of its source"

        # One table under two schemes is one table.
        text = deltic("clone", SOURCE, SOURCE.replace("s3://", "s3a://"), code="InvalidArgument")
        assert "onto itself" in text, text
        # Without the source's server the error names the file, and nothing waits for long.
        environment["AWS_ENDPOINT_URL"], environment["MAX_RETRIES"] = "http://127.0.0.1:9", "0"
        text = deltic("cat", os.path.join(local, "clone"), code="Unavailable")
        assert "s3://clones-a/my table=1/p=" in text or "s3://clones-a/" in text, text
        return f"{len(shallow)} shallow clones of a bucket's table in other buckets and stores are read, changed and vacuumed"


def files_below(folder):
    return {os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names}


def paths_of(table):
    with open(os.path.join(table, "_delta_log", "00000000000000000000.json")) as log:
        return [action["add"]["path"] for action in map(json.loads, log) if "add" in action]
