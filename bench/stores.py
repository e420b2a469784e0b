#!/usr/bin/env python3
"""Owns the benchmark of round trips: the same steps by deltic and by delta-rs on tables of one S3 server, through a proxy that counts
requests and makes each wait (delay_proxy/). Prints a table; with --docs puts it into docs/benchmarks.md.

    python3 bench/stores.py [--only STEP ...] [--latency MS ...] [--rounds N] [--bin FOLDER] [--log STEP] [--docs]

Contenders run in turn as fresh processes; the median counts, and the requests of one whole process. Each process finds the server by the
environment alone. The time is the step's own, without the start of the process.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import urllib.request
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "stores"))
sys.path.insert(0, HERE)

import run  # noqa: E402
import servers  # noqa: E402

BUCKET = "bench"
# What is measured: title, table, what deltic runs, what delta-rs runs. {t} is the table's URL, {new} one where nothing is.
STEPS = {
    "open-10": ("Open, 10 commits", "ten_commits", ["{reader}", "open", "{t}"], ["{peer}", "rs_open", "{t}"]),
    "open-1000": ("Open, 1,000 commits", "thousand_commits", ["{reader}", "open", "{t}"], ["{peer}", "rs_open", "{t}"]),
    "open-100000": ("Open, a checkpoint of 100,000 files", "hundred_thousand_files", ["{reader}", "open", "{t}"],
                    ["{peer}", "rs_open", "{t}"]),
    "append-100": ("100 appends of 100 rows", None, ["{writer}", "--warm", "appends-to", "100", "{new}"],
                   ["{peer}", "rs_appends_to", "100", "{new}"]),
    "read-lineitem": ("Read lineitem SF1, all columns (delta-rs: to_pyarrow_table)", "lineitem", ["{reader}", "--warm", "arrow", "{t}"],
                      ["{peer}", "rs_arrow_table", "{t}"]),
    "read-lineitem-sql": ("Read lineitem SF1, all columns (delta-rs: DataFusion, drained)", "lineitem",
                          ["{reader}", "--warm", "arrow", "{t}"], ["{peer}", "rs_sql", "{t}", "select * from t"]),
    "read-lineitem-columns": ("Read two columns of lineitem SF1 (delta-rs: DataFusion, drained)", "lineitem",
                              ["{reader}", "--warm", "arrow", "{t}", "l_orderkey,l_shipdate"],
                              ["{peer}", "rs_sql", "{t}", "select l_orderkey, l_shipdate from t"]),
}
BEGIN, END = "<!-- stores: written by bench/stores.py -->", "<!-- end of stores -->"


class Proxy:
    """The delaying proxy before a server."""

    def __init__(self, url):
        program = os.path.join(ROOT, "build", "bench", "delay_proxy")
        subprocess.run(["go", "build", "-o", program, "."], cwd=os.path.join(HERE, "delay_proxy"), check=True)
        self.process = subprocess.Popen([program, "-to", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port, self.control = self.process.stdout.readline().split()
        self.url = f"http://127.0.0.1:{port}"

    def take(self, latency_ms):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/take?latency_ms={latency_ms}") as answer:
            return json.load(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=STEPS, metavar="STEP")
    parser.add_argument("--latency", nargs="+", type=int, default=[0, 30], metavar="MS")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bin", default=run.BIN, help="where the programs are (default: the bench preset's)")
    parser.add_argument("--log", action="store_true", help="print each request of the last round")
    parser.add_argument("--docs", action="store_true", help="put the results into docs/benchmarks.md")
    options = parser.parse_args()

    python = run.peers_python()
    run.build(options.bin)
    commands = {
        "{reader}": [os.path.join(options.bin, "bench_reader")],
        "{writer}": [os.path.join(options.bin, "bench_writer")],
        "{peer}": [python, os.path.join(HERE, "peers.py")],
    }
    steps = options.only or list(STEPS)
    tables = sorted({STEPS[step][1] for step in steps} - {None})
    if tables:
        subprocess.run([python, os.path.join(HERE, "make_data.py"), "--only", *tables], check=True)
    with servers.start("versitygw", bucket=BUCKET) as server:
        for table in tables:
            shutil.copytree(os.path.join(run.DATA, table), os.path.join(server.folder, "data", BUCKET, table))
        proxy = Proxy(server.url)
        try:
            results = [measure(step, latency, commands, server, proxy, options) for step in steps for latency in options.latency]
        finally:
            proxy.stop()
    text = table_of(results)
    print(text)
    if options.docs:
        write_document(text)
    return 1 if any(error for result in results for error in result["errors"]) else 0


def measure(step, latency, commands, server, proxy, options):
    title, table, ours, theirs = STEPS[step]
    result = {"title": title, "latency": latency, "times": {"deltic": [], "delta-rs": []}, "requests": {}, "errors": [], "answers": {}}
    environment = {**os.environ, **server.environment, "AWS_ENDPOINT_URL": proxy.url, "AWS_ENDPOINT": proxy.url}
    for _ in range(options.rounds):
        for name, command in (("deltic", ours), ("delta-rs", theirs)):
            places = {"{t}": f"s3://{BUCKET}/{table}", "{new}": f"s3://{BUCKET}/new-{uuid.uuid4()}"}
            words = [word for part in command for word in commands.get(part, [places.get(part, part)])]
            proxy.take(latency)
            done = subprocess.run(words, env=environment, capture_output=True, text=True)
            taken = proxy.take(latency)
            if done.returncode != 0:
                result["errors"].append(f"{name}: {done.stderr[-800:]}")
                continue
            answer = json.loads(done.stdout.splitlines()[-1])
            result["times"][name].append(answer["ms"])
            result["answers"][name] = answer["result"]
            result["requests"][name] = taken["requests"], taken["by"]
            if options.log and _ == options.rounds - 1:
                print(f"---- {name}: {title} at {latency} ms: {answer['ms']:.0f} ms, {taken['requests']} requests")
                print("\n".join(taken["log"][:60]))
    if len(set(result["answers"].values())) > 1:
        result["errors"].append(f"the answers differ: {result['answers']}")
    for error in result["errors"]:
        print(f"error: {title}: {error}", file=sys.stderr)
    return result


def table_of(results):
    lines = ["| step | latency | deltic | delta-rs | faster | requests of deltic | of delta-rs |", "|---|--:|--:|--:|--:|--:|--:|"]
    for result in results:
        times = {name: statistics.median(list_of) if list_of else float("nan") for name, list_of in result["times"].items()}
        counts = {name: result["requests"].get(name, (0, {}))[0] for name in times}
        lines.append(f"| {result['title']} | {result['latency']} ms | {times['deltic']:,.0f} ms | {times['delta-rs']:,.0f} ms | "
                     f"{times['delta-rs'] / times['deltic']:.1f} x | {counts['deltic']:,} | {counts['delta-rs']:,} |")
    return "\n".join(lines)


def write_document(text):
    with open(run.DOCUMENT) as file:
        document = file.read()
    before, rest = document.split(BEGIN)
    after = rest.split(END)[1]
    with open(run.DOCUMENT, "w") as file:
        file.write(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
