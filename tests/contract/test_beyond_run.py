"""Beyond v1.7: one-off commands to which a client is attached. In contract mode the command is a tiny shell of the engine's own, which
repeats its input; where containers are real it is `cat`, which does too."""

import json

import pytest

from .websocket import BINARY, CLOSE, TEXT, WebSocket

pytestmark = pytest.mark.offers("/v1/apps/{app}/run/{session}")

STDIN, STDOUT = b"\0", b"\1"


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def shop(world, bob):
    return world.deployed(bob)


def start(user, app, **more):
    return user.post(f"/apps/{app}/run/", {"command": "cat", "attach": True, **more}).expect(201)


def attach(user, app, session):
    return WebSocket(user, f"/v1/apps/{app}/run/{session}/")


def read_until(socket, text):
    seen = b""
    while text not in seen:
        kind, data = socket.receive()
        assert kind == BINARY and data[:1] == STDOUT, (kind, data)
        seen += data[1:]
    return seen


def end_of(socket):
    """(exit code, close code) when nothing but output comes before."""
    code = None
    while True:
        kind, data = socket.receive()
        if kind == TEXT:
            code = json.loads(data)["exit"]
        elif kind == CLOSE:
            return code, int.from_bytes(data[:2], "big")


def test_beyond_run_input_goes_in_output_comes_out_and_the_end_is_told(bob, shop):
    session = start(bob, shop)["session"]
    with attach(bob, shop, session) as socket:
        socket.send(BINARY, STDIN + "grüße\n".encode())
        read_until(socket, "grüße\n".encode())
        socket.send(TEXT, b'{"eof": true}')
        assert end_of(socket) == (0, 1000)


def test_beyond_run_goes_on_detached_and_is_attached_to_again(bob, shop):
    session = start(bob, shop)["session"]
    with attach(bob, shop, session) as socket:
        socket.send(BINARY, STDIN + b"one\n")
        read_until(socket, b"one\n")
        socket.send(TEXT, b'{"detach": true}')
    with attach(bob, shop, session) as socket:
        socket.send(BINARY, STDIN + b"two\n")
        read_until(socket, b"two\n")
        socket.send(TEXT, b'{"eof": true}')
        assert end_of(socket) == (0, 1000)
    bob.get(f"/apps/{shop}/run/{session}/").expect(404)


def test_beyond_run_sessions_are_their_starters_only(world, bob, shop):
    made = start(bob, shop)
    assert made["container"].startswith(f"{shop}_v2.run.")
    world.user("eve").get(f"/apps/{shop}/run/{made['session']}/").expect(403)
    with attach(bob, shop, made["session"]) as socket:
        socket.send(TEXT, b'{"signal": "KILL"}')
        assert end_of(socket)[0] == 137


@pytest.mark.parametrize("body", [{"rows": 0}, {"cols": 100_000}, {"attach": "perhaps"}, {"tty": []}])
def test_beyond_run_refuses_what_makes_no_sense(bob, shop, body):
    bob.post(f"/apps/{shop}/run/", {"command": "cat", "attach": True, "tty": True, **body}).expect(400)
