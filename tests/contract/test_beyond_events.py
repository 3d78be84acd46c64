"""Beyond v1.7: the events of an app, as they happen."""

import json
import time

import pytest

from .http import Answer
from .world import fresh_name

pytestmark = pytest.mark.offers("/v1/apps/{app}/events")


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.deployed(bob)


class Stream:
    """The events of an app, read while they come."""

    def __init__(self, user, app, headers=()):
        self.api, self.path, self.text = user.api, f"/v1/apps/{app}/events", b""
        self.connection = user.api.connect()
        self.connection.request("GET", self.path, headers={"Authorization": f"token {user.token}", **dict(headers)})
        self.response = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.api.recorder.add("GET", self.path, Answer(self.response, self.text))
        self.connection.close()

    def next(self):
        """The next event: {"id", "event", "data"}. Comments, and blocks that only tell an id, are passed over."""
        event = {}
        while True:
            line = self.response.readline()
            assert line, f"the stream ended after {self.text[-500:]!r}"
            self.text += line
            name, _, value = line.decode().rstrip("\r\n").partition(":")
            if name:
                event[name] = json.loads(value) if name == "data" else value.strip()
            elif "event" in event:
                return event
            else:
                event = {}

    def until(self, wanted, seconds=30):
        end, seen = time.monotonic() + seconds, []
        while time.monotonic() < end:
            seen.append(self.next())
            if wanted(seen[-1]):
                return seen
        raise AssertionError(f"not among {seen}")


def is_done(event):
    return event["event"] == "phase" and event["data"]["phase"] == "done"


def test_beyond_events_tell_the_phases_of_a_roll_out_and_are_resumed(bob, shop):
    with Stream(bob, shop) as stream:
        assert stream.response.status == 200
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        bob.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}, headers={"X-Request-Id": "mine-1"}).expect(201)
        seen = stream.until(is_done)
    phases = [e["data"]["phase"] for e in seen if e["event"] == "phase" and e["data"]["request_id"] == "mine-1"]
    assert phases[0] == "starting" and phases[-1] == "done" and "switched" in phases
    assert any(e["event"] == "container" for e in seen)
    with Stream(bob, shop, {"Last-Event-ID": seen[0]["id"]}) as stream:
        again = stream.until(is_done)
    assert again == seen[1:]
    with Stream(bob, shop, {"Last-Event-ID": "0000-1"}) as stream:
        assert stream.next()["event"] == "reset"


def test_beyond_events_are_for_members(world, shop):
    world.user("eve").get(f"/apps/{shop}/events").expect(403)
    world.admin.get(f"/apps/{fresh_name('none')}/events").expect(404)
