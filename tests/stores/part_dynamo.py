"""Commits decided by claims in DynamoDB, on S3Mock, whose conditional puts cannot be trusted: without locks deltic refuses to write there;
with them 16 processes and delta-rs write one table. dynalite stands in for DynamoDB. delta-rs is an older one: newer ones say that they know
no locks any more, and then write without."""
import json
import os
import subprocess
import tempfile
import textwrap
import urllib.request

import objects
import programs
import proxy
import race
import servers
import tools

BUCKET = "deltic-locks"


def run():
    with servers.start("s3mock", BUCKET) as s3, servers.start("dynalite") as dynamo:
        refused = unsafe_store(s3)
        with proxy.Proxy(s3.port, proxy.RandomFaults(1, 0.1)) as s3_proxy, proxy.Proxy(dynamo.port, proxy.RandomFaults(2, 0.1)) as locks_proxy:
            said = race.run(s3, BUCKET, f"s3://{BUCKET}/race/table", environment(s3_proxy.port, locks_proxy.port),
                            quiet_environment=environment(s3.port, dynamo.port))
            for name in ("cut-after", "500-after"):
                assert locks_proxy.counts[name] > 0, f"the proxy of DynamoDB made no {name}"
        entries = check_entries(dynamo, f"s3://{BUCKET}/race/table")
        left = [key for key in objects.keys(s3, BUCKET, "race/table/_delta_log/.tmp/")]
        dead = killed_writer(s3, dynamo)
        with servers.start("versitygw", BUCKET) as atomic:
            peer = beside_delta_rs(atomic, dynamo)
    return f"{refused}; {said}, {entries} entries, {len(left)} temporary files left; {dead}; {peer}"


def environment(s3_port, dynamo_port):
    return {**servers.client_environment("s3mock", f"http://127.0.0.1:{s3_port}"),
            "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{dynamo_port}", "AWS_S3_LOCKING_PROVIDER": "dynamodb"}


def unsafe_store(s3):
    """S3Mock takes several of the objects that are put at one key at the same time."""
    tries = 5
    for i in range(tries):
        done = subprocess.run([programs.path("table_writer"), "create", f"s3://{BUCKET}/unsafe{i}/table"],
                              env={**os.environ, **s3.environment}, capture_output=True, text=True)
        if done.returncode != 0:
            assert "If-None-Match" in done.stderr and "aws_s3_locking_provider" in done.stderr, done.stderr
            assert not objects.keys(s3, BUCKET, f"unsafe{i}/"), "the refused table left objects"
            return "S3Mock was refused for writing" + (f" at attempt {i + 1}" if i else "")
    raise AssertionError(f"S3Mock was not found out in {tries} attempts")


def ask_dynamo(server, operation, request):
    sent = urllib.request.Request(server.url + "/", data=json.dumps(request).encode(), headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810." + operation,
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x",
        "X-Amz-Date": "20260101T000000Z"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


def entries_of(dynamo, table):
    found = ask_dynamo(dynamo, "Query", {"TableName": "delta_log", "ConsistentRead": True, "KeyConditionExpression": "tablePath = :t",
                                         "ExpressionAttributeValues": {":t": {"S": table}}})["Items"]
    return {item["fileName"]["S"]: item for item in found}


def check_entries(dynamo, table):
    """Every entry is complete, expires in a day, and has a version of its own."""
    entries = entries_of(dynamo, table)
    assert sorted(entries) == [f"{version:020d}.json" for version in range(len(entries))], sorted(entries)
    for name, item in entries.items():
        assert set(item) == {"tablePath", "fileName", "tempPath", "complete", "expireTime"}, item
        assert item["complete"] == {"S": "true"}, f"{name} is not complete"
    return len(entries)


def killed_writer(s3, dynamo):
    """A claim whose writer died is finished by whoever looks next."""
    url, writer = f"s3://{BUCKET}/dead/table", programs.path("table_writer")
    variables = {**os.environ, **environment(s3.port, dynamo.port)}
    subprocess.run([writer, "create", url], env=variables, check=True)
    subprocess.run([writer, "append", url, "w", "1"], env=variables, check=True, stdout=subprocess.DEVNULL)
    body = objects.get(s3, BUCKET, "dead/table/_delta_log/00000000000000000001.json").replace(b"w-0", b"dead")
    temporary = ".tmp/00000000000000000002.json.dead"
    urllib.request.urlopen(urllib.request.Request(f"{s3.url}/{BUCKET}/dead/table/_delta_log/{temporary}", method="PUT", data=body)).close()
    ask_dynamo(dynamo, "PutItem", {"TableName": "delta_log", "Item": {
        "tablePath": {"S": url}, "fileName": {"S": "00000000000000000002.json"}, "tempPath": {"S": temporary}, "complete": {"S": "false"}}})
    listed = subprocess.run([writer, "list", url], env=variables, capture_output=True, text=True, check=True).stdout.splitlines()
    assert listed[0] == "version 2" and any(line.startswith("dead ") for line in listed), listed
    check_entries(dynamo, url)
    return "what a dead writer claimed was finished by a reader"


PEER = textwrap.dedent("""
    import sys, time
    from arro3.core import Array, DataType, Table
    from deltalake import write_deltalake
    url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    for i in range(count):
        for attempt in range(20):
            try:
                write_deltalake(url, Table.from_pydict({"x": Array([i], type=DataType.int64())}), mode="append")
                break
            except Exception as e:
                print(f"{name} {i}: {type(e).__name__} {str(e)[:200]}", file=sys.stderr)
                time.sleep(0.2)
        else:
            sys.exit(1)
""")


def beside_delta_rs(s3, dynamo, processes=6, commits=4):
    """delta-rs with its own DynamoDB log store and deltic append to one table at once: as many versions as were acknowledged. Not on
    S3Mock: an object that two copy to one key at the same time, as delta-rs does, was seen to be gone there afterwards."""
    url = f"s3://{BUCKET}/both/table"
    variables = {**os.environ, **environment(s3.port, dynamo.port)}
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "peer.py")
        with open(script, "w") as f:
            f.write(PEER)
        # Made by delta-rs: then the table has no features that it cannot write.
        peer = tools.deltars_with_locks()
        subprocess.run([peer, script, url, "first", "1"], env=variables, check=True, timeout=120, stderr=subprocess.DEVNULL)
        running = []
        for i in range(processes):
            with open(f"{folder}/r{i}", "wb") as err:
                running.append(subprocess.Popen([peer, script, url, f"r{i}", str(commits)], env=variables, stderr=err))
            with open(f"{folder}/w{i}", "wb") as out, open(f"{folder}/w{i}.err", "wb") as err:
                running.append(subprocess.Popen([programs.path("table_writer"), "append", url, f"w{i}", str(commits)], env=variables,
                                                stdout=out, stderr=err))
        failed = [i for i, process in enumerate(running) if process.wait(timeout=300) != 0]
        said = "".join(race.text(f"{folder}/w{i}") for i in range(processes)).splitlines()
        log = objects.commits(s3, BUCKET, "both/table")
        race.check(log, said)
        assert not failed, [race.text(f"{folder}/{'rw'[i % 2]}{i // 2}{'.err' if i % 2 else ''}")[-400:] for i in failed]
        wanted = 1 + 2 * processes * commits
        assert len(log) == wanted, f"{len(log)} versions, and {wanted} were acknowledged"
        spelled = [u for u in (url, url + "/", url.replace("s3:", "s3a:")) if entries_of(dynamo, u)]
        assert len(spelled) == 1, f"the two writers used different keys: {spelled}"
    return f"{2 * processes} processes of delta-rs and deltic: {wanted} versions, none lost, all under {spelled[0]}"
