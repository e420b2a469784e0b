"""The contract of ObjectStore (src/storage/store_contract_for_test.h) on real servers. The tests are in C++; this starts what they ask."""
import os
import re
import subprocess

import programs
import servers

# Server, test program, and the variable by which it finds the server.
CASES = [("versitygw", "s3_test", "DELTIC_TEST_S3"), ("moto", "s3_test", "DELTIC_TEST_S3"),
         ("azurite", "azure_test", "DELTIC_TEST_AZURE"),
         ("fake-gcs", "gcs_test", "DELTIC_TEST_GCS"), ("hdfs", "hdfs_test", "DELTIC_TEST_HDFS")]


def run():
    texts = []
    for kind, test, variable in CASES:
        with servers.start(kind, "deltic-contract") as server:
            done = subprocess.run([programs.path(test), "--gtest_filter=*StoreContract*:*Server.*", "--gtest_brief=1"],
                                  env={**os.environ, variable: server.url}, capture_output=True, text=True, timeout=300)
            count = re.search(r"(\d+) tests? from", done.stdout)
            assert done.returncode == 0, f"{test} on {kind}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}\n{server.log()[-1000:]}"
            assert count and int(count[1]) > 10, f"{test} ran no test on {kind}: {done.stdout[-500:]}"
            texts.append(f"{kind} {count[1]}")
    return "tests of the contract passed: " + ", ".join(texts)
