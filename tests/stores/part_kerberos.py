"""A real HDFS with Kerberos: who has a ticket or a delegation token reads and writes, who has neither is told what to do. The KDC is MIT's (Debian:
krb5-kdc, krb5-admin-server, krb5-user); where it is not installed this says so."""
import os
import re
import shutil
import subprocess
import tempfile
import time

import programs
import servers
import tools

REALM = "DELTIC.TEST"
KRB5 = """[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 rdns = false
 dns_canonicalize_hostname = false
 udp_preference_limit = 1
[realms]
 {realm} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 localhost = {realm}
"""
KDC = """[kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {realm} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  acl_file = {folder}/acl
  supported_enctypes = aes256-cts-hmac-sha1-96:normal
 }}
[logging]
 kdc = FILE:{folder}/kdc.log
"""


def run():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kdestroy", "java") if not shutil.which(name, path=path)]
    if missing:
        return f"there is no {missing[0]}: nothing was run"
    with tempfile.TemporaryDirectory(prefix="deltic-kerberos-") as folder:
        environment = {**os.environ, "PATH": path, "KRB5_CONFIG": f"{folder}/krb5.conf", "KRB5_KDC_PROFILE": f"{folder}/kdc.conf",
                       "KRB5CCNAME": f"FILE:{folder}/tickets"}
        processes = []
        try:
            return ask(folder, environment, processes)
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(30)


def ask(folder, environment, processes):
    port, kdc_port = servers.free_port(), servers.free_port()
    for name, text in (("krb5.conf", KRB5), ("kdc.conf", KDC)):
        with open(f"{folder}/{name}", "w") as out:
            out.write(text.format(realm=REALM, port=kdc_port, folder=folder))

    def tool(*words):
        subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)

    tool("kdb5_util", "create", "-s", "-r", REALM, "-P", "of the test")
    for principal, keytab in (("hdfs/localhost", "hdfs"), ("HTTP/localhost", "HTTP"), ("me", "me")):
        tool("kadmin.local", "-q", f"addprinc -randkey {principal}")
        tool("kadmin.local", "-q", f"ktadd -k {folder}/{keytab}.keytab {principal}")
    log = open(f"{folder}/log", "wb")
    processes.append(subprocess.Popen(["krb5kdc", "-n"], env=environment, stdout=log, stderr=log, preexec_fn=servers.die_with_parent))
    java, program = tools.hdfs()[:-1], os.path.join(tools.PROJECT, "tests", "stores", "hdfs", "SecureHdfs.java")
    command = [java[0], f"-Djava.security.krb5.conf={folder}/krb5.conf", *java[1:], program, str(port), f"{folder}/data", folder, REALM]
    cluster = subprocess.Popen(command, env=environment, stdout=log, stderr=log, preexec_fn=servers.die_with_parent)
    processes.append(cluster)
    end = time.time() + 120
    while b"READY" not in open(f"{folder}/log", "rb").read():
        assert time.time() < end and cluster.poll() is None, open(f"{folder}/log", errors="replace").read()[-3000:]
        time.sleep(0.2)

    url = f"webhdfs://localhost:{port}/w/t"

    def deltic(*words, **variables):
        done = subprocess.run([programs.path("deltic"), *words], env={**environment, **variables}, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout.strip() + done.stderr.strip()

    def must(*words, **variables):
        status, text = deltic(*words, **variables)
        assert status == 0, f"{words}: {text}"
        return text

    status, text = deltic("count", url, HDFS_KERBEROS="true")
    assert status != 0 and "kinit" in text, f"without a ticket: {text}"
    tool("kinit", "-k", "-t", f"{folder}/me.keytab", "me")
    must("create", url, "n int", HDFS_KERBEROS="true")
    must("write", url, "--from", "select 1::int as n", HDFS_KERBEROS="true")
    must("optimize", url, HDFS_KERBEROS="true")
    assert must("count", url, HDFS_KERBEROS="true") == "1"
    status, text = deltic("count", url)
    assert status != 0 and "hdfs_kerberos" in text, f"with a ticket that is not shown: {text}"
    said = subprocess.run(["curl", "-s", "--negotiate", "-u", ":", f"http://localhost:{port}/webhdfs/v1/?op=GETDELEGATIONTOKEN&renewer=me"],
                          env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    token = re.search(r'"urlString":"([^"]+)"', said)[1]
    tool("kdestroy")
    must("write", url, "--from", "select 2::int as n", HDFS_DELEGATION_TOKEN=token)
    text = must("count", url, HDFS_DELEGATION_TOKEN=token)
    assert text == "2", text
    return "tickets and delegation tokens open a table, and nothing else does"
