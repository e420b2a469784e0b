"""16 processes commit to one table at once, with a proxy between that delays, cuts connections, trickles and truncates answers, and answers
429, 500 and 503, some of them after having done the work."""
import contextlib
import json
import os
import random
import urllib.parse
import urllib.request

import proxy
import race
import servers

CASES = [("versitygw", "s3://deltic-race/a/table"), ("azurite", "az://deltic-race/a/table"), ("fake-gcs", "gs://deltic-race/a/table"),
         ("hdfs", "hdfs://deltic-race/a/table")]
RATE = 0.15


def datanode_port(server):
    """Of the one that a namenode sends writers on to."""
    request = urllib.request.Request(f"{server.url}/webhdfs/v1/probe?op=CREATE&user.name=root&noredirect=true", method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return urllib.parse.urlsplit(json.load(answer)["Location"]).port


def run():
    seed = int(os.environ.get("DELTIC_SEED", random.randrange(1 << 30)))
    texts = []
    for kind, url in CASES:
        with servers.start(kind, "deltic-race") as server:
            faults = proxy.FAULTS if kind != "versitygw" else {**proxy.FAULTS, **proxy.S3_FAULTS}
            with contextlib.ExitStack() as stack:
                redirects = {}
                if kind == "hdfs":  # data goes to a datanode: through a proxy of its own
                    data = stack.enter_context(proxy.Proxy(datanode_port(server), proxy.RandomFaults(seed + 1, RATE, faults)))
                    redirects = {data.upstream: data.port}
                p = stack.enter_context(proxy.Proxy(server.port, proxy.RandomFaults(seed, RATE, faults), redirects=redirects))
                environment = servers.client_environment(kind, server.url.replace(f":{server.port}", f":{p.port}"))
                try:
                    said = race.run(server, "deltic-race", url, environment, quiet_environment=server.environment)
                except Exception:
                    print(f"seed {seed}, faults of {kind}: {dict(p.counts)}")
                    raise
                for name in ("cut-after", "500-after", "503-after", "truncate"):
                    assert p.counts[name] > 0, f"the proxy made no {name} on {kind}"
                texts.append(f"{kind}: {said}, {sum(p.counts.values())} faults in {sum(p.requests.values())} requests")
                if kind == "hdfs":
                    assert data.counts["cut-after"] > 0, f"the proxy before the datanode made no faults: {dict(data.counts)}"
                    texts[-1] += f", and {sum(data.counts.values())} in {sum(data.requests.values())} to the datanode"
    return "; ".join(texts) + f" (seed {seed})"
