"""Owns a small HTTP proxy as companies have them: CONNECT makes a tunnel, absolute URLs are passed on. Writes down what it was asked for, and
may want a password. For tests of clients; breaks nothing (proxy.py does)."""
import base64
import socket
import socketserver
import threading
import urllib.parse


class ForwardProxy:
    """Runs in threads of this process from construction to close()."""

    def __init__(self, password=None):
        self.asked = []  # "CONNECT host:port" and "GET http://..."
        self.wanted = "Basic " + base64.b64encode(password.encode()).decode() if password else None
        self._server = _Server(("127.0.0.1", 0), _Client)
        self._server.owner = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that went away


class _Client(socketserver.StreamRequestHandler):
    def handle(self):
        method, target, version = self.rfile.readline(65536).decode("latin-1").split()
        headers = []
        while (line := self.rfile.readline(65536).decode("latin-1").strip()):
            headers.append(line)
        owner = self.server.owner
        given = [h.split(":", 1)[1].strip() for h in headers if h.lower().startswith("proxy-authorization:")]
        if owner.wanted and given != [owner.wanted]:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
            return
        owner.asked.append(f"{method} {target}")
        if method == "CONNECT":
            host, port = target.rsplit(":", 1)
            upstream = socket.create_connection((host, int(port)))
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urllib.parse.urlsplit(target)
            upstream = socket.create_connection((parts.hostname, parts.port or 80))
            path = target[target.index("/", len(parts.scheme) + 3):]
            kept = [h for h in headers if not h.lower().startswith(("proxy-", "connection:"))]
            upstream.sendall("\r\n".join([f"{method} {path} {version}", *kept, "Connection: close", "", ""]).encode("latin-1"))
        other = threading.Thread(target=_pump, args=(self.rfile.read1, upstream), daemon=True)
        other.start()
        _pump(upstream.recv, self.connection)


def _pump(read, to):
    """Everything that comes, until there is no more."""
    try:
        while (data := read(65536)):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass
