"""Hosts, switches and requests in flight."""

import socket
import threading

from rig import Greeter, free_port, until


def test_an_app_answers_under_its_name_and_its_domain(platform, router, etcd):
    platform.serve("shop")
    router.acknowledged(etcd.put("/deis/domains/www.example.com", {"app": "shop"}))
    for host in ("shop.localhost", "SHOP.any.domain:8080", "www.example.com", "WWW.Example.COM."):
        assert router.body(host) == "shop v1"
    router.acknowledged(etcd.erase("/deis/domains/www.example.com"))
    assert router.status("www.example.com") == 404


def test_an_unknown_host_is_404_and_an_app_without_endpoints_503(platform, router):
    assert router.status("nobody.localhost") == 404
    router.acknowledged(platform.live("empty", 1))
    status, headers, _ = router.get("empty.localhost")
    assert status == 503 and "Retry-After" in headers


def test_a_destroyed_app_is_404(platform, router, etcd):
    platform.serve("gone")
    etcd.erase("/deis/services/gone/gone_v1.web.1")
    router.acknowledged(etcd.erase("/deis/apps/gone"))
    assert router.status("gone.localhost") == 404


def test_the_health_check_answers_on_the_default_host(platform, router):
    assert router.status("10.0.0.1", "/health-check") == 200
    platform.serve("healthy")
    assert router.body("healthy.localhost", "/health-check") == "healthy v1"


def test_only_endpoints_that_are_up_of_the_live_release_get_requests(platform, router):
    platform.serve("pick")
    platform.endpoint("pick", 1, platform.app("starting"), 2, "starting")
    platform.endpoint("pick", 1, platform.app("draining"), 3)
    platform.endpoint("pick", 2, platform.app("next"))
    router.acknowledged(platform.live("pick", 1, ["pick_v1.web.3"]))
    assert {router.body("pick.localhost") for _ in range(20)} == {"pick v1"}


def test_requests_go_round_all_endpoints(platform, router):
    platform.serve("round")
    router.acknowledged(platform.endpoint("round", 1, platform.app("second"), 2))
    answers = [router.body("round.localhost") for _ in range(40)]
    assert min(answers.count("round v1"), answers.count("second")) >= 10


class Upload:
    """A request whose head nginx has read, and whose body is still to come."""

    def __init__(self, router, host):
        self.connection = router.open(host, "/upload", "Content-Length: 10\r\nExpect: 100-continue\r\nCookie: secret\r\n", "POST")
        self.answers = self.connection.makefile("rb")
        assert b" 100 " in self.answers.readline()
        self.answers.readline()

    def finish(self):
        """(status, body) once the body is there."""
        self.connection.sendall(b"0123456789")
        status = int(self.answers.readline().split()[1])
        size = 0
        while (line := self.answers.readline()).strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        body = self.answers.read(size).decode()
        self.connection.close()
        return status, body


def test_a_body_that_comes_slowly_goes_to_what_is_live_when_it_is_complete(platform, router, etcd):
    old = platform.serve("slow")
    uploads = [Upload(router, "slow.localhost") for _ in range(4)]
    assert router.in_flight(old) == 0, "nobody waits with an endpoint in his hands"
    assert router.body("slow.localhost") == "slow v1"
    platform.endpoint("slow", 2, platform.app("slow v2"))
    router.acknowledged(platform.live("slow", 2))
    assert uploads[0].finish() == (200, "slow v2")
    router.acknowledged(platform.live("slow", 2, maintenance={"message": "Soon"}))
    assert uploads[1].finish() == (503, "Soon\n")
    router.acknowledged(platform.live("slow", 3))
    assert uploads[2].finish()[0] == 503
    router.acknowledged(etcd.erase("/deis/apps/slow"))
    assert uploads[3].finish()[0] == 404
    assert old.paths == ["/"], "the old release has seen none of them"


def test_a_slow_body_that_never_comes_leaves_nothing_behind(platform, router):
    app = platform.serve("torso")
    Upload(router, "torso.localhost").connection.close()
    until(lambda: 'deis_router_app_requests_total{app="torso",class="4xx"} 1' in router.admin("/metrics")[1], "it is over")
    assert router.in_flight(app) == 0 and app.paths == []
    assert router.body("torso.localhost") == "torso v1"


def test_after_an_acknowledged_switch_no_request_reaches_the_old_release(platform, router):
    platform.serve("switch")
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            answers.append(router.get("switch.localhost")[::2])

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for release in range(2, 12):
            platform.endpoint("switch", release, platform.app(f"switch v{release}"))
            router.acknowledged(platform.live("switch", release))
            assert {router.body("switch.localhost") for _ in range(8)} == {f"switch v{release}"}
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert {status for status, _ in answers} == {200}


def test_requests_in_flight_are_counted_and_forgotten(platform, router):
    slow = platform.serve("slow")
    requests = [router.open("slow.localhost", "/wait") for _ in range(3)]
    until(lambda: router.in_flight(slow) == 3, "three are counted")
    requests[0].close()  # a client that goes away
    until(lambda: router.in_flight(slow) == 2, "the aborted one is forgotten")
    slow.release.set()
    for request in requests[1:]:
        assert b"slow v1" in request.recv(4096) or b"slow v1" in request.recv(4096)
    until(lambda: router.in_flight(slow) == 0, "all are done")


def test_an_endpoint_that_refuses_connections_costs_no_request(platform, router):
    alive = platform.serve("half")
    router.acknowledged(platform.endpoint("half", 1, free_port(), 2))
    assert {router.get("half.localhost", method=method, body=body)[0] for method, body in (("GET", None), ("POST", "x")) for _ in range(20)} == {200}
    until(lambda: router.in_flight(alive) == 0, "none is counted any more")  # a worker counts it out after the answer


def test_an_app_that_cannot_be_reached_is_502_and_leaves_no_count(platform, router):
    class Nobody:
        port = free_port()

    platform.endpoint("dead", 1, Nobody.port)
    router.acknowledged(platform.live("dead", 1))
    assert router.status("dead.localhost") == 502
    until(lambda: router.in_flight(Nobody) == 0, "none is counted any more")


def test_a_websocket_passes_both_ways(platform, router):
    platform.serve("chat")
    socket_ = router.open("chat.localhost", "/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n")
    head = socket_.recv(4096)
    assert b" 101 " in head
    for word in (b"hello", b"again"):
        socket_.sendall(word)
        assert socket_.recv(4096) == word
    socket_.close()


def test_the_app_is_told_who_asked(platform, router):
    app = platform.serve("told")
    router.get("told.localhost")
    before = app.headers["X-Request-Id"]
    router.get("told.localhost", headers={"X-Forwarded-For": "6.6.6.6"})
    seen = app.headers
    assert (seen["Host"], seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("told.localhost", "127.0.0.1", "http")
    assert seen["X-Request-Id"] != before
    router.get("told.localhost", headers={"X-Request-Id": "my-own_id.1"})
    assert app.headers["X-Request-Id"] == "my-own_id.1"
    for bad in ("a b", "x" * 65, "a;b", '"'):
        router.get("told.localhost", headers={"X-Request-Id": bad})
        assert app.headers["X-Request-Id"] not in (bad, "")


def test_the_controllers_host_leads_to_the_controller(platform, router, etcd):
    assert router.status("deis.localhost") == 503
    controller = platform.app("controller")
    router.acknowledged(etcd.put("/deis/controller/hosts/h1", {"address": f"http://127.0.0.1:{controller.port}"}))
    assert router.body("deis.localhost") == "controller"
    assert router.get("deis.localhost", method="POST", body="x" * 4_000_000)[0] == 200


def test_a_broken_key_does_not_stop_the_others(platform, router, etcd):
    platform.serve("fine")
    etcd.put("/deis/apps/broken", "{")
    router.acknowledged(etcd.put("/deis/services/broken/x", "[]"))
    assert router.body("fine.localhost") == "fine v1"
    assert router.status("broken.localhost") == 404


def test_port_2222_follows_the_builders_address(router, etcd):
    for name in ("first", "second"):
        builder = Greeter(name)
        etcd.put("/deis/builder/hosts/h1", {"address": f"http://127.0.0.1:{builder.server_address[1]}"})

        def greeting():
            try:
                with socket.create_connection(("127.0.0.1", router.builder_port), 2) as connection:
                    return connection.recv(100).decode()
            except OSError:
                return ""

        until(lambda: greeting() == name, f"{name} answers")


def test_an_idle_router_writes_nothing(router, etcd):
    router.acknowledged(etcd.put("/deis/domains/last.example.com", {"app": "x"}))
    before = etcd.revision()
    etcd.put("/deis/elsewhere", "1")  # not a key of the router's
    until(lambda: router.admin("/readyz")[0] == 200, "ready")
    assert etcd.revision() == before + 1
