"""The platform under test as its users meet it: `deis`, `git`, `curl` and, for operators, `deisctl` and `docker`.

Everything runs inside a test host (tests/host), whose loopback is its own: *.localhost there is the platform.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from base64 import b64decode
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("DEIS_BIN", ROOT / "build" / "release" / "bin"))
DOMAIN = "localhost"
CONTROLLER = f"http://deis.{DOMAIN}"
COMPONENTS = ("store", "database", "registry", "logger", "logspout", "controller", "builder", "publisher", "router")
ADMIN_PORTS = {
    "controller": 8001, "database": 8002, "builder": 8003, "registry": 8004, "logspout": 8005, "logger": 8006, "publisher": 8007,
    "router": 8008, "store": 8009}


class Waited(AssertionError):
    """A condition that did not come true in time."""


def wait_until(condition, seconds, what, every=0.1):
    """Calls `condition` until it returns something true, which is returned. No blind sleeps in tests: this."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Waited(f"not within {seconds} s: {what}")
        time.sleep(every)


class User:
    """Somebody with an account, a home directory, an SSH key and the `deis` program."""

    def __init__(self, platform, name, home):
        self.platform, self.name, self.home = platform, name, Path(home)
        self.password = uuid.uuid4().hex
        self.home.mkdir(parents=True, exist_ok=True)
        self.key = self.home / ".ssh" / "id_ed25519"

    @property
    def env(self):
        ssh = (
            f"ssh -F /dev/null -i {self.key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no"
            f" -o UserKnownHostsFile={self.home}/.ssh/known_hosts -o LogLevel=ERROR"
        )
        return {
            "HOME": str(self.home),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GIT_SSH_COMMAND": ssh,
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": self.name, "GIT_AUTHOR_EMAIL": f"{self.name}@example.com",
            "GIT_COMMITTER_NAME": self.name, "GIT_COMMITTER_EMAIL": f"{self.name}@example.com",
        }

    def run(self, argv, **kw):
        return self.platform.host.run(list(argv), env=self.env, **kw)

    def deis(self, *args, **kw):
        return self.run([str(BIN / "deis"), *args], **kw)

    def register(self):
        self.deis(
            "register", CONTROLLER, f"--username={self.name}", f"--password={self.password}",
            f"--email={self.name}@example.com")
        self.make_key()
        self.deis("keys:add", str(self.key) + ".pub")
        return self

    def make_key(self):
        self.key.parent.mkdir(mode=0o700, exist_ok=True)
        self.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{self.name}-key", "-f", str(self.key)])

    def token(self):
        return json.loads((self.home / ".deis" / "client.json").read_text())["token"]

    def api(self, method, path, body=None, headers=()):
        """(status, parsed body) of a request with this user's token, straight to the router."""
        argv = ["curl", "-sS", "-X", method, "-w", "\n%{http_code}", "-H", f"Authorization: token {self.token()}"]
        for header in headers:
            argv += ["-H", header]
        if body is not None:
            argv += ["-H", "Content-Type: application/json", "--data-binary", "@-"]
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        out = self.run([*argv, f"{CONTROLLER}{path}"], input=text).stdout
        payload, _, status = out.rpartition("\n")
        try:
            return int(status), json.loads(payload)
        except ValueError:
            return int(status), payload


class App:
    """A git checkout of an example with a `deis` remote."""

    def __init__(self, user, name, source):
        self.user, self.name = user, name
        self.directory = user.home / name
        shutil.copytree(source, self.directory)
        self.git("init", "-q", "-b", "master")
        self.commit("first")

    def git(self, *args, **kw):
        return self.user.run(["git", "-C", str(self.directory), *args], **kw)

    def deis(self, command, *args, **kw):
        return self.user.deis(command, "-a", self.name, *args, **kw)

    def create(self):
        self.user.deis("create", self.name, "--no-remote")
        self.git("remote", "add", "deis", f"ssh://git@deis.{DOMAIN}:2222/{self.name}.git")
        return self

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def write(self, name, text):
        (self.directory / name).write_text(text)

    def push(self, check=True):
        """The finished `git push`; what the builder said is in stderr."""
        return self.git("push", "deis", "master", check=check, timeout=600)

    def get(self, path="/", check=True):
        return self.user.platform.get(f"http://{self.name}.{DOMAIN}{path}", check=check)

    def releases(self):
        status, body = self.user.api("GET", f"/v1/apps/{self.name}/releases/")
        assert status == 200, body
        return [release["version"] for release in body["results"]]

    def latest(self):
        return max(self.releases())

    def containers(self):
        status, body = self.user.api("GET", f"/v1/apps/{self.name}/containers/")
        assert status == 200, body
        return body["results"]

    def destroy(self):
        self.user.deis("destroy", "-a", self.name, f"--confirm={self.name}")


class Platform:
    def __init__(self, host, scratch):
        self.host, self.scratch = host, Path(scratch)

    def user(self, prefix="user"):
        name = f"{prefix}-{uuid.uuid4().hex[:8]}"
        return User(self, name, self.scratch / name).register()

    def popen(self, argv, env=None):
        """Something that runs beside the test, with its output to be read."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return self.host.popen(argv, env=env, text=True, **pipes)

    @contextlib.contextmanager
    def under_load(self, app, connections):
        """So many clients ask the app all the while, and every one of their requests is answered well."""
        wrk = self.popen(
            ["wrk", "-t1", f"-c{connections}", "-d600s", "--timeout", "20s", "-H", f"Host: {app.name}.localhost", "http://127.0.0.1/"])
        try:
            yield
        finally:
            report = self.interrupt(wrk)
            print(report)
        assert int(re.search(r"(\d+) requests in", report).group(1)) > 1000, report
        assert "Non-2xx" not in report, report
        assert "Socket errors" not in report, report

    @staticmethod
    def interrupt(process, number=signal.SIGINT):
        """Ends a popen()ed program as Ctrl-C would: the program is nsenter's child and nsenter forwards nothing."""
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        # One that was started just now has none yet.
        wait_until(lambda: process.poll() is not None or children.read_text(), 20, "nsenter has started the program")
        if process.poll() is None:
            for child in children.read_text().split():
                os.kill(int(child), number)
        process.send_signal(signal.SIGCONT)  # nsenter has stopped, too, when the program ever was
        return process.communicate(timeout=60)[0]

    def kill(self, pid, name="KILL"):
        """Signals a process of the host by the id it has there."""
        self.host.run(["kill", f"-{name}", str(pid)])

    def docker(self, *args, **kw):
        return self.host.run(["docker", *args], **kw)

    def deisctl(self, *args, **kw):
        return self.host.run([str(BIN / "deisctl"), *args], **kw)

    def get(self, url, check=True):
        """(status, body); with check a status of 200 is demanded."""
        done = self.host.run(["curl", "-s", "-m", "30", "-w", "\n%{http_code}", url], check=False)
        body, _, status = done.stdout.rpartition("\n")
        if check:
            assert status == "200", f"{url}: {status} {body}"
        return int(status or 0), body

    def etcd_keys(self, prefix):
        argv = ["etcdctl", "--endpoints=127.0.0.1:2379", "get", "--prefix", "--keys-only", prefix]
        out = self.host.run(argv, env={"ETCDCTL_API": "3"}).stdout
        return [line for line in out.splitlines() if line]

    def etcd_entries(self, prefix):
        """{key: value} of one moment: a key that goes meanwhile is there with its value or not at all."""
        argv = ["etcdctl", "--endpoints=127.0.0.1:2379", "get", "--prefix", "--write-out=json", prefix]
        found = json.loads(self.host.run(argv, env={"ETCDCTL_API": "3"}).stdout).get("kvs", [])
        return {b64decode(one["key"]).decode(): b64decode(one.get("value", "")).decode() for one in found}

    def etcd_get(self, key):
        argv = ["etcdctl", "--endpoints=127.0.0.1:2379", "get", "--print-value-only", key]
        return self.host.run(argv, env={"ETCDCTL_API": "3"}).stdout.rstrip("\n")

    def leases(self, component):
        """Those under which addresses of the component are in etcd; none while etcd itself is away."""
        argv = ["etcdctl", "--endpoints=127.0.0.1:2379", "get", "--prefix", "--write-out=json", f"/deis/{component}/hosts/"]
        done = self.host.run(argv, env={"ETCDCTL_API": "3"}, check=False, timeout=10)
        return {one["lease"] for one in json.loads(done.stdout).get("kvs", [])} if done.returncode == 0 else set()

    def containers_of(self, component):
        return self.docker("ps", "-q", "-f", f"label=deis.component={component}").stdout.split()

    def processes_of(self, component):
        """[(pid, command line)] of the component's container, Docker's own init left out."""
        found = []
        for container in self.containers_of(component):
            top = self.docker("top", container, "-eo", "pid,args", check=False)  # it may be ending just now
            for line in top.stdout.splitlines()[1:]:
                pid, _, args = line.strip().partition(" ")
                if not args.strip().startswith("/sbin/docker-init"):
                    found.append((int(pid), args.strip()))
        return found

    def ready(self, component, predecessors=frozenset()):
        """Whether the component says so itself, and is announced under a lease that is none of its predecessors': what a
        killed one announced lives on for a while."""
        if component == "etcd":
            argv = ["etcdctl", "--endpoints=127.0.0.1:2379", "endpoint", "health"]
            return self.host.run(argv, env={"ETCDCTL_API": "3"}, check=False, timeout=10).returncode == 0
        url = f"http://127.0.0.1:{ADMIN_PORTS[component]}/readyz"
        return self.get(url, check=False)[0] == 200 and bool(self.leases(component) - predecessors)

    def pid_of(self, component, pattern):
        matching = [pid for pid, args in self.processes_of(component) if re.search(pattern, args)]
        assert matching, f"no process like {pattern!r} in {component}: {self.processes_of(component)}"
        return matching[0]

    def is_replaced(self, component, pattern, victim):
        """Whether a process like this runs, and the victim does not."""
        pids = [pid for pid, args in self.processes_of(component) if re.search(pattern, args)]
        return pids and victim not in pids

    def leftovers(self, app):
        """Everything in the platform that still bears the app's name, by kind; empty kinds are left out."""
        label = f"label=deis.app={app}"
        found = {
            "services": self.docker("service", "ls", "-q", "-f", label).stdout.split(),
            "containers": self.docker("ps", "-aq", "-f", label).stdout.split(),
            "images": self.docker("images", "-q", f"localhost:5000/{app}").stdout.split(),
            "etcd": [key for key in self.etcd_keys("/deis/") if f"/{app}" in key],
            "registry tags": self.registry_tags(app),
            "repository": self.repositories(app),
        }
        return {kind: things for kind, things in found.items() if things}

    def has_nothing_of(self, app):
        """For wait_until(): says in the end what it was that stayed."""
        left = self.leftovers(app)
        if left:
            print(f"left of {app}: {left}")
        return not left

    def registry_tags(self, app):
        done = self.host.run(["curl", "-s", f"http://127.0.0.1:5000/v2/{app}/tags/list"])
        return json.loads(done.stdout or "{}").get("tags") or []

    def repositories(self, app):
        for container in self.containers_of("builder"):
            out = self.docker("exec", container, "find", "/var/lib/deis/builder", "-maxdepth", "3", "(", "-name", f"{app}.git", "-o", "-name", f"{app}.removed", ")")
            return out.stdout.split()
        return []
