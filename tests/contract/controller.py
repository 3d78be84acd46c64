"""A controller that stands alone (script/controller), for tests and benchmarks: each instance has its own servers."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

import requests

SOURCE = Path(__file__).resolve().parents[2]
SCRIPT = SOURCE / "script" / "controller"
BINARY = SOURCE / "build" / "release" / "bin" / "deis-controller"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Controller:
    def __init__(self, state, port=None, domain="deisapp.local"):
        self.port = port or free_port()
        self.state = state
        self.domain = domain
        self.url = f"http://127.0.0.1:{self.port}"

    def script(self, *words, check=True):
        argv = [SCRIPT, "--port", str(self.port), "--state", self.state, "--domain", self.domain, *words]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=90)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def set(self, key, value):
        self.script("set", key, str(value))

    def settings(self):
        return json.loads(self.script("settings").stdout)

    def pid(self, name="controller"):
        return int(Path(self.state, f"{name}.pid").read_text())

    def port_of(self, name):
        """Of the instance's own servers: admin, postgres, etcd."""
        return int(Path(self.state, f"{name}-port").read_text())

    def metric(self, name):
        text = requests.get(f"http://127.0.0.1:{self.port_of('admin')}/metrics", timeout=10).text
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))

    def analyze(self):
        """What PostgreSQL does by itself within a minute."""
        url = f"postgresql://deis@127.0.0.1:{self.port_of('postgres')}/postgres"
        subprocess.run(["psql", "-q", "-d", url, "-c", "VACUUM ANALYZE"], check=True)

    def call(self, method, path, token=None, **options):
        headers = {"Authorization": f"token {token}"} if token else {}
        return requests.request(method, self.url + path, headers=headers, timeout=60, **options)

    def user(self, name="ann"):
        """Registers and returns the token; the first one is the administrator."""
        account = {"username": name, "password": "secret", "email": f"{name}@example.com"}
        answer = self.call("POST", "/v1/auth/register/", json=account)
        assert answer.status_code == 201, answer.text
        return self.call("POST", "/v1/auth/login/", json=account).json()["token"]

    def deployed_app(self, token, name):
        assert self.call("POST", "/v1/apps/", token, json={"id": name}).status_code == 201
        build = {"image": "example/image:1", "procfile": {"web": "serve", "worker": "work"}, "sha": "12345678"}
        answer = self.call("POST", f"/v1/apps/{name}/builds/", token, json=build)
        assert answer.status_code == 201, answer.text


@contextlib.contextmanager
def running_controller(**options):
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    # PostgreSQL runs as another account when we are root: the directory must be open to it.
    with tempfile.TemporaryDirectory(prefix="deis-controller-", dir=base) as directory:
        os.chmod(directory, 0o755)
        controller = Controller(f"{directory}/state", **options)
        controller.script("start")
        try:
            yield controller
        finally:
            controller.script("stop")
