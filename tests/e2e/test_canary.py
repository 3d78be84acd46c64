"""A canary of a running app, as its visitors meet it: its part of the requests, promoted and aborted under load; and the trace
of a host."""

import collections
import json

import pytest

from .platform import App, ROOT, wait_until

REQUESTS = 400


@pytest.fixture(scope="module")
def cora(platform):
    return platform.user("cora")


@pytest.fixture
def mine(cora, request):
    """The guestbook with two web containers; v3 is live and says COLOUR=blue."""
    name = request.node.name.replace("test_", "").replace("_", "-")[:24].rstrip("-")
    app = App(cora, name, ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("config:set", "COLOUR=blue")
    app.deis("scale", "web=2")
    yield app
    app.destroy()


def colours(app, requests=REQUESTS):
    """How many of so many requests, each on a connection of its own, were answered with which colour."""
    url = f"http://{app.name}.localhost/env/COLOUR"
    script = f"for i in $(seq {requests}); do curl -sS -m 20 {url} || echo failed; echo; done"
    out = app.user.run(["sh", "-c", script], timeout=300).stdout
    return collections.Counter(out.split())


def canary(app):
    return json.loads(app.deis("releases:canary", "--json").stdout)


def test_a_canary_gets_its_part_and_nobody_else_notices(mine):
    mine.deis("config:set", "COLOUR=red", "--canary", "25")
    assert canary(mine)["live"] == 3 and canary(mine)["release"] == 4
    seen = colours(mine)
    assert set(seen) == {"red", "blue"}
    assert 0.15 * REQUESTS < seen["red"] < 0.35 * REQUESTS, seen
    mine.deis("releases:canary", "--weight", "75")
    seen = colours(mine)
    assert 0.65 * REQUESTS < seen["red"] < 0.85 * REQUESTS, seen
    mine.deis("releases:abort")
    assert set(colours(mine, 50)) == {"blue"}


def test_a_push_may_start_as_a_canary(mine):
    refused = mine.git("push", "-o", "canary=all", "deis", "master:other", check=False)
    assert refused.returncode != 0 and "canary must be a number from 1 to 99" in refused.stderr
    mine.git("commit", "--allow-empty", "-m", "another")
    pushed = mine.git("push", "-o", "canary=40", "deis", "master", timeout=600).stderr
    assert "is a canary and gets 40% of the requests" in pushed, pushed
    now = canary(mine)
    assert (now["live"], now["release"], now["weight"]) == (3, 4, 40)
    assert mine.deis("ps").stdout.splitlines()[-2:] == ["--- canary v4, 40% of the requests:", "web.1 up (v4)"]
    mine.deis("releases:promote")
    assert canary(mine)["live"] == 5 and set(colours(mine, 20)) == {"blue"}


def test_weights_promotion_and_abortion_fail_no_request(mine):
    with mine.user.platform.under_load(mine, connections=16):
        for round_ in range(3):
            mine.deis("config:set", f"COLOUR=red{round_}", "--canary", "10")
            for weight in (30, 60, 90):
                mine.deis("releases:canary", "--weight", str(weight))
            mine.deis("releases:abort")
            mine.deis("config:set", f"COLOUR=green{round_}", "--canary", "50")
            mine.deis("releases:promote")
            assert set(colours(mine, 20)) == {f"green{round_}"}


def test_all_requests_go_to_the_live_release_while_no_canary_is_up(mine):
    mine.deis("config:set", "COLOUR=red", "--canary", "50")
    service = f"{mine.name}_v4_web_1"
    mine.user.platform.docker("service", "scale", "--detach", f"{service}=0")

    def only_blue():
        return set(colours(mine, 20)) == {"blue"}

    wait_until(only_blue, 30, "the canary's part goes to the live release")
    assert set(colours(mine, 100)) == {"blue"}
    mine.deis("releases:abort")


def test_a_canary_survives_a_restart_of_the_controller(mine):
    mine.deis("config:set", "COLOUR=red", "--canary", "50")
    platform = mine.user.platform
    platform.docker("service", "rm", f"{mine.name}_v4_web_1")
    victim = platform.pid_of("controller", r"deis-controller")
    platform.kill(victim)
    wait_until(lambda: platform.is_replaced("controller", r"deis-controller", victim), 30, "another controller")
    wait_until(lambda: mine.user.api("GET", "/v1/apps/")[0] == 200, 30, "the controller answers")

    def red_again():
        return "red" in colours(mine, 20)

    wait_until(red_again, 120, "the next controller brings the canary back")
    wait_until(lambda: canary(mine)["weight"] == 50, 60, "the controller answers")
    mine.deis("releases:abort")


def test_a_trace_shows_what_the_router_has_applied(mine):
    mine.deis("config:set", "COLOUR=red", "--canary", "10")
    argv = ["routes:trace", f"{mine.name}.localhost", "--json"]
    trace = json.loads(mine.user.deis(*argv).stdout)
    assert trace["app"] == mine.name and trace["canary"] == {"release": 4, "weight": 10}
    assert sum(one["gets_requests"] for one in trace["endpoints"]) == 3
    assert len(trace["routers"]) == 1
    router = trace["routers"][0]
    assert router["agrees"], router
    assert {one["address"] for one in router["endpoints"]} == {
        one["address"] for one in trace["endpoints"] if one["gets_requests"]}
    mine.deis("releases:abort")
