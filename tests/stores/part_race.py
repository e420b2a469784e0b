"""16 processes commit to one table at once, with a proxy between that delays, cuts connections, trickles and truncates answers, and answers
429, 500 and 503, some of them after having done the work."""
import os
import random

import proxy
import race
import servers

CASES = [("versitygw", "s3://deltic-race/a/table"), ("azurite", "az://deltic-race/a/table"), ("fake-gcs", "gs://deltic-race/a/table"),
         ("hdfs", "hdfs://deltic-race/a/table")]
RATE = 0.15


def run():
    seed = int(os.environ.get("DELTIC_SEED", random.randrange(1 << 30)))
    texts = []
    for kind, url in CASES:
        with servers.start(kind, "deltic-race") as server:
            faults = proxy.FAULTS if kind != "versitygw" else {**proxy.FAULTS, **proxy.S3_FAULTS}
            with proxy.Proxy(server.port, proxy.RandomFaults(seed, RATE, faults)) as p:
                environment = servers.client_environment(kind, server.url.replace(f":{server.port}", f":{p.port}"))
                try:
                    said = race.run(server, "deltic-race", url, environment, quiet_environment=server.environment)
                except Exception:
                    print(f"seed {seed}, faults of {kind}: {dict(p.counts)}")
                    raise
                for name in ("cut-after", "500-after", "503-after", "truncate"):
                    assert p.counts[name] > 0, f"the proxy made no {name} on {kind}"
                texts.append(f"{kind}: {said}, {sum(p.counts.values())} faults in {sum(p.requests.values())} requests")
    return "; ".join(texts) + f" (seed {seed})"
