"""The API under load: reading apps and config with 1,000 apps and 10,000 releases, with and without the router, on a
controller of its own (docs/contract-mode.md) with PostgreSQL and wrk on the same machine."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import subprocess
import time
from pathlib import Path

from bench.report import ROOT, Row, median
from tests.contract.controller import free_port, running_controller

APPS, RELEASES = int(os.environ.get("DEIS_BENCH_APPS", "1000")), 10
CONNECTIONS = (1, 16, 64)
ROUNDS = int(os.environ.get("DEIS_BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("DEIS_BENCH_SECONDS", "5"))
DOMAIN = "bench.test"
PATHS = {"GET /v1/apps/": "/v1/apps/", "GET /v1/apps/<id>/": "/v1/apps/app-500/",
         "GET config": "/v1/apps/app-500/config/"}
GOALS = {("GET /v1/apps/<id>/", 16, "direct", "requests/s"): ">= 5000", ("GET /v1/apps/<id>/", 16, "direct", "p99"): "<= 15"}


def fill(controller, token):
    """Each app has ten releases: created, configured eight times, built (and so running) at last."""
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}

    def make(numbers):
        connection = http.client.HTTPConnection("127.0.0.1", controller.port, timeout=60)

        def post(path, body, wanted=201):
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == wanted, (path, answer.status, text)

        for number in numbers:
            app = f"/v1/apps/app-{number}"
            post("/v1/apps/", {"id": f"app-{number}"})
            for version in range(RELEASES - 2):
                post(f"{app}/config/", {"values": {f"KEY_{version}": f"the value {version} of app {number}"}})
            post(f"{app}/builds/", {"image": "example/image:1", "procfile": {"web": "serve"}, "sha": "12345678"})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(make, [range(first, APPS, 8) for first in range(8)]))


@contextlib.contextmanager
def router(controller):
    """deis-router with its nginx at the controller's etcd; the port it serves."""
    state = Path(controller.state)
    etcd = f"http://127.0.0.1:{(state / 'etcd-port').read_text().strip()}"
    directory = state / "router"
    directory.mkdir()
    port = free_port()
    for key, value in (("port", port), ("builderPort", free_port()), ("healthPort", free_port())):
        subprocess.run(["etcdctl", "--endpoints", etcd, "put", f"/deis/router/{key}", str(value)], check=True,
                       env=os.environ | {"ETCDCTL_API": "3"}, stdout=subprocess.DEVNULL)
    env = os.environ | {
        "DEIS_ETCD": etcd, "DEIS_HOST_ID": "alone", "DEIS_ADMIN_PORT": str(free_port()),
        "DEIS_ROUTER_RUN": str(directory / "run"), "DEIS_ROUTER_MODULE": str(ROOT / "build/release/bin/ngx_http_deis_module.so"),
        "DEIS_ROUTER_ACCESS_LOG": str(directory / "access.log")}
    with open(directory / "log", "w") as log:
        process = subprocess.Popen([ROOT / "build/release/bin/deis-router", "supervise"], env=env, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 30
        while status(port, f"deis.{DOMAIN}") != 401:
            assert time.monotonic() < end, (directory / "log").read_text()[-3000:]
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def status(port, host):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/v1/", headers={"Host": host})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def milliseconds(output, percentile):
    value, unit = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)", output).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def wrk(port, token, path, connections):
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Authorization: token {token}",
            "-H", f"Host: deis.{DOMAIN}", f"http://127.0.0.1:{port}{path}"]
    output = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output and "Socket errors" not in output, output
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    return rate, milliseconds(output, 50), milliseconds(output, 99)


def queries(controller, token, path):
    before = controller.metric("deis_controller_database_statements")
    for _ in range(100):
        assert controller.call("GET", path, token).status_code == 200
    # The controller asks the database now and then by itself whether it is there.
    return round((controller.metric("deis_controller_database_statements") - before) / 100)


def pss_mib(pid):
    return int(re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1)) / 1024


def measure(ways, token):
    rows = []
    for name, path in PATHS.items():
        for connections in CONNECTIONS:
            readings = {way: [] for way in ways}
            for _ in range(ROUNDS):
                for way, port in ways.items():
                    readings[way].append(wrk(port, token, path, connections))
            for way, runs in readings.items():
                for index, (metric, unit) in enumerate((("requests/s", "1/s"), ("p50", "ms"), ("p99", "ms"))):
                    values = [run[index] for run in runs]
                    goal = GOALS.get((name, connections, way, metric), "-")
                    title = f"{name}, {connections} connections, {way}, {metric}"
                    rows.append(Row(title, unit, median(values), goal, values))
    return rows


def run(_platform=None):
    with running_controller(domain=DOMAIN) as controller:
        controller.user("admin")
        token = controller.user("bench")
        began = time.monotonic()
        fill(controller, token)
        print(f"{APPS} apps with {APPS * RELEASES} releases made in {time.monotonic() - began:.1f} s", flush=True)
        controller.analyze()
        rows = [Row(f"{name}, queries", "", queries(controller, token, path), "<= 4", []) for name, path in PATHS.items()]
        with router(controller) as port:
            rows += measure({"direct": controller.port, "router": port}, token)
        memory = pss_mib(controller.pid())
        return [*rows, Row("PSS of the controller after the run", "MiB", memory, "<= 60", [round(memory, 2)])]


NEEDS_PLATFORM = False
