"""Maintenance mode and allow-lists."""

import threading


def test_maintenance_is_503_with_the_message_and_ends_as_it_began(platform, router):
    app = platform.serve("closed")
    nginx = router.nginx()
    workers = router.workers()
    router.acknowledged(platform.live("closed", 1, maintenance={"message": "Zurück um 12 Uhr"}))
    app.headers = None
    status, headers, body = router.get("closed.localhost")
    assert (status, body) == (503, "Zurück um 12 Uhr\n")
    assert int(headers["Retry-After"]) > 0 and headers["Cache-Control"] == "no-store"
    assert router.status("closed.localhost", "/health-check") == 503
    assert router.get("closed.localhost", method="POST", body="x" * 100_000)[0] == 503
    assert app.headers is None, "no request reached the app"
    assert router.in_flight(app) == 0
    router.acknowledged(platform.live("closed", 1))
    assert router.body("closed.localhost") == "closed v1"
    assert (router.nginx(), router.workers()) == (nginx, workers), "nothing was reloaded"


def test_a_browser_gets_a_page_in_which_the_message_is_text(platform, router):
    message = "<script>alert(\"1\")</script> & 100%s %1\nsecond line"
    router.acknowledged(platform.live("page", 1, maintenance={"message": message}))
    status, headers, body = router.get("page.localhost", headers={"Accept": "text/html,*/*"})
    assert status == 503 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 100%s %1<br>second line</p>" in body
    router.acknowledged(platform.live("page", 1, maintenance={"message": ""}))
    assert "being maintained" in router.body("page.localhost")


def test_an_app_in_maintenance_needs_no_endpoints(platform, router):
    router.acknowledged(platform.live("nothing", 1, maintenance={"message": "Soon"}))
    assert router.body("nothing.localhost") == "Soon\n"


def test_only_listed_addresses_are_let_in(platform, router):
    app = platform.serve("office")
    router.acknowledged(platform.live("office", 1, allowlist=["127.0.0.2", "127.1.0.0/16", "2001:db8::/32"]))
    for source, expected in (("127.0.0.2", 200), ("127.1.7.7", 200), ("127.0.0.3", 403), ("127.2.0.0", 403)):
        for _ in range(3):  # the second time from memory
            assert router.get("office.localhost", source=source)[0] == expected, source
    status, _, body = router.get("office.localhost", headers={"X-Forwarded-For": "127.0.0.2", "X-Real-IP": "127.0.0.2"})
    assert status == 403 and "Forbidden" in body, "what a client claims is not where it is"
    assert router.in_flight(app) == 0
    router.acknowledged(platform.live("office", 1, allowlist=["127.0.0.3"]))
    assert router.get("office.localhost", source="127.0.0.3")[0] == 200
    assert router.get("office.localhost", source="127.0.0.2")[0] == 403
    router.acknowledged(platform.live("office", 1, allowlist=[]))
    assert router.get("office.localhost", source="127.0.0.9")[0] == 200


def test_the_list_of_the_config_counts_unless_another_was_chosen(platform, router):
    platform.serve("both")
    router.acknowledged(platform.live("both", 1, config_allowlist=["127.0.0.2"]))
    assert router.get("both.localhost", source="127.0.0.3")[0] == 403
    router.acknowledged(platform.live("both", 1, config_allowlist=["127.0.0.2"], allowlist=["127.0.0.3"]))
    assert router.get("both.localhost", source="127.0.0.3")[0] == 200
    router.acknowledged(platform.live("both", 1, config_allowlist=["127.0.0.2"], allowlist=[]))
    assert router.get("both.localhost", source="127.0.0.4")[0] == 200


def test_who_is_not_listed_does_not_see_the_maintenance_page_either(platform, router):
    router.acknowledged(platform.live("secret", 1, allowlist=["127.0.0.2"], maintenance={"message": "Soon"}))
    assert router.status("secret.localhost") == 403
    assert router.get("secret.localhost", source="127.0.0.2")[0] == 503


def test_a_list_holds_for_domains_and_for_websockets(platform, router, etcd):
    platform.serve("wide")
    etcd.put("/deis/domains/wide.example.com", {"app": "wide"})
    router.acknowledged(platform.live("wide", 1, allowlist=["10.0.0.0/8"]))
    assert router.status("wide.example.com") == 403
    socket_ = router.open("wide.localhost", "/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n")
    assert b" 403 " in socket_.recv(4096)
    socket_.close()


def test_an_allow_list_that_cannot_be_read_serves_nobody(platform, router):
    platform.serve("broken")
    router.acknowledged(platform.live("broken", 1, allowlist=["office"]))
    assert router.status("broken.localhost") == 404


def test_an_acknowledged_change_holds_for_every_later_request_under_load(platform, router):
    platform.serve("busy")
    stop, seen = threading.Event(), []

    def ask():
        while not stop.is_set():
            seen.append(router.status("busy.localhost"))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(10):
            router.acknowledged(platform.live("busy", 1, maintenance={"message": ""}))
            assert {router.status("busy.localhost") for _ in range(8)} == {503}
            router.acknowledged(platform.live("busy", 1, allowlist=["10.0.0.0/8"]))
            assert {router.status("busy.localhost") for _ in range(8)} == {403}
            router.acknowledged(platform.live("busy", 1))
            assert {router.status("busy.localhost") for _ in range(8)} == {200}
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert set(seen) <= {200, 403, 503}
