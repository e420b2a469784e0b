"""Commits go on while the two namenodes of a real HDFS change places. The test is in C++ (src/hdfs/hdfs_contract_test.cc); this starts what
it asks."""
import os
import subprocess

import programs
import servers


def run():
    with servers.start("hdfs-ha", "deltic-failover") as server:
        environment = {"DELTIC_TEST_HDFS_HA": f"{server.url},http://127.0.0.1:{server.other_port}",
                       "DELTIC_TEST_HDFS_FAILOVER": os.path.join(server.folder, "data", "failover")}
        done = subprocess.run([programs.path("hdfs_test"), "--gtest_filter=*ChangePlaces*", "--gtest_brief=1"],
                              env={**os.environ, **environment}, capture_output=True, text=True, timeout=300)
        changes = server.log().count("FAILOVER")
        assert done.returncode == 0 and "PASSED  ] 1 test" in done.stdout, f"{done.stdout[-4000:]}{done.stderr[-2000:]}\n{server.log()[-1000:]}"
        assert changes >= 2, f"{changes} changes"
    return f"{changes} changes of the active namenode under 6 writers"
