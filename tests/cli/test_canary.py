"""releases:canary, promote and abort, routes:trace: what people see. Ours, beyond api.md 8.4."""

import pytest

NONE = "=== shop Canary\nNone: every request goes to v{}\n"


@pytest.fixture
def live(shop):
    """v2 is the build; v3 is live."""
    shop.run("config:set", "A=1", "-a", "shop")
    return shop


def test_a_canary_is_made_changed_and_aborted(live):
    assert live.run("releases:canary", "-a", "shop").out == NONE.format(3)
    lines = live.run("releases:canary", "v2", "--weight", "10", "-a", "shop").lines
    assert lines[:4] == [
        "Sending requests to v2... done", "", "=== shop Canary", "v2 gets 10% of the requests, v3 90%"]
    assert lines[4].startswith("By ann since ") and lines[5:] == ["web.1 up"]
    assert live.run("ps", "-a", "shop").lines[-2:] == ["--- canary v2, 10% of the requests:", "web.1 up (v2)"]
    assert [c["release"] for c in live.run("ps", "-a", "shop", "--json").json()] == ["v3"]
    lines = live.run("releases", "canary", "--weight=50", "--count=2", "-a", "shop").lines
    assert lines[0] == "Changing the canary... done" and "v2 gets 50% of the requests, v3 50%" in lines
    assert lines[5:] == ["web.1 up", "web.2 up"]
    state = live.run("releases:canary", "-a", "shop", "--json").json()
    assert (state["release"], state["live"], state["weight"]) == (2, 3, 50)
    assert live.run("releases:abort", "-a", "shop").out == "Aborting the canary... done\n"
    assert live.run("releases:canary", "-a", "shop").out == NONE.format(3)
    assert "canary" not in live.run("ps", "-a", "shop").out
    assert "shop has no canary" in live.fails("releases:abort", "-a", "shop").err


def test_a_canary_is_promoted_as_a_new_release(live):
    live.run("releases:canary", "2", "-w", "10", "-a", "shop")
    assert live.run("releases:promote", "-a", "shop").out == "Promoting the canary... done, v4\n"
    assert "ann promoted v2" in live.run("releases", "-a", "shop").lines[1]
    assert live.run("releases:canary", "-a", "shop").out == NONE.format(4)
    assert "shop has no canary" in live.fails("releases", "promote", "-a", "shop").err


def test_a_new_release_may_be_a_canary_first(live):
    out = live.run("config:set", "B=2", "--canary=5", "-a", "shop").out
    assert out.startswith("Creating config... done, v4\n")
    assert "v4 gets 5% of the requests, v3 95%" in live.run("releases:canary", "-a", "shop").out
    assert "B" not in live.run("config", "-a", "shop", "--json").json()["values"]
    refused = live.fails("config:set", "C=3", "-a", "shop").err
    assert "409 CONFLICT" in refused and "v4 is a canary of shop: promote or abort it first" in refused
    assert live.run("releases:promote", "--json", "-a", "shop").json() == {"version": 5}
    assert live.run("config", "-a", "shop", "--json").json()["values"]["B"] == "2"
    live.run("pull", "example/image:2", "--canary", "1", "-a", "shop", "--procfile=web: serve")
    assert live.run("releases:canary", "-a", "shop", "--json").json()["release"] == 6


def test_a_canary_that_is_wrong_names_the_rule(live):
    assert "weight: This must be a number from 1 to 99" in live.fails("releases:canary", "v2", "--weight=100", "-a", "shop").err
    assert "weight: This field is required" in live.fails("releases:canary", "v2", "-a", "shop").err
    assert "v3 is the live release of shop" in live.fails("releases:canary", "v3", "--weight=1", "-a", "shop").err
    assert "404 NOT FOUND" in live.fails("releases:canary", "v9", "--weight=1", "-a", "shop").err
    assert "--weight must be a number" in live.fails("releases:canary", "v2", "--weight=some", "-a", "shop").err
    assert "'latest' is not a release like v3" in live.fails("releases:canary", "latest", "--weight=1", "-a", "shop").err


def test_a_route_is_traced_from_the_host_on(live):
    live.run("domains:add", "www.example.com", "-a", "shop")
    lines = live.run("routes:trace", "www.example.com").lines
    assert lines[0] == "=== www.example.com Route"
    assert lines[1].split(maxsplit=1) == ["app:", "shop (by its domain)"]
    assert lines[2].split(maxsplit=1) == ["release:", "v3"]
    assert "ENDPOINT  RELEASE  ADDRESS" in "\n".join(lines)
    assert any(line.startswith("web.1") and line.endswith("gets requests") for line in lines)
    assert lines[-1] == "No router is announced."  # a controller that stands alone has none
    live.run("releases:canary", "v2", "--weight=10", "-a", "shop")
    out = live.run("routes:trace", "shop.deisapp.local").out
    assert "shop (by its name)" in out and "v3, v2 as canary with 10%" in out
    trace = live.run("routes:trace", "shop.deisapp.local", "--json").json()
    assert trace["canary"] == {"release": 2, "weight": 10} and trace["match"] == "name" and trace["routers"] == []


def test_a_route_of_others_is_not_told(live, bob):
    assert "404 NOT FOUND" in bob.fails("routes:trace", "shop.deisapp.local").err
    assert "404 NOT FOUND" in live.fails("routes:trace", "nobody.example.com").err
