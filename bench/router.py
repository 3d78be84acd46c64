"""Requests through the router against bare nginx proxying the same container, in turn, in one run."""

import re
import tempfile
from pathlib import Path

from bench.report import Row, median
from tests.e2e.platform import App, wait_until

ROUNDS = 5
SECONDS = 6
BARE_PORT = 8899

# A container that is not the bottleneck: nginx answering 1 KB from memory.
DOCKERFILE = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
COPY nginx.conf /etc/nginx/nginx.conf
EXPOSE 5000
CMD ["nginx", "-g", "daemon off;"]
"""
APP_CONF = """worker_processes 1;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  server {{ listen 5000; location / {{ default_type text/plain; return 200 "{body}"; }} }}
}}
""".format(body="x" * 1024)

# What an operator would write by hand: upstream keep-alive, the same access log, the same headers.
BARE_CONF = """worker_processes auto;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {directory}/access.log combined buffer=64k flush=1s;
  keepalive_requests 1000000;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  upstream app {{ server {address}:5000; keepalive 128; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
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


def wrk(platform, port, host, connections):
    out = platform.host.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Host: {host}", f"http://127.0.0.1:{port}/"]).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def container_address(platform, app):
    container = platform.docker("ps", "-q", "-f", f"label=deis.app={app}").stdout.split()[0]
    form = '{{(index .NetworkSettings.Networks "deis-apps").IPAddress}}'
    return platform.docker("inspect", "-f", form, container).stdout.strip()


def run(platform):
    source = Path(tempfile.mkdtemp(dir=platform.scratch))
    (source / "Dockerfile").write_text(DOCKERFILE)
    (source / "nginx.conf").write_text(APP_CONF)
    app = App(platform.user("rate"), "rate", source).create()
    app.push()
    directory = Path(tempfile.mkdtemp(dir=platform.scratch))
    conf = directory / "nginx.conf"
    conf.write_text(BARE_CONF.format(directory=directory, address=container_address(platform, "rate"), port=BARE_PORT))
    bare = platform.popen(["nginx", "-c", str(conf), "-e", str(directory / "error.log")])
    rows = []
    try:
        wait_until(lambda: platform.get(f"http://127.0.0.1:{BARE_PORT}/", check=False)[0] == 200, 10, "bare nginx answers")
        for connections in (1, 32, 128):
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(wrk(platform, 80, "rate.localhost", connections))
                theirs.append(wrk(platform, BARE_PORT, "rate.localhost", connections))
            for metric, unit, index, goal in (("requests/s", "1/s", 0, ">= 0.9"), ("p99", "ms", 1, "-")):
                rows.append(Row(
                    f"{metric}, {connections} connections", unit, median([r[index] for r in ours]), goal,
                    [r[index] for r in ours], "nginx proxy_pass", median([r[index] for r in theirs])))
    finally:
        platform.interrupt(bare)
        app.destroy()
    return rows
