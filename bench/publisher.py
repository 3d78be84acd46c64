"""deis-publisher with 1,000 containers on its host: what probing costs. The containers are cheap ones (bench/fake_engine.py);
publisher and etcd are the real ones."""

import base64
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from bench.report import ROOT, Row, median
from tests.contract.controller import free_port

CONTAINERS = int(os.environ.get("DEIS_BENCH_CONTAINERS", "1000"))
ROUNDS = int(os.environ.get("DEIS_BENCH_ROUNDS", "3"))
INTERVAL, INTERVALS = 3, 10  # seconds of a probe interval; how many a reading lasts, so that it holds all listings
NEEDS_PLATFORM = False


@contextlib.contextmanager
def process(argv, log, **options):
    with open(log, "w") as output:
        child = subprocess.Popen(argv, stderr=output, **({"stdout": output} | options))
        try:
            yield child
        finally:
            child.terminate()
            child.wait(30)


def until(condition, limit, what):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def states(etcd):
    """How many endpoints are in each state."""
    wanted = {"key": encoded("/deis/services/"), "range_end": encoded("/deis/services0")}
    answer = requests.post(f"{etcd}/v3/kv/range", json=wanted, timeout=30).json()
    values = [base64.b64decode(entry["value"]).decode() for entry in answer.get("kvs", [])]
    found = [re.search(r'"state":"(\w+)"', value).group(1) for value in values]
    return {state: found.count(state) for state in set(found)}


def is_serving(etcd):
    try:
        return requests.get(f"{etcd}/health", timeout=5).ok
    except requests.ConnectionError:
        return False


def pss_mib(pid):
    return int(re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1)) / 1024


def cpu_seconds(pid):
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def probes(engine):
    engine.send_signal(signal.SIGUSR1)
    return int(engine.stdout.readline())


@contextlib.contextmanager
def publisher(directory, path):
    client, peer, port = free_port(), free_port(), free_port()
    etcd = f"http://127.0.0.1:{client}"
    peers = f"http://127.0.0.1:{peer}"
    argv = ["etcd", "--data-dir", f"{directory}/etcd", "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"]
    engine_argv = [sys.executable, "-m", "bench.fake_engine", f"{directory}/engine.sock", str(CONTAINERS), str(port), path]
    env = os.environ | {"DEIS_ETCD": etcd, "DEIS_HOST_ID": "bench", "DEIS_ADMIN_PORT": str(free_port()),
                        "DEIS_PUBLISHER_ENGINE": f"unix://{directory}/engine.sock"}
    with process(argv, f"{directory}/etcd.log"), \
            process(engine_argv, f"{directory}/engine.log", stdout=subprocess.PIPE, text=True, cwd=ROOT) as engine:
        assert engine.stdout.readline() == "ready\n"
        until(lambda: is_serving(etcd), 30, "etcd does not serve")
        begin = time.monotonic()
        with process([ROOT / "build/release/bin/deis-publisher"], f"{directory}/publisher.log", env=env) as ours:
            until(lambda: states(etcd).get("up") == CONTAINERS, 120, f"not all are up: {states(etcd)}")
            yield ours, engine, etcd, time.monotonic() - begin


def measure(path):
    """Readings of CPU (per cent of a core), probes per interval, PSS; and the time until all were up."""
    readings = []
    with tempfile.TemporaryDirectory(prefix="deis-bench-") as directory:
        with publisher(directory, path) as (ours, engine, etcd, start):
            time.sleep(INTERVAL * 3)  # the start is over
            for _ in range(ROUNDS):
                before, probed, begin = cpu_seconds(ours.pid), probes(engine), time.monotonic()
                time.sleep(INTERVAL * INTERVALS)
                passed = time.monotonic() - begin
                readings.append(((cpu_seconds(ours.pid) - before) / passed * 100,
                                 (probes(engine) - probed) / passed * INTERVAL, pss_mib(ours.pid)))
            assert states(etcd) == {"up": CONTAINERS}, states(etcd)
    return readings, start


def run(_platform=None):
    rows = []
    for name, path in (("TCP checks", ""), ("HTTP checks", "/up")):
        readings, start = measure(path)
        cpu, probed, memory = ([reading[i] for reading in readings] for i in range(3))
        title = f"{CONTAINERS} containers, {name}"
        rows += [Row(f"{title}: CPU", "% of a core", median(cpu), "<= 2", [round(v, 3) for v in cpu]),
                 Row(f"{title}: probes per interval", "1/3 s", median(probed), "-", [round(v) for v in probed]),
                 Row(f"{title}: PSS", "MiB", max(memory), "<= 28.6", [round(v, 2) for v in memory]),
                 Row(f"{title}: from the start until all are up", "s", start, "-", [round(start, 2)])]
    return rows
