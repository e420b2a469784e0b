"""TLS with certificates of one's own, proxies, and servers that never answer: what must work works, what must be refused is refused with a
message that helps and holds no secret."""
import os
import socket
import subprocess
import time

import forward_proxy
import programs
import proxy
import servers

BUCKET = "deltic-network"
URL = f"s3://{BUCKET}/table"


def run():
    with servers.start("versitygw", BUCKET) as server:
        plain = server.environment
        made = subprocess.run([programs.path("deltic"), "create", URL, "id bigint"], env={**os.environ, **plain}, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        certificates = Certificates(server.folder)
        tls(server, certificates)
        through_proxies(server, plain, certificates)
        silent_server(plain)
        wrong_keys(plain)
    return "private certificates, proxies, and servers that do not answer"


class Certificates:
    """Two authorities, and certificates that the first one signed for 127.0.0.1 and for another host."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "certificates")
        os.makedirs(self.folder)
        for name in ("authority", "stranger"):
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                         f"{name}.pem")
        self.ours, self.elsewhere = self.certificate("ours", "IP:127.0.0.1"), self.certificate("elsewhere", "DNS:other.example")
        self.authority, self.stranger = os.path.join(self.folder, "authority.pem"), os.path.join(self.folder, "stranger.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def certificate(self, name, host):
        with open(os.path.join(self.folder, name + ".ext"), "w") as f:
            f.write(f"subjectAltName={host}\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", name + ".key", "-out", name + ".csr")
        self.openssl("x509", "-req", "-in", name + ".csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2",
                     "-extfile", name + ".ext", "-out", name + ".pem")
        return os.path.join(self.folder, name + ".pem"), os.path.join(self.folder, name + ".key")


def deltic(environment, *options, **more):
    """Opens the table with a few tries only. Answers exit status, what was printed to standard error, and how long it took."""
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and not name.startswith(("SSL_", "AWS_"))}
    words = [word for option in ("max_retries=1", "backoff_config.init_backoff=10ms", *options) for word in ("--storage-option", option)]
    begin = time.time()
    done = subprocess.run([programs.path("deltic"), "info", URL, "--json", *words], env={**clean, **environment, **more}, capture_output=True,
                          text=True, timeout=120)
    assert servers.SECRET_KEY not in done.stdout + done.stderr, "a secret was printed"
    return done.returncode, done.stderr.strip(), time.time() - begin


def works(outcome):
    assert outcome[0] == 0, outcome


def refused(outcome, *words):
    assert outcome[0] != 0 and all(word in outcome[1] for word in words), f"{outcome}, must say {words}"


def tls(server, certificates):
    with proxy.Proxy(server.port, tls=certificates.ours) as ours, proxy.Proxy(server.port, tls=certificates.elsewhere) as elsewhere:
        at = {**server.environment, "AWS_ENDPOINT_URL": f"https://127.0.0.1:{ours.port}", "AWS_ALLOW_HTTP": "false"}
        works(deltic(at, AWS_CA_BUNDLE=certificates.authority))
        works(deltic(at, f"ca_certificate={certificates.authority}"))
        works(deltic(at, SSL_CERT_FILE=certificates.authority))
        works(deltic(at, "allow_invalid_certificates=true"))
        before = len(ours.seen)
        refused(deltic(at), "certificate")
        refused(deltic(at, AWS_CA_BUNDLE=certificates.stranger), "certificate")
        assert len(ours.seen) == before, "something was sent to a server that was not trusted"
        refused(deltic(at, AWS_CA_BUNDLE="/no/such/file"), "/no/such/file")
        at["AWS_ENDPOINT_URL"] = f"https://127.0.0.1:{elsewhere.port}"
        refused(deltic(at, AWS_CA_BUNDLE=certificates.authority), "certificate")
        at["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.port}"
        refused(deltic(at), "allow_http")


def through_proxies(server, plain, certificates):
    with forward_proxy.ForwardProxy() as p, proxy.Proxy(server.port, tls=certificates.ours) as secure:
        via = f"http://127.0.0.1:{p.port}"
        works(deltic(plain, http_proxy=via))
        assert p.asked and all(f"http://127.0.0.1:{server.port}/" in asked for asked in p.asked), p.asked
        p.asked.clear()
        works(deltic(plain, http_proxy=via, no_proxy="127.0.0.1"))
        assert not p.asked, "no_proxy was not heeded"
        works(deltic(plain, f"proxy_url={via}"))
        assert p.asked
        p.asked.clear()
        works(deltic(plain, f"proxy_url={via}", "proxy_excludes=127.0.0.1"))
        assert not p.asked, "proxy_excludes was not heeded"
        at = {**plain, "AWS_ENDPOINT_URL": f"https://127.0.0.1:{secure.port}", "AWS_CA_BUNDLE": certificates.authority}
        works(deltic(at, https_proxy=via))
        assert p.asked and all(asked == f"CONNECT 127.0.0.1:{secure.port}" for asked in p.asked), p.asked
    with forward_proxy.ForwardProxy(password="me:proxy-password") as p:
        works(deltic(plain, f"proxy_url=http://me:proxy-password@127.0.0.1:{p.port}"))
        outcome = deltic(plain, f"proxy_url=http://me:wrong-password@127.0.0.1:{p.port}")
        refused(outcome)
        assert "wrong-password" not in outcome[1], outcome
        port = p.port
    outcome = deltic(plain, f"proxy_url=http://me:proxy-password@127.0.0.1:{port}")
    refused(outcome)
    assert "proxy-password" not in outcome[1], outcome


def silent_server(plain):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        at = {**plain, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        outcome = deltic(at, "timeout=1s")
        refused(outcome, "no answer")
        assert outcome[2] < 20, f"gave up after {outcome[2]:.0f} s only"
    refused(deltic(at, "connect_timeout=1s"), "no answer")


def wrong_keys(plain):
    refused(deltic(plain, "aws_secret_access_key=another-secret"), "403")
    refused(deltic({**plain, "AWS_ACCESS_KEY_ID": "nobody"}), "PermissionDenied")
