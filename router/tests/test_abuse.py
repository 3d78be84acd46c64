"""What hostile clients send: it costs bounded memory, ends in the right status, and others are served meanwhile."""

import re
import socket
import threading
from pathlib import Path

import pytest

from rig import children_of, until


def raw(router, data, more_to_come=False):
    """Everything that comes back for these bytes, until the router closes."""
    with socket.create_connection(("127.0.0.1", router.port), 10) as connection:
        try:
            connection.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            pass  # it did not want to hear the rest
        if not more_to_come:
            connection.shutdown(socket.SHUT_WR)
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.\d (\d{3}) ", answer)]


def resident(router):
    """MiB of nginx and its workers."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in [router.nginx(), *children_of(router.nginx())])
    return pages * 4096 / 2**20


# Each is one request whose end front and back could see in different places, and then the beginning of another one. An app must
# see at most one request, and never the second line's.
SMUGGLING = {
    "length and chunks": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "lengths in a list": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length: 0, 40\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "signed length": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length: +0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "hexadecimal length": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length: 0x0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "unknown coding": b"POST / HTTP/1.1\r\nHost: %h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "coding twice": b"POST / HTTP/1.1\r\nHost: %h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "coding with a vertical tab": b"POST / HTTP/1.1\r\nHost: %h\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "blank before the colon": b"POST / HTTP/1.1\r\nHost: %h\r\nContent-Length : 40\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "folded header": b"POST / HTTP/1.1\r\nHost: %h\r\nX: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "bad chunk size": b"POST / HTTP/1.1\r\nHost: %h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "chunk size too large": b"POST / HTTP/1.1\r\nHost: %h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "zero byte in a header": b"GET / HTTP/1.1\r\nHost: %h\r\nX: a\x00b\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: %h\r\nHost: other.localhost\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: %h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: %h\r\n\r\n",
}

# Where these end is not in doubt.
PIPELINED = b"GET / HTTP/1.1\r\nHost: piped.localhost\r\n\r\nGET /second HTTP/1.1\r\nHost: piped.localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("name", SMUGGLING)
def test_a_request_whose_end_is_doubtful_is_refused_and_nothing_behind_it_is_served(platform, router, name):
    app = platform.serve("victim")
    answer = raw(router, SMUGGLING[name].replace(b"%h", b"victim.localhost"))
    assert "/smuggled" not in app.paths, (name, answer)
    assert statuses(answer) and all(400 <= status < 600 for status in statuses(answer)), (name, answer)
    assert router.body("victim.localhost") == "victim v1"


def test_requests_in_a_row_on_one_connection_are_answered_in_order(platform, router):
    app = platform.serve("piped")
    answer = raw(router, PIPELINED, more_to_come=True)
    assert statuses(answer) == [200, 200] and app.paths[-1] == "/second"


@pytest.mark.parametrize("head, wanted", [
    (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: big.localhost\r\n\r\n", {414}),
    (b"GET / HTTP/1.1\r\nHost: big.localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", {400}),
    (b"GET / HTTP/1.1\r\nHost: big.localhost\r\n" + b"X: a\r\n" * 100_000 + b"\r\n", {400}),
    (b"GET / HTTP/1.1\r\nHost: " + b"a" * 300 + b"\r\n\r\n", {400, 404}),
    (b"GET / HTTP/1.1\r\n\r\n", {400}),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),
    (b"POST / HTTP/1.1\r\nHost: big.localhost\r\nContent-Length: 99999999999\r\n\r\n", {413}),
])
def test_heads_that_are_too_large_or_none_get_their_status(platform, router, head, wanted):
    app = platform.serve("big")
    seen = len(app.paths)
    assert set(statuses(raw(router, head))) <= wanted
    assert len(app.paths) == seen, "no such request reaches the app"


def test_a_thousand_clients_that_never_finish_their_head_cost_little_and_hinder_nobody(platform, router):
    platform.serve("patient")
    before = resident(router)
    slow = []
    try:
        for number in range(1000):
            connection = socket.create_connection(("127.0.0.1", router.port), 10)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: patient.localhost\r\nX-%d: " % number)
            slow.append(connection)
        assert {router.body("patient.localhost") for _ in range(50)} == {"patient v1"}
        assert resident(router) - before < 40
        slow[0].settimeout(40)
        assert statuses(slow[0].recv(1000)) in ([408], []), "its time is over"
    finally:
        for connection in slow:
            connection.close()
    until(lambda: router.body("patient.localhost") == "patient v1", "served afterwards")


def test_bombs_of_headers_from_many_clients_leave_the_workers_as_they_were(platform, router):
    platform.serve("bombed")
    workers = router.workers()
    bomb = b"GET / HTTP/1.1\r\nHost: bombed.localhost\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(200)) + b"\r\n"
    before = resident(router)

    def throw():
        for _ in range(50):
            assert all(status in (400, 494) for status in statuses(raw(router, bomb)))

    throwers = [threading.Thread(target=throw) for _ in range(8)]
    for thrower in throwers:
        thrower.start()
    for thrower in throwers:
        thrower.join()
    assert router.workers() == workers, "no worker died"
    assert resident(router) - before < 40
    assert router.body("bombed.localhost") == "bombed v1"
