"""Owns a proxy between clients and one server that breaks things on purpose: a plain HTTP/1.1 server on a free loopback port that forwards
every request, unless its plan says otherwise. Knows nothing of Delta; faults that speak S3's language are named so.

    with proxy.Proxy(server.port, proxy.RandomFaults(seed=1, rate=0.2)) as p:   p.port, p.counts

A plan is called with each Request and answers None (forward) or a Fault. The Host header is passed on as the client signed it.
"""
import collections
import dataclasses
import email.utils
import http.client
import random
import socket
import socketserver
import ssl
import threading
import time


@dataclasses.dataclass
class Request:
    method: str
    target: str  # path and query as they were sent
    headers: dict  # names in lower case
    body: bytes

    @property
    def path(self):
        return self.target.split("?")[0]


@dataclasses.dataclass
class Fault:
    """What to do instead of a plain exchange. forward: whether the server is asked at all; what it answered is lost when anything else is
    set. Then, in this order: wait, cut the connection, answer with a status of our own."""
    name: str
    forward: bool = True
    wait_before: float = 0
    wait_after: float = 0
    cut: bool = False
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    slow_body: float = 0      # seconds between pieces of the answer's body
    truncate: bool = False    # half of the body, then the end


def s3_error(name, forward, status, code, headers=None):
    body = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>made up by the proxy</Message></Error>".encode()
    return Fault(name, forward, status=status, body=body, headers={"Content-Type": "application/xml", **(headers or {})})


FAULTS = {
    "delay": Fault("delay", wait_before=0.05, wait_after=0.02),
    "cut-before": Fault("cut-before", forward=False, cut=True),
    "cut-after": Fault("cut-after", cut=True),
    "500-after": s3_error("500-after", True, 500, "InternalError"),
    "500-before": s3_error("500-before", False, 500, "InternalError"),
    "503-after": s3_error("503-after", True, 503, "SlowDown"),
    "503-retry-after": s3_error("503-retry-after", False, 503, "SlowDown", {"Retry-After": "0"}),
    "429": s3_error("429", False, 429, "TooManyRequests", {"Retry-After": "0"}),
    "slow-body": Fault("slow-body", slow_body=0.01),
    "truncate": Fault("truncate", truncate=True),
}
# Only for clients that speak S3 and may renew their credentials or their clock.
S3_FAULTS = {
    "expired-token": s3_error("expired-token", False, 400, "ExpiredToken"),
    "request-timeout": s3_error("request-timeout", False, 400, "RequestTimeout"),
}


class RandomFaults:
    """Each request meets a fault with a probability; counts what it did. Thread-safe."""

    def __init__(self, seed, rate, faults=None):
        self._dice, self._rate, self._lock = random.Random(seed), rate, threading.Lock()
        self._faults = list((faults or FAULTS).values())

    def __call__(self, request):
        with self._lock:
            if self._dice.random() >= self._rate:
                return None
            return self._dice.choice(self._faults)


class Script:
    """The faults for the requests that a function chooses, one after the other; then none. Thread-safe."""

    def __init__(self, chooses, faults):
        self._chooses, self._faults, self._lock = chooses, collections.deque(faults), threading.Lock()

    def __call__(self, request):
        with self._lock:
            return self._faults.popleft() if self._faults and self._chooses(request) else None

    @property
    def left(self):
        return len(self._faults)


class Proxy:
    """Runs in threads of this process from construction to close()."""

    def __init__(self, port, plan=None, host_header=None, redirects=None, tls=None):
        self.redirects = redirects or {}  # ports of servers that answers send on to, and the ports to put in their place
        self.upstream, self.plan, self.host_header = port, plan or (lambda request: None), host_header
        self.counts, self.requests = collections.Counter(), collections.Counter()
        self.seen = []  # (method, target) of every request, in order of arrival
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.proxy = self
        self._server.tls = None  # (certificate file, key file): speaks TLS to its clients, and none to the server
        if tls:
            self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.tls.load_cert_chain(*tls)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, client_address):
        if self.tls:  # in the connection's own thread: a client may take its time, or go away when it sees the certificate
            request.settimeout(30)
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # a client that went away


class _Connection(socketserver.StreamRequestHandler):
    """One client connection: requests one after the other, each over the same connection to the server."""
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server_connection = None

    def finish(self):
        if self.server_connection:
            self.server_connection.close()
        super().finish()

    def handle(self):
        while True:
            request = self._read()
            if request is None or not self._answer(request):
                return

    def _read(self):
        line = self.rfile.readline(65536).decode("latin-1").strip()
        if not line:
            return None
        method, target, _ = line.split(" ", 2)
        headers = {}
        while (line := self.rfile.readline(65536).decode("latin-1").strip()):
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while (size := int(self.rfile.readline().split(b";")[0], 16)) > 0:
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(headers.get("content-length", "0")))
        return Request(method, target, headers, body)

    def _answer(self, request):
        proxy = self.server.proxy
        fault = proxy.plan(request)
        proxy.requests[request.method] += 1
        proxy.seen.append((request.method, request.target))
        if fault:
            proxy.counts[fault.name] += 1
            time.sleep(fault.wait_before)
        status, headers, body = 0, [], b""
        if fault is None or fault.forward:
            status, headers, body = self._forward(request)
            if status == 0:
                return False
        if fault:
            time.sleep(fault.wait_after)
            if fault.cut:
                self.connection.shutdown(socket.SHUT_RDWR)
                return False
            if fault.status:
                headers = [("Date", email.utils.formatdate(usegmt=True)), *fault.headers.items()]
                status, body = fault.status, b"" if request.method == "HEAD" else fault.body
        return self._send(request, fault, status, headers, body)

    def _forward(self, request):
        headers = {name: value for name, value in request.headers.items()
                   if name not in ("connection", "expect", "transfer-encoding", "content-length", "proxy-connection")}
        if self.server.proxy.host_header:
            headers["host"] = self.server.proxy.host_header
        if request.body or request.method in ("PUT", "POST"):
            headers["content-length"] = str(len(request.body))
        # A kept connection that the server has closed meanwhile is no fault of ours to make: it is opened anew, and only then.
        for fresh in (False, True):
            try:
                if fresh or self.server_connection is None:
                    self._connect()
                connection = self.server_connection
                connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    connection.putheader(name, value)
                connection.endheaders(request.body or None)
                answer = connection.getresponse()
                body = answer.read()
                if answer.will_close:
                    connection.close()
                    self.server_connection = None
                return answer.status, answer.getheaders(), body
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                if fresh or request.method in ("PUT", "POST"):
                    break
            except (http.client.HTTPException, OSError):
                break
        self.server_connection = None
        return 0, [], b""

    def _connect(self):
        if self.server_connection:
            self.server_connection.close()
        self.server_connection = http.client.HTTPConnection("127.0.0.1", self.server.proxy.upstream, timeout=60)
        self.server_connection.connect()
        self.server_connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _send(self, request, fault, status, headers, body):
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"]
        length = None
        for name, value in headers:
            if name.lower() == "location":
                for port, instead in self.server.proxy.redirects.items():
                    value = value.replace(f"://127.0.0.1:{port}/", f"://127.0.0.1:{instead}/")
            if name.lower() == "content-length":
                length = value
            elif name.lower() not in ("connection", "transfer-encoding", "keep-alive"):
                lines.append(f"{name}: {value}")
        if request.method != "HEAD":
            length = str(len(body))
        if status not in (204, 304) and length is not None:
            lines.append(f"Content-Length: {length}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if fault and fault.truncate and len(body) > 1:
            self.wfile.write(head + body[:len(body) // 2])
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        if fault and fault.slow_body and body:
            self.wfile.write(head)
            piece = max(1, len(body) // 10)
            for begin in range(0, len(body), piece):
                self.wfile.write(body[begin:begin + piece])
                self.wfile.flush()
                time.sleep(fault.slow_body)
            return True
        self.wfile.write(head + (b"" if request.method == "HEAD" else body))
        return True
