"""Owns the real object stores that tests run against: started on a free loopback port, waited for until they answer, stopped by their
process id. What they are installed from is in tools.py; what is asked of them is the caller's.

    with servers.start("versitygw", bucket="b") as server:
        server.url, server.environment   # what a client needs: AWS_ENDPOINT_URL and so on
        server.folder                    # versitygw keeps objects as files below folder/data/BUCKET

Kinds: versitygw, moto, s3mock (S3), azurite (Azure), fake-gcs (Google Cloud), hdfs, hdfs-ha (Hadoop), dynalite, moto-dynamo (DynamoDB).
"""
import base64
import contextlib
import ctypes
import datetime
import hashlib
import hmac
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import tools

ACCESS_KEY, SECRET_KEY = "deltic-id", "deltic-secret"
AZURE_ACCOUNT = "devstoreaccount1"
# Azurite's own, known to everybody.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Server:
    """One running server. stop() ends it; so does the end of this process."""

    def __init__(self, kind):
        self.kind = kind
        self.folder = tempfile.mkdtemp(prefix="deltic-stores-")
        self.process = None
        self.url = ""
        self.environment = {}
        for attempt in range(3):  # another process may take the port that was free
            self.port = free_port()
            if self._start():
                return
        text = self.log()
        self.stop()
        raise RuntimeError(f"{kind} did not start: {text[-2000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _start(self):
        command, environment, self.url, path = COMMANDS[self.kind](self)
        self.environment = client_environment(self.kind, self.url)
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=die_with_parent)
        end = time.time() + 60
        while time.time() < end and self.process.poll() is None:
            if answers(f"http://127.0.0.1:{self.port}{path}"):
                return True
            time.sleep(0.05)
        self._end()
        return False

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            return log.read()

    def _end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def stop(self):
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_bucket(self, name):
        MAKE_BUCKET[self.kind](self, name)


def start(kind, bucket=None):
    server = Server(kind)
    if bucket:
        try:
            server.make_bucket(bucket)
        except BaseException:
            server.stop()
            raise
    return server


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url):
    """Whether anything comes back over HTTP, an error too."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def client_environment(kind, url):
    """What a client finds the server and its keys by."""
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}
    if kind in ("versitygw", "moto", "s3mock"):
        return {**keys, "AWS_ENDPOINT_URL": url}
    if kind in ("dynalite", "moto-dynamo"):
        return {**keys, "AWS_ENDPOINT_URL_DYNAMODB": url}
    if kind == "azurite":
        return {"AZURE_STORAGE_ENDPOINT": url, "AZURE_STORAGE_ACCOUNT_NAME": AZURE_ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": AZURE_KEY,
                "AZURE_ALLOW_HTTP": "true"}
    if kind == "hdfs":
        return {"WEBHDFS_ENDPOINT": url, "HADOOP_USER_NAME": "root"}
    return {"GOOGLE_BASE_URL": url, "STORAGE_EMULATOR_HOST": url, "GOOGLE_SKIP_SIGNATURE": "true", "ALLOW_HTTP": "true"}


def _versitygw(server):
    data = os.path.join(server.folder, "data")
    os.makedirs(data, exist_ok=True)
    return (tools.versitygw() + ["--port", f"127.0.0.1:{server.port}", "--quiet", "posix", data],
            {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}, f"http://127.0.0.1:{server.port}", "/")


def _moto(server):
    return tools.moto() + ["-H", "127.0.0.1", "-p", str(server.port)], {}, f"http://127.0.0.1:{server.port}", "/moto-api/data.json"


def _s3mock(server):
    # SERVER_PORT is the one for TLS, which nobody uses.
    environment = {"COM_ADOBE_TESTING_S3MOCK_STORE_REGION": "us-east-1", "COM_ADOBE_TESTING_S3MOCK_HTTP_PORT": str(server.port),
                   "SERVER_PORT": "0", "SERVER_ADDRESS": "127.0.0.1"}
    return tools.s3mock(), environment, f"http://127.0.0.1:{server.port}", "/"


def _azurite(server):
    return (tools.azurite() + ["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck",
                               "--blobHost", "127.0.0.1", "--blobPort", str(server.port)],
            {}, f"http://127.0.0.1:{server.port}/{AZURE_ACCOUNT}", "/")


def _fake_gcs(server):
    return (tools.fake_gcs() + ["-scheme", "http", "-host", "127.0.0.1", "-port", str(server.port), "-backend", "memory",
                                "-public-host", f"127.0.0.1:{server.port}"],
            {}, f"http://127.0.0.1:{server.port}", "/storage/v1/b")


def _hdfs(server):
    return (tools.hdfs() + [str(server.port), os.path.join(server.folder, "data")], {}, f"http://127.0.0.1:{server.port}", "/webhdfs/v1/?op=GETFILESTATUS")


def _hdfs_ha(server):
    server.other_port = free_port()
    command, environment, url, path = _hdfs(server)
    return command + [str(server.other_port)], environment, url, path


def _dynalite(server):
    return (tools.dynalite() + ["--host", "127.0.0.1", "--port", str(server.port), "--createTableMs", "0"],
            {}, f"http://127.0.0.1:{server.port}", "/")


COMMANDS = {"versitygw": _versitygw, "moto": _moto, "s3mock": _s3mock, "azurite": _azurite, "fake-gcs": _fake_gcs, "hdfs": _hdfs, "hdfs-ha": _hdfs_ha,
            "dynalite": _dynalite, "moto-dynamo": _moto}


def _folder_bucket(server, name):
    os.makedirs(os.path.join(server.folder, "data", name), exist_ok=True)


def _plain_bucket(server, name):
    urllib.request.urlopen(urllib.request.Request(f"{server.url}/{name}", method="PUT", data=b""), timeout=30).close()


def _container(server, name):
    azure_request(server.url, "PUT", f"/{name}", {"restype": "container"})


def _gcs_bucket(server, name):
    request = urllib.request.Request(f"{server.url}/storage/v1/b?project=deltic", data=b'{"name":"%s"}' % name.encode(),
                                     headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


def _hdfs_folder(server, name):
    # The namenode answers before there is a datanode to write to.
    end = time.time() + 60
    while "READY" not in server.log():
        if time.time() > end or server.process.poll() is not None:
            raise RuntimeError(f"hdfs is not ready: {server.log()[-2000:]}")
        time.sleep(0.1)


def _no_bucket(server, name):
    raise ValueError(f"{server.kind} has no buckets")


MAKE_BUCKET = {"versitygw": _folder_bucket, "moto": _plain_bucket, "s3mock": _plain_bucket, "azurite": _container,
               "fake-gcs": _gcs_bucket, "hdfs": _hdfs_folder, "hdfs-ha": _hdfs_folder, "dynalite": _no_bucket, "moto-dynamo": _no_bucket}


def azure_request(url, method, path, query, body=b"", headers=None):
    """One request with the shared key, to look at Azurite without the code under test. Answers the body."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    all_headers = {"x-ms-date": now, "x-ms-version": "2021-12-02", **(headers or {})}
    marked = "".join(f"{name}:{value}\n" for name, value in sorted(all_headers.items()) if name.startswith("x-ms-"))
    path = urllib.request.quote(path)
    resource = f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}{path}" + "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    length = str(len(body)) if body else ""
    text = f"{method}\n\n\n{length}\n\n\n\n\n\n\n\n\n{marked}{resource}"
    signature = base64.b64encode(hmac.new(base64.b64decode(AZURE_KEY), text.encode(), hashlib.sha256).digest()).decode()
    all_headers["Authorization"] = f"SharedKey {AZURE_ACCOUNT}:{signature}"
    all_headers["Content-Type"] = ""
    target = url + path + ("?" + urllib.parse.urlencode(query) if query else "")
    with urllib.request.urlopen(urllib.request.Request(target, method=method, data=body or None, headers=all_headers), timeout=30) as answer:
        return answer.read()
