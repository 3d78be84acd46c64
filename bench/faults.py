"""What visitors see when a part of the platform dies: requests of every kind that failed, and for how long nobody was served."""

import json
import time

from bench.report import ROOT, Row
from tests.e2e.platform import App, wait_until

SOURCE = ROOT / "tests" / "e2e" / "apps" / "visited"
SETTLE = 6  # seconds of visits before a fault, and after its end


def visited(platform, app, other, fault):
    """The visitors' report around `fault()`."""
    visitors = platform.popen(["/usr/bin/python3", str(ROOT / "tests" / "e2e" / "visitors.py"), app.name, other.name, "80"])
    assert visitors.stdout.readline().strip() == "ready"
    try:
        time.sleep(SETTLE)  # the length of the measurement, not a condition
        fault()
        time.sleep(SETTLE)
    finally:
        output = visitors.communicate(timeout=120)[0]
    return json.loads(output.splitlines()[-1])


def killed(platform, component, pattern):
    def kill():
        victim = platform.pid_of(component, pattern)
        platform.kill(victim)
        wait_until(lambda: platform.is_replaced(component, pattern, victim), 30, f"{pattern} is back")
        wait_until(lambda: platform.ready(component), 30, f"{component} is ready")

    return kill


def etcd_stopped(platform):
    def stop():
        victim = platform.pid_of("etcd", r"^etcd\b|/etcd\b")
        platform.kill(victim, "STOP")
        try:
            time.sleep(60)
        finally:
            platform.kill(victim, "CONT")
        wait_until(lambda: platform.ready("router"), 60, "the router is ready")

    return stop


def container_killed(platform, app):
    def kill():
        ids = platform.docker("ps", "-q", "--filter", f"label=deis.app={app.name}").stdout.split()
        platform.docker("kill", ids[0])
        wait_until(lambda: len(platform.docker("ps", "-q", "--filter", f"label=deis.app={app.name}").stdout.split()) == len(ids), 60,
                   "another container runs")

    return kill


def run(platform):
    user = platform.user("fault")
    app, other = App(user, "visited", SOURCE).create(), App(user, "bystander", SOURCE).create()
    app.push()
    app.deis("scale", "cmd=2")
    other.push()
    faults = {
        "etcd stopped for 60 s": etcd_stopped(platform),
        "router agent killed": killed(platform, "router", r"deis-router agent"),
        "nginx worker killed": killed(platform, "router", r"nginx: worker"),
        "nginx master killed": killed(platform, "router", r"nginx: master"),
        "publisher killed": killed(platform, "publisher", r"deis-publisher"),
        "container killed with requests in flight": container_killed(platform, app),
    }
    rows = []
    for name, fault in faults.items():
        report = visited(platform, app, other, fault)
        requests = sum(seen["requests"] for seen in report.values())
        failed = sum(seen["failed"] for seen in report.values())
        rows.append(Row(f"{name}: failed of {requests}", "", failed, "-", [{kind: seen["failed"] for kind, seen in report.items()}]))
        # Of those whose requests are short: a slow answer that has to begin again takes its seconds, too.
        outage = max(report[kind]["outage"] for kind in ("new connections", "kept connections"))
        rows.append(Row(f"{name}: longest time in which a visitor was not served", "s", outage, "<= 3" if "nginx" in name else "-", [outage]))
    app.destroy()
    other.destroy()
    return rows
