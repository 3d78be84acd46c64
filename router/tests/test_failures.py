"""One process of the router, or etcd, is killed: what visitors see."""

import os
import signal
import threading
import time

from rig import Etcd, Platform, Publisher, Router, free_port, until


class Visitor:
    """Asks again and again; afterwards tells the answers and the longest time without a good one."""

    def __init__(self, router, host):
        self.router, self.host, self.bad, self.good, self.gap = router, host, [], 0, 0.0
        self.stop_, self.thread = threading.Event(), threading.Thread(target=self.ask)

    def ask(self):
        last = time.monotonic()
        while not self.stop_.is_set():
            status = self.router.status(self.host)
            now = time.monotonic()
            if status == 200:
                self.good += 1
                self.gap, last = max(self.gap, now - last), now
            else:
                self.bad.append(status)
                time.sleep(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop_.set()
        self.thread.join()


def test_before_the_first_table_the_answer_is_503_and_afterwards_the_app(directory):
    etcd = Etcd(directory)
    router = Router(directory, etcd)
    try:
        etcd.start()
        router.start()
        router.acknowledged(1)
        platform = Platform(etcd, router)
        platform.serve("early")
        router.stop()
        etcd.stop()
        router.start_again()  # it finds no etcd, and knows nothing
        until(lambda: router.status("early.localhost") == 503, "503 without a table")
        assert "Retry-After" in router.get("early.localhost")[1]
        assert router.status("10.0.0.1", "/health-check") == 503
        until(lambda: router.admin("/readyz")[0] == 503, "not ready")
        etcd.start()
        until(lambda: router.body("early.localhost") == "early v1", "the table is back")
        platform.end()
    finally:
        router.stop()
        etcd.stop()


def test_the_table_survives_nginx_and_the_agent_while_etcd_is_away(platform, router, etcd):
    platform.serve("safe")
    etcd.stop()
    try:
        os.kill(router.agent(), signal.SIGKILL)
        old = router.nginx()
        os.kill(old, signal.SIGKILL)
        until(lambda: router.nginx() not in (None, old), "another nginx")
        until(lambda: router.body("safe.localhost") == "safe v1", "served without anybody to ask")
    finally:
        etcd.start()
    router.acknowledged(platform.live("safe", 1))


def test_the_last_table_serves_while_etcd_is_away(platform, router, etcd):
    platform.serve("steady")
    etcd.stop()
    try:
        with Visitor(router, "steady.localhost") as visitor:
            until(lambda: visitor.good >= 200, "two hundred answers")
    finally:
        etcd.start()
    assert visitor.bad == []
    router.acknowledged(platform.live("steady", 1))


def test_a_container_that_ends_while_etcd_is_away_gets_nothing_although_its_address_answers(platform, router, etcd):
    port = free_port()
    publisher = Publisher(port, ["kept", "lost", "late"])
    platform.serve("elsewhere")
    for app, container in (("keeps", "kept"), ("loses", "lost"), ("lags", "late")):
        platform.endpoint(app, 1, platform.app(f"{app} v1"), container=container, host="h2")
        router.acknowledged(platform.live(app, 1))
    etcd.put("/deis/publisher/hosts/h2", {"address": f"http://127.0.0.1:{port}"})
    until(lambda: "deis_router_publishers_followed 1" in router.admin("/metrics")[1], "the publisher is followed")
    etcd.stop()
    try:
        publisher.tell(app="loses", ended="lost")
        until(lambda: router.status("loses.localhost") == 503, "who may be somebody else is not asked")
        assert router.body("keeps.localhost") == "keeps v1"
        assert router.body("lags.localhost") == "lags v1"
        publisher.end()
        until(lambda: "deis_router_publishers_followed 0" in router.admin("/metrics")[1], "the publisher is away")
        assert router.status("loses.localhost") == 503
        assert router.body("keeps.localhost") == "keeps v1"
        publisher = Publisher(port, ["kept"])
        until(lambda: router.status("lags.localhost") == 503, "what ended meanwhile is told, too")
        assert router.body("keeps.localhost") == "keeps v1"
        assert router.body("elsewhere.localhost") == "elsewhere v1", "another host is not his to judge"
    finally:
        etcd.start()
    platform.endpoint("loses", 1, platform.app("loses again"), container="new", host="h2")
    router.acknowledged(platform.live("loses", 1))
    assert router.body("loses.localhost") == "loses again"
    etcd.erase("/deis/publisher/hosts/h2")
    publisher.end()


def test_a_killed_agent_costs_no_request_and_is_back(platform, router):
    platform.serve("calm")
    with Visitor(router, "calm.localhost") as visitor:
        old = router.agent()
        os.kill(old, signal.SIGKILL)
        until(lambda: router.agent() not in (None, old), "another agent")
        platform.endpoint("calm", 2, platform.app("calm v2"))
        router.acknowledged(platform.live("calm", 2), 15)
        assert router.body("calm.localhost") == "calm v2"
    assert visitor.bad == []


def test_an_nginx_that_stands_still_for_a_moment_does_not_take_the_router_out(platform, router, etcd):
    platform.serve("still")

    def announced_since():
        found = etcd.call("kv/range", {"key": etcd.text("/deis/router/hosts/h1")}).get("kvs")
        return found and found[0]["create_revision"]

    since, warned = announced_since(), router.log().count("nginx does not answer")
    workers = router.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        until(lambda: router.log().count("nginx does not answer") > warned, "the agent has noticed")
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
    until(lambda: router.body("still.localhost") == "still v1", "it serves again")
    router.acknowledged(platform.live("still", 1, maintenance={"message": "x"}))
    assert announced_since() == since
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        until(lambda: announced_since() is None, "one that does not answer at all takes it out", 20)
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
    router.acknowledged(platform.live("still", 1))


def test_a_killed_nginx_is_back_with_its_table_within_three_seconds(platform, router):
    platform.serve("phoenix")
    with Visitor(router, "phoenix.localhost") as visitor:
        old = router.nginx()
        os.kill(old, signal.SIGKILL)
        until(lambda: router.nginx() not in (None, old), "another nginx")
        until(lambda: router.status("phoenix.localhost") == 200, "served again")
        router.acknowledged(platform.live("phoenix", 1))
    print("seconds without service:", visitor.gap)
    assert visitor.gap < 3


def test_a_killed_worker_takes_its_counts_with_it(platform, router):
    app = platform.serve("worker")
    requests = [router.open("worker.localhost", "/wait") for _ in range(8)]
    until(lambda: router.in_flight(app) == 8, "eight are counted")
    for worker in router.workers():
        os.kill(worker, signal.SIGKILL)
    until(lambda: router.in_flight(app) == 0, "none is counted")
    assert router.body("worker.localhost") == "worker v1"
    for request in requests:
        request.close()


def test_a_change_made_while_the_agent_was_away_arrives(platform, router, etcd):
    platform.serve("late")
    os.kill(router.agent(), signal.SIGKILL)
    etcd.erase("/deis/services/late/late_v1.web.1")
    router.acknowledged(etcd.erase("/deis/apps/late"), 15)
    assert router.status("late.localhost") == 404


def test_the_router_withdraws_its_address_when_it_is_stopped(directory):
    etcd = Etcd(directory).start()
    router = Router(directory, etcd)
    try:
        router.start()
        router.acknowledged(1)
        router.stop()
        assert etcd.get("/deis/router/hosts/h1") is None
    finally:
        router.stop()
        etcd.stop()


def test_an_access_log_that_has_grown_large_is_put_aside_and_no_line_is_lost(platform, router):
    platform.serve("chatty")
    log = router.directory / "access.log"
    aside = router.directory / "access.log.1"
    asked = 0

    def lines():
        return sum(path.read_text().count("/numbered/") for path in router.directory.glob("access.log*"))

    def asked_until_put_aside():
        nonlocal asked
        asked += 1
        assert router.body("chatty.localhost", f"/numbered/{asked}") == "chatty v1"
        return aside.exists()

    until(asked_until_put_aside, "the log is put aside", 30)
    until(log.exists, "nginx writes into a new file")
    asked += 1
    assert router.body("chatty.localhost", f"/numbered/{asked}") == "chatty v1"
    until(lambda: "/numbered/" in log.read_text(), "the new file has the new line")
    until(lambda: lines() == asked, "every request has its line")


def test_endpoints_whose_leases_ended_while_etcd_stood_still_serve_on(platform, etcd, router):
    """Their publisher needs a moment to write them again; when it does not, they are gone after all."""
    process = platform.app("frozen v1")
    job = "/deis/services/frozen/frozen_v1.web.1"
    platform.endpoint("frozen", 1, process, lease=etcd.grant(5))
    router.acknowledged(platform.live("frozen", 1))
    with Visitor(router, "frozen.localhost") as visitor:
        etcd.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(8)  # the length of the fault
        finally:
            etcd.process.send_signal(signal.SIGCONT)
        until(lambda: etcd.get(job) is None, "the lease has ended")
        router.acknowledged(platform.endpoint("frozen", 1, process, lease=etcd.grant(60)), 20)
    assert visitor.bad == [] and visitor.good > 100
    etcd.erase(job)
    until(lambda: router.status("frozen.localhost") == 503, "a loss at other times is believed", 20)
