"""Requests through the router against bare nginx and HAProxy proxying the same container, over HTTP and HTTPS, in turn, in one run."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from bench.report import ROOT, Row, median
from tests.e2e.answering import deploy_answering
from tests.e2e.platform import wait_until

ROUNDS = int(os.environ.get("DEIS_BENCH_ROUNDS", "15"))
SECONDS = int(os.environ.get("DEIS_BENCH_SECONDS", "2"))
CONNECTIONS = (1, 32, 128, 256)
BARE_PORT, BARE_TLS_PORT, HAPROXY_PORT, HAPROXY_TLS_PORT = 8899, 8898, 8897, 8896
PORTS, TLS_PORTS = (80, BARE_PORT, HAPROXY_PORT), (443, BARE_TLS_PORT, HAPROXY_TLS_PORT)  # ours first
HOST = "rate.localhost"

# The peers run as our router does, in containers on the host's network: what a container costs is not what a router costs.
PEERS_DOCKERFILE = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends nginx-light haproxy && rm -rf /var/lib/apt/lists/*
"""

# What an operator would write by hand: upstream keep-alive, the same access log, the same headers.
BARE_CONF = """worker_processes auto;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log {directory}/access.log combined buffer=64k flush=1s;
  keepalive_requests 1000000;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  upstream app {{ server {address}:5000; keepalive 128; keepalive_requests 1000000; }}
  ssl_certificate {directory}/cert.pem; ssl_certificate_key {directory}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:10m;
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl http2;
    location / {{
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
    }}
  }}
}}
"""


# The same with HAProxy, which writes no access log here.
HAPROXY_CONF = """global
  nbthread 2
  maxconn 8192
defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend visitors
  bind 127.0.0.1:{port}
  bind 127.0.0.1:{tls_port} ssl crt {directory}/both.pem alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
  default_backend app
backend app
  server container {address}:5000
"""


def wrk(platform, scheme, port, host, connections):
    """(requests/s, p50 ms, p99 ms)"""
    out = platform.host.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Host: {host}", f"{scheme}://127.0.0.1:{port}/"]).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))

    def latency(part):
        value, unit = re.search(rf"{part}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return rate, latency(50), latency(99)


def resumed_visits(platform, port, host):
    """(visits/s, p50 ms, p99 ms) of one visitor whose every request is a new connection with a resumed TLS session."""
    out = platform.host.run(["/usr/bin/python3", str(ROOT / "bench" / "tls_visitor.py"), str(port), host, str(SECONDS)]).stdout
    return json.loads(out)


def make_certificate(directory):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=*.localhost",
         "-addext", "subjectAltName=DNS:*.localhost", "-keyout", f"{directory}/key.pem", "-out", f"{directory}/cert.pem"],
        check=True, capture_output=True)
    both = (directory / "cert.pem").read_text() + (directory / "key.pem").read_text()
    (directory / "both.pem").write_text(both)


def container_address(platform, app):
    container = platform.docker("ps", "-q", "-f", f"label=deis.app={app}").stdout.split()[0]
    form = '{{(index .NetworkSettings.Networks "deis-apps").IPAddress}}'
    return platform.docker("inspect", "-f", form, container).stdout.strip()


def start_peers(platform, directory, address):
    """Names of their containers."""
    names = {"directory": directory, "address": address}
    (directory / "nginx.conf").write_text(BARE_CONF.format(port=BARE_PORT, tls_port=BARE_TLS_PORT, **names))
    (directory / "haproxy.cfg").write_text(HAPROXY_CONF.format(port=HAPROXY_PORT, tls_port=HAPROXY_TLS_PORT, **names))
    (directory / "Dockerfile").write_text(PEERS_DOCKERFILE)
    platform.docker("build", "-q", "-t", "bench-peers", str(directory), timeout=300)
    commands = {
        "bench-nginx": ["nginx", "-c", f"{directory}/nginx.conf", "-e", f"{directory}/error.log"],
        "bench-haproxy": ["haproxy", "-db", "-f", f"{directory}/haproxy.cfg"]}
    for name, command in commands.items():
        platform.docker("run", "-d", "--name", name, "--network", "host", "-v", f"{directory}:{directory}", "bench-peers", *command)
    return list(commands)


def compare(what, ports, measure):
    """Rows of what `measure(port)` reads: ours, bare nginx and HAProxy in turn, each round with another one first. What slows the
    machine for a while slows a round, so the ratio is the median of the rounds' ratios."""
    readings = [[], [], []]
    for number in range(ROUNDS):
        for index in range(len(ports)):
            which = (number + index) % len(ports)
            readings[which].append(measure(ports[which]))
    ours = readings[0]
    rows = []
    for peer, theirs, wanted in (("nginx proxy_pass", readings[1], ">= 0.95"), ("HAProxy", readings[2], "-")):
        for index, metric, unit in ((0, "requests/s", "1/s"), (1, "p50", "ms"), (2, "p99", "ms")):
            rows.append(Row(
                f"{what}, {metric}", unit, median([r[index] for r in ours]), wanted if index == 0 else "-",
                [r[index] for r in ours], peer, median([r[index] for r in theirs]),
                median([mine[index] / other[index] for mine, other in zip(ours, theirs)])))
    return rows


def run(platform):
    app = deploy_answering(platform.user("rate"), "rate", text="x" * 1024)
    directory = Path(tempfile.mkdtemp(dir=platform.scratch))
    make_certificate(directory)
    platform.deisctl("config", "router", "set", f"sslCert={directory}/cert.pem", f"sslKey={directory}/key.pem")
    peers = start_peers(platform, directory, container_address(platform, "rate"))
    answers = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Host: {HOST}"]
    try:
        for url in (f"http://127.0.0.1:{BARE_PORT}/", f"http://127.0.0.1:{HAPROXY_PORT}/", "https://127.0.0.1/"):
            wait_until(lambda url=url: platform.host.run([*answers, url], check=False).stdout == "200", 20, f"{url} answers")
        rows = []
        for scheme, ports in (("http", PORTS), ("https", TLS_PORTS)):
            for count in CONNECTIONS:
                rows += compare(f"{scheme}, {count} connections", ports, lambda port: wrk(platform, scheme, port, HOST, count))
        rows += compare("https, a new connection with a resumed session each", TLS_PORTS, lambda port: resumed_visits(platform, port, HOST))
    finally:
        platform.docker("rm", "-f", *peers)
        app.destroy()
    return rows
