"""A router with a real etcd and a real nginx on free ports in a temporary directory, and apps to send traffic to."""

import base64
import collections
import http.client
import http.server
import json
import os
import random
import signal
import socket
import socketserver
import subprocess
import threading
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DEIS_ROUTER", str(SOURCE / "build/release/bin/deis-router"))


CLAIMS = collections.deque(maxlen=100)  # more than are in use at a time; what falls out is closed


def free_port():
    """One that nobody gets before a server listens there: none that the kernel gives out by itself, and claimed among
    tests by a name of the network namespace (core/net/reserved_port.h does the same)."""
    for port in random.sample(range(20000, 32000), 1000):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0deis-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("", port))
        except OSError:
            claim.close()
            continue
        CLAIMS.append(claim)
        return port
    raise AssertionError("no port is free")


def until(condition, what, seconds=10):
    """The first true value of `condition`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"after {seconds} s still not: {what}")


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_line(pid):
    """ "" once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class App(http.server.ThreadingHTTPServer):
    """A web process of an app: answers its name; /wait holds the answer back; /ws echoes bytes after an upgrade."""

    daemon_threads = True

    def __init__(self, name):
        self.name, self.release, self.headers, self.paths = name, threading.Event(), None, []
        super().__init__(("127.0.0.1", 0), AppHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def end(self):
        self.release.set()
        self.shutdown()
        self.server_close()


class AppHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.headers = dict(self.headers)
        self.server.paths.append(self.path)
        if self.path == "/ws":
            return self.echo()
        if self.path == "/wait":
            self.server.release.wait(20)
        body = self.server.name.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def echo(self):
        self.send_response(101)
        self.send_header("Upgrade", self.headers["Upgrade"])
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        while data := self.connection.recv(4096):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Greeter(socketserver.ThreadingTCPServer):
    """Stands for the builder's sshd: says its name to whoever connects."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, name):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.sendall(name.encode())

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Publisher(http.server.ThreadingHTTPServer):
    """What a publisher tells routers without etcd: the feed of publisher/running_feed.h."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port, running):
        self.lines, self.told = [{"running": running}], threading.Condition()
        super().__init__(("127.0.0.1", port), FeedHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def tell(self, **line):
        with self.told:
            self.lines.append(line)
            self.told.notify_all()

    def end(self):
        self.tell(end=True)
        self.shutdown()
        self.server_close()


class FeedHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        assert self.path == "/running"
        self.send_response(200)
        self.end_headers()
        sent = 0
        while True:
            with self.server.told:
                self.server.told.wait_for(lambda: len(self.server.lines) > sent, 1)
                lines = self.server.lines[sent:]
            if {"end": True} in lines:
                return
            for line in lines or [{}]:
                self.wfile.write(json.dumps(line).encode() + b"\n")
            sent += len(lines)

    def log_message(self, *_):
        pass


class Etcd:
    def __init__(self, directory):
        self.directory, self.port, self.peer_port, self.process = directory, free_port(), free_port(), None

    def start(self):
        url = f"http://127.0.0.1:{self.port}"
        peer = f"http://127.0.0.1:{self.peer_port}"
        with open(self.directory / "etcd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["etcd", "--data-dir", str(self.directory / "etcd"), "--listen-client-urls", url, "--advertise-client-urls", url,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
                 "--unsafe-no-fsync"], stdout=log, stderr=log)
        until(self.answers, "etcd answers")
        return self

    def answers(self):
        try:
            return self.call("maintenance/status", {})
        except (OSError, http.client.HTTPException):
            return None

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def call(self, method, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", f"/v3/{method}", json.dumps(body))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    @staticmethod
    def text(value):
        return base64.b64encode(value.encode()).decode()

    def put(self, key, value, lease="0"):
        """The revision of the write."""
        value = value if isinstance(value, str) else json.dumps(value)
        done = self.call("kv/put", {"key": self.text(key), "value": self.text(value), "lease": lease})
        return int(done["header"]["revision"])

    def grant(self, seconds):
        return self.call("lease/grant", {"TTL": seconds})["ID"]

    def erase(self, key):
        return int(self.call("kv/deleterange", {"key": self.text(key)})["header"]["revision"])

    def get(self, key):
        found = self.call("kv/range", {"key": self.text(key)}).get("kvs")
        return base64.b64decode(found[0]["value"]).decode() if found else None

    def revision(self):
        return int(self.call("maintenance/status", {})["header"]["revision"])


class Router:
    """`deis-router supervise`, as the container runs it."""

    def __init__(self, directory, etcd):
        self.directory, self.etcd, self.process = directory, etcd, None
        self.port, self.builder_port, self.admin_port, self.ssl_port, self.health_port = (free_port() for _ in range(5))

    def start(self):
        for key, port in (("port", self.port), ("builderPort", self.builder_port), ("sslPort", self.ssl_port), ("healthPort", self.health_port)):
            self.etcd.put(f"/deis/router/{key}", str(port))
        return self.start_again()

    def start_again(self):
        env = dict(
            os.environ, DEIS_ETCD=f"http://127.0.0.1:{self.etcd.port}", DEIS_HOST_ID="h1", DEIS_LOG_LEVEL="debug",
            DEIS_ADMIN_PORT=str(self.admin_port), DEIS_ROUTER_RUN=str(self.directory / "run"), DEIS_ROUTER_MODULE=str(Path(BINARY).parent / "ngx_http_deis_module.so"),
            DEIS_ROUTER_ACCESS_LOG=str(self.directory / "access.log"),
            DEIS_ROUTER_ACCESS_LOG_BYTES="20000")
        with open(self.directory / "router.log", "ab") as log:
            self.process = subprocess.Popen([BINARY, "supervise"], env=env, stdout=log, stderr=log)
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def child(self, word):
        """pid of the supervisor's child with this word in its command line."""
        return next((pid for pid in children_of(self.process.pid) if word in command_line(pid)), None)

    def nginx(self):
        return self.child("master")

    def agent(self):
        return self.child(" agent")

    def workers(self):
        return [pid for pid in children_of(self.nginx()) if "worker process" in command_line(pid)]

    def log(self):
        return (self.directory / "router.log").read_text()

    def get(self, host, path="/", method="GET", body=None, headers=None, source="127.0.0.1"):
        """(status, headers, body); status 0 when there was no answer. `source`: any address of 127.0.0.0/8."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(source, 0))
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, {}, ""
        finally:
            connection.close()

    def status(self, host, path="/"):
        return self.get(host, path)[0]

    def body(self, host, path="/"):
        return self.get(host, path)[2]

    def admin(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def announcement(self):
        return json.loads(self.etcd.get("/deis/router/hosts/h1") or "{}")

    def acknowledged(self, revision, seconds=10):
        until(lambda: self.announcement().get("revision", 0) >= revision, f"revision {revision} is announced", seconds)

    def in_flight(self, app):
        endpoint = f"127.0.0.1:{app.port}"
        return json.loads(self.admin(f"/inflight?endpoint={endpoint}")[1])[endpoint]

    def open(self, host, path, extra="", method="GET"):
        """A connection on which a request was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode())
        return connection


class Platform:
    """What the controller and the publisher would write."""

    def __init__(self, etcd, router):
        self.etcd, self.router, self.apps = etcd, router, []

    def app(self, name):
        self.apps.append(App(name))
        return self.apps[-1]

    def endpoint(self, app, release, process, num=1, state="up", lease="0", container="c", host="h1"):
        job = f"{app}_v{release}.web.{num}"
        return self.etcd.put(f"/deis/services/{app}/{job}", {
            "app": app, "release": release, "type": "web", "num": num, "container": container, "host_id": host,
            "address": "127.0.0.1", "port": process if isinstance(process, int) else process.port, "state": state, "detail": ""}, lease)

    def live(self, app, release, draining=(), **policy):
        return self.etcd.put(f"/deis/apps/{app}", {"release": release, "draining": list(draining), **policy})

    def serve(self, app, release=1):
        """An app with one process, routed and acknowledged."""
        process = self.app(f"{app} v{release}")
        self.endpoint(app, release, process)
        self.router.acknowledged(self.live(app, release))
        return process

    def end(self):
        for app in self.apps:
            app.end()
