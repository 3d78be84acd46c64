"""Must show 4: any one process is killed at any moment; apps keep serving, the component returns, deploys work afterwards."""

import json
import re

import pytest

from .platform import App, BIN, COMPONENTS, ROOT, wait_until

# component, pattern of the command line of the process to kill, allowed outage of the app in seconds
VICTIMS = [
    ("etcd", r"^etcd\b|/etcd\b", 0),
    ("store", r"deis-store", 0),
    ("database", r"deis-database", 0),
    ("database", r"^postgres\b|bin/postgres\b", 0),
    ("registry", r"deis-registry", 0),
    ("registry", r"docker-registry", 0),
    ("logger", r"deis-logger", 0),
    ("logspout", r"deis-logspout", 0),
    ("controller", r"deis-controller", 0),
    ("builder", r"deis-builder", 0),
    ("builder", r"sshd", 0),
    ("publisher", r"deis-publisher", 0),
    ("router", r"deis-router agent", 0),
    ("router", r"deis-router supervise", 3),
    ("router", r"nginx: master", 3),
    ("router", r"nginx: worker", 3),
]


@pytest.fixture(scope="module")
def app(platform):
    app = App(platform.user("fault"), "steady", ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("scale", "web=2")
    yield app
    app.destroy()


class Probe:
    """Requests to the app all the while; `result()` ends it and tells what failed."""

    def __init__(self, platform, host_header):
        script = str(ROOT / "tests" / "e2e" / "prober.py")
        self.process = platform.popen(["/usr/bin/python3", script, host_header, "80", "/healthz"])
        assert self.process.stdout.readline().strip() == "ready"

    def result(self):
        return json.loads(self.process.communicate(timeout=30)[0].splitlines()[-1])


def deploys(app):
    before = app.latest()
    app.deis("config:set", f"AFTER={before}")
    assert app.get("/env/AFTER")[1].strip() == str(before)


def is_back(platform, component, pattern, victim):
    pids = [pid for pid, args in platform.processes_of(component) if re.search(pattern, args)]
    return pids and victim not in pids and platform.ready(component)


@pytest.mark.parametrize("component, pattern, allowed", VICTIMS, ids=[f"{c}-{p.split('|')[0]}" for c, p, _ in VICTIMS])
def test_killed_process_returns_and_apps_keep_serving(platform, app, component, pattern, allowed):
    victim = platform.pid_of(component, pattern)
    probe = Probe(platform, f"{app.name}.localhost")
    try:
        platform.kill(victim)
        wait_until(lambda: is_back(platform, component, pattern, victim), 15, f"{component} is back and announced")
        wait_until(lambda: app.user.api("GET", "/v1/apps/")[0] == 200, 15, "the controller answers")
        deploys(app)
    finally:
        result = probe.result()
    assert result["requests"] > 10
    assert result["longest_outage"] <= allowed, result


def test_component_killed_in_the_middle_of_a_deploy_leaves_a_consistent_platform(platform, app):
    for component in ("controller", "publisher", "etcd"):
        victim = platform.pid_of(component, component)
        deploy = platform.popen(
            [str(BIN / "deis"), "config:set", "-a", app.name, f"MIDDLE={component}"], env=app.user.env)
        platform.kill(victim)
        deploy.communicate(timeout=120)
        for name in ("etcd", "controller", "publisher", "router"):
            wait_until(lambda: platform.ready(name), 30, f"{name} is ready")
        wait_until(lambda: app.get("/healthz", check=False)[0] == 200, 15, "the app serves")
        deploys(app)
        wait_until(
            lambda: len(platform.docker("service", "ls", "-q", "-f", f"label=deis.app={app.name}").stdout.split()) == 2,
            90, "only the live release's containers are left")


def everything_is_back(platform, app):
    wait_until(lambda: app.get("/healthz", check=False)[0] == 200, 60, "the app serves again", every=0.5)
    for component in COMPONENTS:
        wait_until(lambda: platform.ready(component), 60, f"{component} is ready again", every=0.5)
    wait_until(lambda: app.user.api("GET", "/v1/apps/")[0] == 200, 30, "the controller answers")
    deploys(app)


def test_restart_of_the_docker_daemon_brings_everything_back_without_a_hand(platform, app):
    platform.host.stop_docker()
    platform.host.start_docker()
    everything_is_back(platform, app)


def test_everything_is_back_after_the_docker_daemon_is_killed_with_sigkill(platform, app):
    platform.host.kill_docker()
    platform.host.start_docker()
    everything_is_back(platform, app)
