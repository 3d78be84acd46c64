"""Which endpoint gets a request, what is repeated and what is not, and what the router tells of it."""

import json
import socket
import threading
import time

from rig import until


class Listener:
    """An endpoint of a test's own; `answer(connection)` is its behaviour."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def end(self):
        self.listener.close()


class HalfReader(Listener):
    """Reads the beginning of each request and hangs up."""

    def __init__(self):
        self.seen = 0
        super().__init__()

    def answer(self, connection):
        with connection:
            connection.recv(1000)
            self.seen += 1


class Fickle(Listener):
    """Keeps its connections open, and hangs up in the middle of every PUT that comes on one that was used before."""

    def __init__(self):
        self.puts, self.torn = [], 0
        super().__init__()

    def answer(self, connection):
        used = False
        with connection, connection.makefile("rb") as requests:
            while words := requests.readline().split():
                size = 0
                while (line := requests.readline()).strip():
                    size = int(line.split(b":")[1]) if line.lower().startswith(b"content-length:") else size
                if words[0] == b"PUT":
                    self.puts.append(words[1])
                    if used:
                        requests.read(min(size, 10_000))
                        self.torn += 1
                        return
                requests.read(size)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                used = True


def test_a_body_that_was_partly_sent_on_a_kept_connection_is_not_sent_again(platform, router):
    fickle = Fickle()
    platform.endpoint("fickle", 1, fickle)
    router.acknowledged(platform.live("fickle", 1))
    try:
        def one_more():
            assert router.get("fickle.localhost")[0] == 200
            router.get("fickle.localhost", f"/{len(fickle.puts)}", method="PUT", body="x" * 500_000)
            return fickle.torn >= 3

        until(one_more, "three of them broke")
        assert len(set(fickle.puts)) == len(fickle.puts), "each was seen once"
    finally:
        fickle.end()


def test_the_router_closes_idle_connections_before_common_servers_do(platform, router):
    """gunicorn closes them after 2 s: whoever closes just when a request comes leaves it unanswered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        platform.endpoint("idle", 1, listener.getsockname()[1])
        router.acknowledged(platform.live("idle", 1))
        with router.open("idle.localhost", "/"):
            connection, _ = listener.accept()
            connection.settimeout(10)
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            answered = time.monotonic()
            assert connection.recv(4096) == b"", "it is closed"
            assert 0.5 < time.monotonic() - answered < 1.9
            connection.close()


def test_a_canary_gets_about_its_share(platform, router):
    platform.serve("birds")
    platform.endpoint("birds", 2, platform.app("birds v2"))
    router.acknowledged(platform.live("birds", 1, canary={"release": 2, "weight": 30}))
    answers = [router.body("birds.localhost") for _ in range(300)]
    assert 50 <= answers.count("birds v2") <= 130
    router.acknowledged(platform.live("birds", 1))
    assert {router.body("birds.localhost") for _ in range(30)} == {"birds v1"}


def test_least_requests_avoids_a_busy_endpoint(platform, router):
    busy = platform.serve("least")
    idle = platform.app("idle")
    platform.endpoint("least", 1, idle, 2)
    router.acknowledged(platform.live("least", 1, balance="least-requests"))
    held = [router.open("least.localhost", "/wait") for _ in range(2)]
    until(lambda: router.in_flight(busy) + router.in_flight(idle) == 2, "both endpoints hold a request")
    held += [router.open("least.localhost", "/wait") for _ in range(6)]
    until(lambda: router.in_flight(busy) == router.in_flight(idle) == 4, "they are shared evenly")
    for app in (busy, idle):
        app.release.set()
    for connection in held:
        connection.close()


def test_a_body_that_was_partly_sent_is_not_sent_again(platform, router):
    bad = HalfReader()
    good = platform.app("good")
    platform.endpoint("torn", 1, bad)
    platform.endpoint("torn", 1, good, 2)
    router.acknowledged(platform.live("torn", 1))
    try:
        for method in ("POST", "PUT"):
            seen = [router.get("torn.localhost", method=method, body="x" * 500_000)[0] for _ in range(4)]
            assert 502 in seen, (method, seen)
        requests = bad.seen
        assert requests > 0
        assert {router.get("torn.localhost")[0] for _ in range(8)} == {200}, "without a body it is"
    finally:
        bad.end()


def test_an_endpoint_that_always_fails_is_left_alone_for_a_while(platform, router):
    bad = HalfReader()
    platform.endpoint("sick", 1, bad)
    platform.endpoint("sick", 1, platform.app("well"), 2)
    router.acknowledged(platform.live("sick", 1))
    try:
        until(lambda: router.body("sick.localhost") and any(e["ejected"] for e in route(router, "sick.localhost")["endpoints"]), "it is ejected")
        before = bad.seen
        assert {router.body("sick.localhost") for _ in range(50)} == {"well"}
        assert bad.seen == before
    finally:
        bad.end()


def test_an_endpoint_that_fails_requests_that_cannot_be_repeated_is_left_alone_too(platform, router):
    bad = HalfReader()
    platform.endpoint("worse", 1, bad)
    platform.endpoint("worse", 1, platform.app("well"), 2)
    router.acknowledged(platform.live("worse", 1))
    try:
        until(lambda: router.get("worse.localhost", method="POST", body="x" * 1000) and
              any(e["ejected"] for e in route(router, "worse.localhost")["endpoints"]), "it is ejected")
        assert {router.get("worse.localhost", method="POST", body="x" * 1000)[0] for _ in range(30)} == {200}
    finally:
        bad.end()


def route(router, host):
    status, body = router.admin(f"/route?host={host}")
    return json.loads(body) if status == 200 else None


def test_the_router_tells_how_a_host_is_served(platform, router, etcd):
    app = platform.serve("shown")
    platform.endpoint("shown", 2, platform.app("shown v2"))
    platform.live("shown", 1, canary={"release": 2, "weight": 5})
    router.acknowledged(etcd.put("/deis/domains/www.shown.test", {"app": "shown"}))
    told = route(router, "WWW.shown.test")
    assert (told["host"], told["app"], told["release"], told["canary"]) == ("www.shown.test", "shown", 1, {"release": 2, "weight": 5})
    assert [(e["address"], e["release"]) for e in told["endpoints"]][0] == (f"127.0.0.1:{app.port}", 1)
    assert told["revision"] == router.announcement()["revision"]
    assert route(router, "nobody.test") is None


def test_requests_are_counted_per_app_and_endpoint(platform, router):
    app = platform.serve("counted")
    for _ in range(7):
        router.body("counted.localhost")
    router.status("nobody-at-all.localhost")

    def metrics():
        return router.admin("/metrics")[1]

    until(lambda: 'deis_router_app_requests_total{app="counted",class="2xx"} 7' in metrics(), "seven are counted")
    text = metrics()
    assert f'deis_router_endpoint_requests_total{{app="counted",release="1",endpoint="127.0.0.1:{app.port}",class="2xx"}} 7' in text
    assert 'deis_router_app_request_duration_seconds_count{app="counted"} 7' in text
    of_endpoint = f'deis_router_endpoint_request_duration_seconds_count{{app="counted",release="1",endpoint="127.0.0.1:{app.port}"}} 7'
    assert of_endpoint in text
    assert 'deis_router_app_requests_total{app="",class="4xx"}' in text


def test_a_challenge_of_a_certificate_authority_is_answered_for_its_host_only(platform, router, etcd):
    platform.serve("proven")
    etcd.put("/deis/domains/www.proven.test", {"app": "proven"})
    router.acknowledged(etcd.put("/deis/acme/token-1", {"host": "www.proven.test", "answer": "token-1.print"}))
    path = "/.well-known/acme-challenge/token-1"
    assert router.get("www.proven.test", path)[::2] == (200, "token-1.print")
    assert router.body("proven.localhost", path) == "proven v1", "elsewhere it is the app's"
    router.acknowledged(platform.live("proven", 1, allowlist=["10.9.9.9"], maintenance={"message": "x"}))
    assert router.get("www.proven.test", path)[::2] == (200, "token-1.print")
    router.acknowledged(etcd.erase("/deis/acme/token-1"))
    assert router.status("www.proven.test", path) == 403
