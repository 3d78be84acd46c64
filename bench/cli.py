"""How quickly `deis` starts and answers: its version, its help, and a list from a controller in contract mode."""

import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from bench.report import ROOT, Row, median

NEEDS_PLATFORM = False
DEIS = ROOT / "build" / "release" / "bin" / "deis"
CONTROLLER = ROOT / "script" / "controller"
PYTHON_START = ["/usr/bin/python3", "-c", "pass"]  # what a client written in Python would begin with


def milliseconds(argv, env):
    """Every reading of hyperfine, without a shell in between."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            ["hyperfine", "-N", "--warmup=20", "--runs=200", "--export-json", out.name, " ".join(map(str, argv))],
            check=True, capture_output=True, env=env)
        return [reading * 1000 for reading in json.load(open(out.name))["results"][0]["times"]]


def row(metric, argv, goal, env, peer=None, peer_argv=None):
    readings = milliseconds(argv, env)
    theirs = median(milliseconds(peer_argv, env)) if peer_argv else None
    spread = [round(value, 3) for value in (min(readings), median(readings), max(readings))]
    return Row(metric, "ms", median(readings), goal, spread, peer, theirs)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(_platform=None):
    home = tempfile.TemporaryDirectory()
    env = {"PATH": os.environ["PATH"], "HOME": home.name}
    rows = [
        row("deis --version", [DEIS, "--version"], "< 10", env, "python3 -c pass", PYTHON_START),
        row("deis help", [DEIS, "help"], "< 10", env),
    ]
    port = free_port()
    subprocess.run([CONTROLLER, "start", "--port", str(port)], check=True, capture_output=True)
    try:
        url = f"http://127.0.0.1:{port}"
        register = [DEIS, "register", url, "--username=bench", "--email=bench@example.com", "--password-stdin"]
        subprocess.run(register, input="bench-password\n", text=True, check=True, capture_output=True, env=env)
        for number in range(20):
            subprocess.run([DEIS, "create", f"app-{number}", "--no-remote"], check=True, capture_output=True, env=env)
        token = json.loads((Path(home.name) / ".deis" / "client.json").read_text())["token"]
        curl = ["curl", "-s", "-o", "/dev/null", "-H", f"Authorization:token\\ {token}", f"{url}/v1/apps/"]
        rows.append(row("deis apps (20 apps, loopback)", [DEIS, "apps"], "< 20", env, "curl", curl))
    finally:
        subprocess.run([CONTROLLER, "stop", "--port", str(port)], check=True, capture_output=True)
        home.cleanup()
    rows.append(Row("size of the program", "MiB", DEIS.stat().st_size / 2**20, "-", [DEIS.stat().st_size]))
    return rows
