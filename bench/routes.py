"""How soon a change of a route is served, and what the table weighs: our router with 10,000 apps of two endpoints each, against
an nginx that gets a whole new configuration and a reload for every change, as routers made of a template do. Alternating, on the
same machine, with a real etcd and real nginx."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.report import ROOT, Row, median

sys.path.insert(0, str(ROOT / "router" / "tests"))

from rig import Etcd, Router, children_of, free_port, until  # noqa: E402

APPS = int(os.environ.get("DEIS_BENCH_APPS", "10000"))
HOSTS = int(os.environ.get("DEIS_BENCH_HOSTS", "100000"))
CHANGES = int(os.environ.get("DEIS_BENCH_CHANGES", "300"))
RELOADS = int(os.environ.get("DEIS_BENCH_RELOADS", "15"))
PROBED = "app-5000" if APPS > 5000 else "app-0"

BACKEND = """worker_processes 1; daemon off; pid {directory}/backend.pid; error_log {directory}/backend.err;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {directory}/b1; proxy_temp_path {directory}/b2; fastcgi_temp_path {directory}/b3;
  uwsgi_temp_path {directory}/b4; scgi_temp_path {directory}/b5;
  server {{ listen 127.0.0.1:{first}; return 200 "first"; }}
  server {{ listen 127.0.0.1:{second}; return 200 "second"; }}
}}
"""

# What such a router renders: an upstream and a virtual host per app.
TEMPLATE_HEAD = """worker_processes auto; daemon off; pid {directory}/template.pid; error_log {directory}/template.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
  client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
"""
TEMPLATE_APP = """  upstream u{number} {{ server 127.0.0.1:{port}; server 127.0.0.1:{port} backup; keepalive 4; }}
  server {{ listen 127.0.0.1:{listen}; server_name app-{number}.example.com;
    location / {{ proxy_pass http://u{number}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }} }}
"""


def put_all(etcd, pairs):
    """Writes many keys, 100 in a transaction."""
    connection = http.client.HTTPConnection("127.0.0.1", etcd.port, timeout=30)
    for begin in range(0, len(pairs), 100):
        writes = [{"requestPut": {"key": etcd.text(key), "value": etcd.text(json.dumps(value))}} for key, value in pairs[begin:begin + 100]]
        connection.request("POST", "/v3/kv/txn", json.dumps({"success": writes}))
        answer = json.loads(connection.getresponse().read())
        assert answer.get("succeeded"), answer
    connection.close()
    return int(answer["header"]["revision"])


def endpoint(app, num, port, release=1):
    return f"/deis/services/{app}/{app}_v{release}.web.{num}", {
        "app": app, "release": release, "type": "web", "num": num, "container": f"{app}-{num}-{port}", "host_id": "h1",
        "address": "127.0.0.1", "port": port, "state": "up", "detail": ""}


def proportional_memory(pid):
    """MiB of a process and its descendants; shared pages are divided among those that share them."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    return own + sum(proportional_memory(child) for child in children_of(pid))


class Visitor:
    """A kept connection that asks one host; `answer()` is what its app says."""

    def __init__(self, port, host):
        self.connection, self.host = http.client.HTTPConnection("127.0.0.1", port, timeout=10), host

    def answer(self):
        try:
            self.connection.request("GET", "/", headers={"Host": self.host})
            return self.connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return ""

    def seconds_until(self, wanted, begun):
        while self.answer() != wanted:
            assert time.monotonic() - begun < 60, f"{wanted} was never served"
        return time.monotonic() - begun


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class TemplateRouter:
    def __init__(self, directory, ports):
        self.directory, self.port, self.ports = directory, free_port(), ports
        self.conf = directory / "template.conf"
        self.write(0)
        self.process = subprocess.Popen(["nginx", "-c", str(self.conf), "-e", str(directory / "template.err")])
        self.visitor = Visitor(self.port, f"{PROBED}.example.com")
        until(lambda: self.visitor.answer() == "first", "the template's nginx answers", 60)

    def write(self, which):
        with open(self.conf, "w") as conf:
            conf.write(TEMPLATE_HEAD.format(directory=self.directory))
            for number in range(APPS):
                port = self.ports[which if f"app-{number}" == PROBED else 0]
                conf.write(TEMPLATE_APP.format(number=number, port=port, listen=self.port))
            conf.write("}\n")

    def change(self, which):
        begun = time.monotonic()
        self.write(which)
        os.kill(self.process.pid, signal.SIGHUP)
        return self.visitor.seconds_until(("first", "second")[which], begun)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class OurRouter:
    def __init__(self, directory, ports):
        self.etcd, self.ports = Etcd(directory).start(), ports
        self.router = Router(directory, self.etcd)
        self.router.start()
        self.router.acknowledged(1, 20)
        pairs = []
        for number in range(APPS):
            app = f"app-{number}"
            pairs += [endpoint(app, 1, ports[0]), endpoint(app, 2, ports[0]), (f"/deis/apps/{app}", {"release": 1})]
        begun = time.monotonic()
        self.router.acknowledged(put_all(self.etcd, pairs), 60)
        self.filled = time.monotonic() - begun
        self.visitor = Visitor(self.router.port, f"{PROBED}.example.com")
        self.reloads = self.workers()

    def workers(self):
        return sorted(self.router.workers())

    def change(self, which):
        begun = time.monotonic()
        self.etcd.put(*endpoint(PROBED, 1, self.ports[which]))
        self.etcd.put(*endpoint(PROBED, 2, self.ports[which]))
        return self.visitor.seconds_until(("first", "second")[which], begun)

    def memory(self):
        return proportional_memory(self.router.nginx()), proportional_memory(self.router.agent())

    def add_hosts(self):
        pairs = [(f"/deis/domains/www-{number}.example.org", {"app": f"app-{number % APPS}"}) for number in range(HOSTS)]
        self.router.acknowledged(put_all(self.etcd, pairs), 120)
        visitor = Visitor(self.router.port, f"www-{HOSTS - 1}.example.org")
        assert visitor.answer() in ("first", "second")

    def stop(self):
        self.router.stop()
        self.etcd.stop()


def measure(directory):
    ports = (free_port(), free_port())
    conf = directory / "backend.conf"
    conf.write_text(BACKEND.format(directory=directory, first=ports[0], second=ports[1]))
    backend = subprocess.Popen(["nginx", "-c", str(conf), "-e", str(directory / "backend.err")])
    ours = OurRouter(directory, ports)
    theirs = TemplateRouter(directory, ports)
    try:
        our_times, their_times = [], []
        for round_ in range(RELOADS):
            for _ in range(CHANGES // RELOADS // 2):
                our_times += [ours.change(1), ours.change(0)]
            their_times.append(theirs.change((round_ + 1) % 2))
        assert ours.workers() == ours.reloads, "nginx was reloaded"
        until(lambda: len(children_of(theirs.process.pid)) == os.cpu_count(), "the workers of before the reload are gone", 60)
        their_memory = proportional_memory(theirs.process.pid)
        at_apps = ours.memory()
        ours.add_hosts()
        at_hosts = ours.memory()
        return our_times, their_times, their_memory, at_apps, at_hosts
    finally:
        ours.stop()
        theirs.stop()
        backend.terminate()
        backend.wait(30)


NEEDS_PLATFORM = False


def run(_platform):
    directory = Path(tempfile.mkdtemp(prefix="deis-routes-"))
    directory.chmod(0o755)
    try:
        our_times, their_times, their_memory, at_apps, at_hosts = measure(directory)
    finally:
        shutil.rmtree(directory)
    peer = "nginx, configuration rendered and reloaded"
    milli = [round(seconds * 1000, 3) for seconds in our_times]
    their_milli = [seconds * 1000 for seconds in their_times]
    rows = [
        Row(f"change served, {APPS} apps, p50", "ms", median(milli), "-", milli, peer, median(their_milli)),
        Row(f"change served, {APPS} apps, p99", "ms", percentile(milli, 0.99), "<= 50, and 20 times faster", milli, peer, percentile(their_milli, 0.99)),
        Row("reloads", "", 0, "0", [0], peer, len(their_times)),
    ]
    for name, memory, goal in ((f"{APPS} apps", at_apps, "-"), (f"{APPS} apps and {HOSTS} domains", at_hosts, "-")):
        rows.append(Row(f"PSS of nginx, {name}", "MiB", memory[0], goal, [memory[0]], *((peer, their_memory) if memory is at_apps else ())))
        rows.append(Row(f"PSS of the agent, {name}", "MiB", memory[1], goal, [memory[1]]))
    return rows
