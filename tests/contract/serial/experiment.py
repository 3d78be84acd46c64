"""The experiment: apps are made, clients hammer them, the answers are held against the model, and at the end every
app is as the last of the serial order left it."""

import time
from collections import Counter
from dataclasses import dataclass, field

from .checker import Stuck, check
from .clients import hammer, look
from .model import Op

USERS = 4


@dataclass
class Report:
    seconds: float
    operations: Counter = field(default_factory=Counter)
    conflicts: int = 0
    releases: int = 0
    slowest_ms: float = 0
    checked_in: float = 0
    problems: list = field(default_factory=list)

    def text(self):
        total = sum(self.operations.values())
        lines = [f"{total} operations in {self.seconds:.0f} s ({total / self.seconds:.0f}/s), {self.releases} releases, "
                 f"{self.conflicts} times busy (409), slowest {self.slowest_ms:.0f} ms, checked in {self.checked_in:.1f} s",
                 "  " + ", ".join(f"{kind} {count}" for kind, count in self.operations.most_common())]
        return "\n".join(lines + self.problems)


def prepare(controller, apps):
    tokens = [controller.user(f"user-{number}") for number in range(USERS)]
    for name in apps:
        controller.deployed_app(tokens[0], name)
        for number in range(1, USERS):
            controller.call("POST", f"/v1/apps/{name}/perms/", tokens[0], json={"username": f"user-{number}"})
    return tokens


def final_reads(app):
    """What was seen when all was quiet, as operations behind all others."""
    now = time.monotonic_ns()
    live = app.live
    newest = [(app.version - i, r.config, r.build) for i, r in enumerate(reversed(app.releases))]
    containers = [(name, number, app.version) for name, count in app.counts for number in range(1, count + 1)]
    return [
        Op("get_config", None, now, now, 200, {"uuid": live.config, "values": dict(live.values)}),
        Op("get_releases", app.version, now, now, 200, [app.version, newest]),
        Op("get_containers", None, now, now, 200, (len(containers), containers)),
        Op("get_app", None, now, now, 200, dict(app.structure)),
        Op("get_domains", None, now, now, 200, (len(app.domains), list(app.domains))),
    ]


def experiment(controller, seconds, clients=64, app_count=20):
    apps = [f"app-{number:02}" for number in range(app_count)]
    tokens = prepare(controller, apps)
    before = {name: look(controller, tokens[0], name) for name in apps}
    history, problems = hammer(controller.port, tokens, apps, clients, seconds)
    report = Report(seconds, problems=problems)
    began = time.monotonic()
    for name in apps:
        ops = history[name]
        after = look(controller, tokens[0], name)
        report.operations.update(op.kind for op in ops)
        report.conflicts += sum(op.status == 409 for op in ops)
        report.releases += after.version - before[name].version
        report.slowest_ms = max([report.slowest_ms, *((op.end - op.begin) / 1e6 for op in ops)])
        try:
            check(before[name], ops + final_reads(after))
        except Stuck as stuck:
            report.problems.append(f"{name}: {stuck}")
    report.checked_in = time.monotonic() - began
    return report
