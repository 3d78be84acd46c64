"""How long a developer waits: a push against the same `docker build` by hand, and config:set until the new container serves."""

import time

from bench.report import Row, median
from tests.e2e.platform import App, ROOT

ROUNDS = 5


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def push_and_build(platform, app):
    """Alternates: a new commit is pushed, then the same kind of change is built by hand with the same cache state."""
    pushes, builds = [], []
    for round_ in range(ROUNDS):
        app.write("change.txt", f"push {round_}")
        app.commit(f"push {round_}")
        pushes.append(seconds(app.push))
        app.write("change.txt", f"hand {round_}")
        builds.append(seconds(lambda: platform.docker(
            "build", "-q", "-t", "bench-by-hand", str(app.directory), env={"DOCKER_BUILDKIT": "0"})))
        app.commit(f"hand {round_}")
    platform.docker("rmi", "-f", "bench-by-hand")
    return pushes, builds


def config_set(app):
    """From the start of the command until a request sees the new value."""
    def change(value):
        app.deis("config:set", f"BENCH={value}")
        assert app.get("/env/BENCH")[1].strip() == str(value)
    return [seconds(lambda: change(round_)) for round_ in range(ROUNDS)]


def run(platform):
    app = App(platform.user("bench"), "bench", ROOT / "examples" / "guestbook").create()
    app.push()
    pushes, builds = push_and_build(platform, app)
    overheads = [round(push - build, 3) for push, build in zip(pushes, builds)]
    changes = config_set(app)
    app.destroy()
    return [
        Row("push", "s", median(pushes), "-", [round(v, 3) for v in pushes], "docker build by hand", median(builds)),
        Row("push minus docker build", "s", median(overheads), "<= 1.5, must <= 3", overheads),
        Row("config:set to serving", "s", median(changes), "<= 1.5", [round(v, 3) for v in changes]),
    ]
