"""Settings of the router, live, against a real nginx."""

import gzip
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from certificates import certificate
from rig import BINARY, Etcd, Greeter, Platform, Router, command_line, until


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


class Settings:
    """Writes settings straight into etcd; brings back what was before at the end of a test."""

    def __init__(self, etcd, router):
        self.etcd, self.router, self.before, self.first = etcd, router, {}, None

    def answer(self):
        status, body = self.router.admin("/settings")
        return json.loads(body) if status == 200 else {}

    def write(self, **values):
        for name, value in values.items():
            key = name.replace("__", "/")
            key = f"/deis/{key}" if key.startswith(("controller/subdomain", "store/")) else f"/deis/router/{key}"
            self.remember(key)
            self.etcd.put(key, value)

    def remember(self, *keys):
        for key in keys:
            self.before.setdefault(key, self.etcd.get(key))

    def set(self, **values):
        """Writes them and waits until nginx goes by them."""
        self.write(**values)
        self.settle(lambda answer: all(self.is_shown(answer, name, value) for name, value in values.items()))

    def old_workers_are_gone(self):
        try:
            accepting = [pid for pid in self.router.workers() if "shutting down" not in command_line(pid)]
        except OSError:  # one of them ended just now
            return False
        return len(accepting) == os.cpu_count()

    @staticmethod
    def is_shown(answer, name, value):
        key = name.replace("__", "/")
        shown = answer["values"].get(key, answer["values"].get("router/" + key))
        return shown == value or shown == f"({len(value.encode())} bytes)"

    def settle(self, condition=lambda _: True):
        def settled():
            answer = self.answer()
            return answer.get("settled") and condition(answer)
        until(settled, "nginx goes by the settings")
        until(self.old_workers_are_gone, "no worker of before accepts connections")

    def problems(self):
        return {problem["key"]: problem for problem in self.answer()["problems"]}

    def end(self):
        for key, value in self.before.items():
            if value is None:
                self.etcd.erase(key)
            else:
                self.etcd.put(key, value)
        self.settle(lambda answer: answer["values"] == self.first["values"] and not answer["problems"])


@pytest.fixture
def settings(etcd, router):
    settings = Settings(etcd, router)
    until(settings.answer, "the router tells its settings")
    settings.settle()
    settings.first = settings.answer()
    yield settings
    settings.end()


def tls(router, host, path="/", alpn=("http/1.1",), maximum=None):
    """(status, headers, body, names in the certificate, chosen protocol) of a request over TLS; None when there is no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    if maximum:
        context.maximum_version = maximum
    try:
        with socket.create_connection(("127.0.0.1", router.ssl_port), 5) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
            shown = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], input=secure.getpeercert(True),
                                   capture_output=True, check=True).stdout.decode()
            if secure.selected_alpn_protocol() == "h2":
                return None, {}, "", shown, "h2"
            secure.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            reply = http.client.HTTPResponse(secure)
            reply.begin()
            return reply.status, dict(reply.getheaders()), reply.read().decode(), shown, secure.selected_alpn_protocol()
    except OSError:
        return None


def test_a_change_is_in_force_without_a_restart(platform, router, settings):
    platform.serve("live")
    nginx = router.nginx()
    assert router.get("live.localhost", method="POST", body="x" * 1_500_000)[0] == 413
    settings.set(bodySize="2m", serverTokens="on")
    until(lambda: router.get("live.localhost", method="POST", body="x" * 1_500_000)[0] == 200, "the new limit")
    until(lambda: "nginx/" in router.get("live.localhost")[1]["Server"], "the version is told")
    assert router.nginx() == nginx


def test_a_reload_that_takes_its_time_is_not_asked_for_with_every_change_of_an_app(platform, router, settings):
    platform.serve("busy")

    def asked():
        return router.log().count("nginx shall reload")

    before, began = asked(), time.monotonic()
    os.kill(router.nginx(), signal.SIGSTOP)
    try:
        settings.write(bodySize="5m")
        until(lambda: asked() > before, "it is asked for")
        for _ in range(10):
            router.acknowledged(platform.live("busy", 1, maintenance={"message": "x"}))
            router.acknowledged(platform.live("busy", 1))
        assert asked() - before <= time.monotonic() - began + 1
    finally:
        os.kill(router.nginx(), signal.SIGCONT)
    settings.settle(lambda answer: answer["values"]["router/bodySize"] == "5m")


def test_a_value_that_breaks_its_rule_is_told_and_the_last_good_one_stays(platform, router, etcd, settings):
    platform.serve("rule")
    settings.set(bodySize="2m")
    settings.write(bodySize="big", gzip="off")
    settings.settle(lambda answer: answer["problems"] and answer["values"]["router/gzip"] == "off")
    problem = settings.problems()["router/bodySize"]
    assert problem["value"] == "big" and "number" in problem["reason"]
    assert router.get("rule.localhost", method="POST", body="x" * 1_500_000)[0] == 200, "2m counts"
    assert json.loads(until(lambda: etcd.get("/deis/router/problems/h1"), "the problem is in etcd")) == [problem]
    assert router.admin("/readyz")[0] == 200
    assert "deis_router_settings_ignored 1" in router.admin("/metrics")[1]
    etcd.put("/deis/elsewhere", "1")
    assert router.log().count('"key":"router/bodySize","value":"big"') == 1
    settings.set(bodySize="3m")
    until(lambda: etcd.get("/deis/router/problems/h1") is None, "no problem is left")


def test_what_nginx_refuses_is_found_among_others_which_come_into_force(platform, router, settings, directory):
    platform.serve("among")
    weak, weak_key = certificate(directory, "weak.example.com", bits=1024)
    settings.write(
        bodySize="4m", gzipDisable="((", sslCert=weak, sslKey=weak_key, sslCiphers="nonsense", serverTokens="on", defaultTimeout="1200",
        maxWorkerConnections="2048", gzipCompLevel="6", hsts__maxAge="60")
    settings.settle(lambda answer: answer["values"]["router/gzipCompLevel"] == "6")
    problems = settings.problems()
    assert set(problems) == {"router/gzipDisable", "router/sslCert", "router/sslCiphers"}
    assert problems["router/gzipDisable"]["reason"].startswith("refused by nginx: ")
    assert "too small" in problems["router/sslCert"]["reason"]
    assert problems["router/sslCiphers"]["reason"].startswith("must be a cipher list")
    values = settings.answer()["values"]
    assert [values["router/" + key] for key in ("bodySize", "serverTokens", "defaultTimeout", "maxWorkerConnections", "hsts/maxAge")] == [
        "4m", "on", "1200", "2048", "60"]
    assert values["router/gzipDisable"] == "msie6" and values["router/sslCert"] == ""
    until(lambda: router.get("among.localhost", method="POST", body="x" * 3_500_000)[0] == 200, "the new limit")
    assert router.admin("/readyz")[0] == 200


def test_the_last_good_values_outlive_agent_and_container(directory):
    etcd = Etcd(directory)
    router = Router(directory, etcd)
    try:
        etcd.start()
        router.start().acknowledged(1, 15)
        platform = Platform(etcd, router)
        platform.serve("steady")
        settings = Settings(etcd, router)
        settings.set(bodySize="2m", gzip="off")
        etcd.put("/deis/router/bodySize", "big")
        settings.settle(lambda answer: answer["problems"])
        old = router.agent()
        os.kill(old, signal.SIGKILL)
        until(lambda: router.agent() not in (None, old), "another agent")
        until(lambda: settings.answer().get("settled"), "it has settled")
        assert settings.answer()["values"]["router/bodySize"] == "2m"
        router.stop()
        subprocess.run(["rm", "-r", str(directory / "run")], check=True)  # a new container has a new run directory
        router.start_again()
        until(lambda: settings.answer().get("settled"), "the new container has settled", 20)
        assert settings.answer()["values"]["router/bodySize"] == "2m"
        assert etcd.get("/deis/router/gzip") == "off", "no start brings a default back"
        assert (directory / "settings.json").stat().st_mode & 0o777 == 0o600
        platform.end()
    finally:
        router.stop()
        etcd.stop()


def test_https_is_served_once_there_is_a_certificate(platform, router, settings, directory):
    platform.serve("safe")
    app = platform.apps[-1]
    assert tls(router, "safe.example.com") is None, "the port is closed"
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    settings.set(sslCert=chain, sslKey=key)
    status, _, body, shown, _ = until(lambda: tls(router, "safe.example.com"), "TLS")
    assert (status, body) == (200, "safe v1") and "platform.example.com" in shown
    seen = app.headers
    assert (seen["X-Forwarded-Proto"], seen["X-Forwarded-Ssl"], seen["X-Forwarded-Port"]) == ("https", "on", str(router.ssl_port))
    assert tls(router, "safe.example.com", alpn=("h2", "http/1.1"))[4] == "h2"
    assert tls(router, "nobody.example.org")[0] == 404
    assert router.body("safe.example.com") == "safe v1", "nothing enforces HTTPS"
    assert tls(router, "safe.example.com", maximum=ssl.TLSVersion.TLSv1_2)[0] == 200
    settings.set(sslProtocols="TLSv1.3")
    until(lambda: tls(router, "safe.example.com", maximum=ssl.TLSVersion.TLSv1_2) is None, "TLS 1.2 is over")
    assert tls(router, "safe.example.com")[0] == 200
    files = [path for path in (router.directory / "run/files").iterdir() if "page" not in path.name]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_http_2_reaches_the_app(platform, router, settings, directory):
    platform.serve("two")
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    settings.set(sslCert=chain, sslKey=key)
    url = f"https://two.example.com:{router.ssl_port}/"
    command = ["curl", "-sk", "--http2", "--resolve", f"two.example.com:{router.ssl_port}:127.0.0.1", "-w", " %{http_version}", url]
    until(lambda: subprocess.run(command, capture_output=True, text=True).stdout == "two v1 2", "an answer by HTTP/2")


def test_a_certificate_of_one_domain_serves_no_other(platform, router, etcd, settings, directory):
    platform.serve("tenant")
    chain, key = certificate(directory, "www.tenant.org")
    etcd.put("/deis/domains/www.tenant.org", {"app": "tenant"})
    router.acknowledged(etcd.put("/deis/certs/www.tenant.org", {"certificate": chain, "key": key}))
    try:
        assert "www.tenant.org" in until(lambda: tls(router, "www.tenant.org"), "TLS")[3]
        for host in ("nobody.example.org", "tenant.example.org"):
            assert "no certificate is installed" in tls(router, host)[3], host
        assert tls(router, "nobody.example.org")[0] == 404
        settings.set(enforceHTTPS="true")
        until(lambda: router.status("www.tenant.org") == 301, "its own host goes to HTTPS")
        assert router.status("tenant.example.org") == 200, "a host without certificate does not"
        settings.settle()
        workers = router.workers()
        router.acknowledged(etcd.erase("/deis/certs/www.tenant.org"))
        assert "no certificate is installed" in tls(router, "www.tenant.org")[3], "the port stays open"
        router.acknowledged(etcd.put("/deis/certs/www.tenant.org", {"certificate": chain, "key": key}))
        assert "www.tenant.org" in tls(router, "www.tenant.org")[3]
        settings.settle()
        assert router.workers() == workers, "nothing was reloaded"
    finally:
        etcd.erase("/deis/certs/www.tenant.org")


def test_a_killed_agent_costs_no_visitor_of_a_domains_certificate_a_request(platform, router, etcd, settings, directory):
    platform.serve("tls")
    chain, key = certificate(directory, "www.tls.org")
    etcd.put("/deis/domains/www.tls.org", {"app": "tls"})
    router.acknowledged(etcd.put("/deis/certs/www.tls.org", {"certificate": chain, "key": key}))
    try:
        until(lambda: tls(router, "www.tls.org"), "TLS")
        settings.settle()
        workers, old, answers = router.workers(), router.agent(), []
        os.kill(old, signal.SIGKILL)

        def is_back():
            answers.append((tls(router, "www.tls.org") or [None])[0])
            return router.agent() not in (None, old) and settings.answer().get("settled")

        until(is_back, "another agent has settled")
        settings.settle()
        answers.append((tls(router, "www.tls.org") or [None])[0])
        assert set(answers) == {200}
        assert router.workers() == workers, "nothing was reloaded"
    finally:
        etcd.erase("/deis/certs/www.tls.org")


def test_hsts_and_redirects_are_only_for_hosts_with_a_certificate(platform, router, settings, directory):
    platform.serve("strict")
    settings.set(hsts__enabled="true")
    assert router.status("strict.example.com") == 200, "nothing is enforced without a certificate"
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    settings.set(sslCert=chain, sslKey=key, hsts__includeSubDomains="true", hsts__preload="true")
    until(lambda: router.status("strict.example.com") == 301, "plain HTTP leads to HTTPS")
    status, headers, _ = router.get("strict.example.com:8080", "/a/b?c=d")
    assert (status, headers["Location"]) == (301, "https://strict.example.com/a/b?c=d")
    assert "Strict-Transport-Security" not in headers
    assert tls(router, "strict.example.com")[1]["Strict-Transport-Security"] == "max-age=10886400; includeSubDomains; preload"
    assert tls(router, "nobody.example.com")[1]["Strict-Transport-Security"]
    assert router.status("strict.example.org") == 200, "another domain has no certificate"
    assert router.status("strict.example.com", "/.well-known/acme-challenge/x") == 200
    settings.set(enforceHTTPS="false")
    until(lambda: router.status("strict.example.com") == 200, "no redirect any more")
    assert tls(router, "strict.example.com")[1]["Strict-Transport-Security"]


def test_a_trusted_load_balancer_tells_scheme_and_client(platform, router, settings):
    app = platform.serve("behind")

    def told(**headers):
        status, answer, _ = router.get("behind.localhost", headers={name.replace("_", "-"): value for name, value in headers.items()})
        return status, answer, app.headers

    _, _, seen = told(X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.9")
    assert (seen["X-Forwarded-Proto"], seen["X-Forwarded-For"]) == ("http", "127.0.0.1"), "anybody could say that"
    settings.set(proxyRealIpCidr="127.0.0.1/32:balancer,2001:db8::/32", enforceHTTPS="true", hsts__enabled="true")
    until(lambda: told(X_Forwarded_Proto="https")[2]["X-Forwarded-Proto"] == "https", "the balancer is believed")
    _, answer, seen = told(X_Forwarded_Proto="http, https", X_Forwarded_For="198.51.100.1, 203.0.113.9")
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Port"], seen["X-Forwarded-Ssl"]) == ("203.0.113.9", "443", "on")
    assert answer["Strict-Transport-Security"]
    assert told(X_Forwarded_Proto="https, http")[0] == 301, "the last one counts"
    with router.open("behind.localhost", "/", "X-Forwarded-Proto: http\r\nX-Forwarded-Proto: HTTPS\r\n") as connection:
        assert b" 200 " in connection.recv(4096), "and the last line"
    assert told()[0] == 200, "nobody says that HTTPS would be answered"


def test_the_proxy_protocol_brings_the_clients_address(platform, router, settings):
    app = platform.serve("proxied")

    def ask(header):
        with socket.create_connection(("127.0.0.1", router.port), 5) as connection:
            connection.sendall(header + b"GET / HTTP/1.1\r\nHost: proxied.localhost\r\nConnection: close\r\n\r\n")
            return connection.makefile("rb").read()

    header = b"PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\n"
    assert b" 400 " in ask(header)
    settings.set(proxyProtocol="true", proxyRealIpCidr="127.0.0.0/8")
    until(lambda: b" 200 " in ask(header), "the header is understood")
    assert app.headers["X-Forwarded-For"] == "203.0.113.7"
    assert ask(b"") == b"", "a connection without one is closed"
    health = http.client.HTTPConnection("127.0.0.1", router.health_port, timeout=5)
    health.request("GET", "/health-check")
    assert health.getresponse().read() == b"OK\n", "never on the health port"


def test_answers_are_compressed_for_who_wants_that(platform, router, settings):
    app = platform.serve("wide")
    app.name = "long text " * 100

    def encoding(**headers):
        connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=5)
        connection.request("GET", "/", headers={"Host": "wide.localhost", **headers})
        reply = connection.getresponse()
        body = reply.read()
        kind = reply.getheader("Content-Encoding")
        assert (gzip.decompress(body) if kind else body).decode() == app.name
        return kind, reply.getheader("Vary")

    assert encoding(**{"Accept-Encoding": "gzip"}) == ("gzip", "Accept-Encoding")
    assert encoding()[0] is None
    assert encoding(**{"Accept-Encoding": "gzip", "User-Agent": "Mozilla/4.0 (compatible; MSIE 6.0; x)"})[0] is None
    settings.set(gzipMinLength="100000")
    until(lambda: encoding(**{"Accept-Encoding": "gzip"})[0] is None, "too short")
    settings.set(gzip="false", gzipMinLength="10")
    assert encoding(**{"Accept-Encoding": "gzip"})[0] is None


def test_the_health_port_tells_whether_the_router_can_route(router, platform):
    def ask(path, host):
        connection = http.client.HTTPConnection("127.0.0.1", router.health_port, timeout=5)
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status

    platform.serve("health")
    assert ask("/health-check", "10.0.0.1") == 200
    assert ask("/health-check", "health.localhost") == 200, "whatever host is asked for"
    assert ask("/", "health.localhost") == 404


def test_a_port_that_another_program_has_is_told_and_opened_when_it_is_free(router, settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        settings.set(healthPort=port)
        until(lambda: "another program" in settings.problems().get("router/healthPort", {}).get("reason", ""), "it is told")
        assert router.admin("/readyz")[0] == 200
    until(lambda: not settings.problems(), "it is free")
    settings.settle()

    def answers():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", int(port))) == 0

    until(answers, "the health port is open")


def test_the_port_of_http_never_moves_to_one_that_is_taken(router, platform, settings):
    platform.serve("fixed")
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings.write(port=str(other.getsockname()[1]), bodySize="9m")
        settings.settle(lambda answer: answer["values"]["router/bodySize"] == "9m")
        assert "another program" in settings.problems()["router/port"]["reason"]
        assert router.body("fixed.localhost") == "fixed v1"


def test_the_controllers_host_has_its_own_list_subdomain_and_timeouts(platform, router, etcd, settings):
    controller = platform.app("controller")
    router.acknowledged(etcd.put("/deis/controller/hosts/h1", {"address": f"http://127.0.0.1:{controller.port}"}))
    try:
        assert router.body("deis.example.com") == "controller"
        settings.set(controller__whitelist="127.0.0.2:me,[::1]:local")
        until(lambda: router.status("deis.example.com") == 403, "not everybody")
        assert router.get("deis.example.com", source="127.0.0.2")[0] == 200
        settings.set(controller__subdomain="api", controller__whitelist="127.0.0.0/8", controller__timeout__read="300ms")
        until(lambda: router.body("api.example.com") == "controller", "another name")
        assert router.status("deis.example.com") == 404
        assert router.status("api.example.com", "/wait") == 504
        etcd.erase("/deis/router/controller/whitelist")
        settings.set(enforceWhitelist="true")
        until(lambda: router.status("api.example.com") == 403, "no list is a closed door")
    finally:
        etcd.erase("/deis/controller/hosts/h1")


def test_pages_for_hosts_and_apps_that_are_not_there_can_be_chosen(platform, router, settings):
    router.acknowledged(platform.live("empty", 1))
    page404, page503 = "<h1>Nobody {{here}} $uri</h1>\n", "<h1>Back soon</h1>"
    settings.set(errorPage404=page404, errorPage503=page503)
    until(lambda: router.body("nobody.localhost") == page404, "the page")
    status, headers, _ = router.get("nobody.localhost", method="POST", body="x")
    assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    status, headers, body = router.get("empty.localhost")
    assert (status, body) == (503, page503) and int(headers["Retry-After"]) > 0
    assert router.status("empty.localhost", "/.deis/503") == 404


def test_the_stores_host_is_there_only_on_request(platform, router, settings):
    gateway = platform.app("gateway")
    assert router.status("deis-store.example.com") == 404
    settings.set(storeGateway="true")
    until(lambda: router.status("deis-store.example.com") == 503, "nobody knows where it is")
    settings.set(store__gateway__host="127.0.0.1", store__gateway__port=str(gateway.port))
    until(lambda: router.body("deis-store.example.com") == "gateway", "the gateway")
    assert router.get("deis-store.example.com", method="POST", body="x" * 3_000_000)[0] == 200


def test_the_status_page_is_there_only_on_request(platform, router, settings):
    assert router.status("10.0.0.1", "/router-nginx-status") == 404
    settings.set(enableNginxStatus="true")
    until(lambda: "Active connections" in router.body("10.0.0.1", "/router-nginx-status"), "the page")
    platform.serve("owner")
    assert router.body("owner.localhost", "/router-nginx-status") == "owner v1", "an app's page is the app's"


def test_requests_with_the_same_argument_stay_with_one_container(platform, router, settings):
    platform.serve("sticky")
    for num in (2, 3, 4):
        revision = platform.endpoint("sticky", 1, platform.app(f"sticky {num}"), num)
    router.acknowledged(revision)
    settings.set(affinityArg="user")
    until(lambda: len({router.body("sticky.localhost", "/?user=ann") for _ in range(8)}) == 1, "one container")
    answers = {user: {router.body("sticky.localhost", f"/?user={user}") for _ in range(4)} for user in "abcdefgh"}
    assert all(len(seen) == 1 for seen in answers.values())
    assert len(set.union(*answers.values())) > 1
    assert len({router.body("sticky.localhost") for _ in range(20)}) > 1, "without the argument it goes round"


def test_enforced_lists_close_apps_without_one(platform, router, settings):
    platform.serve("open")
    platform.serve("listed")
    router.acknowledged(platform.live("listed", 1, allowlist=["127.0.0.2"]))
    settings.set(enforceWhitelist="true")
    until(lambda: router.status("open.localhost") == 403, "no list is a closed door")
    assert router.get("listed.localhost", source="127.0.0.2")[0] == 200
    assert router.get("listed.localhost", source="127.0.0.3")[0] == 403
    assert router.status("nobody.localhost") == 404


def test_lists_are_about_the_client_behind_a_trusted_load_balancer(platform, router, settings):
    platform.serve("guarded")
    router.acknowledged(platform.live("guarded", 1, allowlist=["203.0.113.0/24", "2001:db8::/32"]))

    def ask(client, source="127.0.0.1"):
        return router.get("guarded.localhost", headers={"X-Forwarded-For": client}, source=source)[0]

    assert ask("203.0.113.9") == 403
    settings.set(proxyRealIpCidr="127.0.0.1")
    assert [ask("203.0.113.9"), ask("2001:db8::7"), ask("198.51.100.1"), ask("203.0.113.9, 198.51.100.1")] == [200, 200, 403, 403]
    assert ask("203.0.113.9", source="127.0.0.9") == 403, "who is no balancer may say what he wants"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_visitors_by_ipv6_are_served_and_listed(platform, router, settings, directory):
    app = platform.serve("six")
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    settings.set(sslCert=chain, sslKey=key)
    router.acknowledged(platform.live("six", 1, allowlist=["::1"]))

    def ask(address, port):
        connection = http.client.HTTPConnection(address, port, timeout=5)
        connection.request("GET", "/", headers={"Host": "six.example.com"})
        return connection.getresponse().status

    assert ask("::1", router.port) == 200
    assert app.headers["X-Forwarded-For"] == "::1"
    assert ask("127.0.0.1", router.port) == 403
    for port in (router.ssl_port, router.builder_port, router.health_port):
        with socket.create_connection(("::1", port), 5):
            pass


def test_tls_sessions_are_resumed_by_tickets_or_by_a_cache(platform, router, settings, directory):
    platform.serve("again")
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    settings.set(sslCert=chain, sslKey=key)

    def is_resumed():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode, context.maximum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2
        session = None
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", router.ssl_port), 5) as plain, context.wrap_socket(
                    plain, server_hostname="again.example.com", session=session) as secure:
                session, resumed = secure.session, secure.session_reused
        return resumed

    # Workers of the configuration before take a connection now and then until they have ended.
    until(is_resumed, "by tickets")
    settings.set(sslSessionTickets="off")
    until(lambda: not is_resumed(), "not any more")
    settings.set(sslSessionCache="shared:deis:1m")
    until(is_resumed, "by the cache")


def test_a_silent_push_is_cut_after_its_milliseconds(router, etcd, settings):
    class Silent(Greeter):
        pass

    builder = Silent("hello")
    builder.RequestHandlerClass.handle = lambda self: self.request.recv(1)
    etcd.put("/deis/builder/hosts/h1", {"address": f"http://127.0.0.1:{builder.server_address[1]}"})
    settings.set(builder__timeout__tcp="200")

    def is_cut():
        with socket.create_connection(("127.0.0.1", router.builder_port), 2) as connection:
            connection.settimeout(2)
            try:
                return connection.recv(1) == b""
            except OSError:
                return False

    until(is_cut, "the connection is closed")


def test_access_lines_have_the_fields_of_the_original(platform, router):
    platform.serve("lines")
    router.get("lines.localhost", "/a?b=c", headers={"Referer": "http://r/", "User-Agent": "agent"})

    def line():
        return next((text for text in (router.directory / "access.log").read_text().splitlines() if "/a?b=c" in text), None)

    prefix, time, *fields = until(line, "the line").split(" - ")
    assert prefix == "[INFO]" and time.startswith("[") and time.endswith("]")
    upstream = f"127.0.0.1:{platform.apps[-1].port}"
    assert [fields[i] for i in (0, 1, 2, 3, 5, 6, 7, 9)] == [
        "127.0.0.1", "-", "200", '"GET /a?b=c HTTP/1.1"', '"http://r/"', '"agent"', '"_"', "lines.localhost"]
    assert fields[8] == upstream and len(fields) == 12
    router.get("10.0.0.1", "/health-check")
    assert "/health-check" not in (router.directory / "access.log").read_text()


DEISCTL = str(Path(BINARY).parent / "deisctl")


def deisctl(etcd, *words, home="/"):
    done = subprocess.run([DEISCTL, "--etcd", f"http://127.0.0.1:{etcd.port}", "config", *words], capture_output=True, text=True,
                          env=os.environ | {"HOME": str(home)})
    return done.returncode, done.stdout, done.stderr


def test_deisctl_refuses_a_wrong_value_before_anything_is_written(etcd, router, settings):
    code, out, error = deisctl(etcd, "router", "set", "gzip=off", "bodySize=big")
    assert code == 1 and out == ""
    assert "router/bodySize=big: must be 0, or a number with k, m or g behind it" in error
    assert etcd.get("/deis/router/gzip") is None and etcd.get("/deis/router/bodySize") is None
    code, _, error = deisctl(etcd, "router", "set", "firewall/enabled=true")
    assert code == 1 and "NAXSI" in error


def test_deisctl_takes_certificates_from_files_and_never_shows_them(etcd, router, settings, directory):
    chain, key = certificate(directory, "platform.example.com", "*.example.com")
    _, other = certificate(directory, "other.example.com")
    code, out, error = deisctl(etcd, "router", "set", f"sslCert={directory}/platform.example.com.pem", f"sslKey={directory}/other.example.com.key")
    assert code == 1 and "do not belong together" in error and "BEGIN" not in error + out
    assert etcd.get("/deis/router/sslCert") is None
    settings.remember("/deis/router/sslCert", "/deis/router/sslKey")
    code, out, _ = deisctl(etcd, "router", "set", "sslCert=~/platform.example.com.pem", "sslKey=$HOME/platform.example.com.key", home=directory)
    assert (code, out) == (0, "/deis/router/sslCert\n/deis/router/sslKey\n")
    assert (etcd.get("/deis/router/sslCert"), etcd.get("/deis/router/sslKey")) == (chain, key)
    assert deisctl(etcd, "router", "set", f"sslKey={directory}/other.example.com.key")[0] == 1
    assert deisctl(etcd, "router", "rm", "sslKey")[0] == 1, "half of it is of no use"
    assert deisctl(etcd, "router", "rm", "sslKey", "sslCert")[0] == 0


def test_deisctl_notes_a_key_that_no_router_knows(etcd):
    code, _, error = deisctl(etcd, "router", "set", "bodysize=1m")
    assert code == 0 and "no setting router/bodysize" in error
    assert deisctl(etcd, "router", "rm", "bodysize")[0] == 0


def test_requests_become_lines_of_their_apps_logs_when_wanted(platform, router, settings):
    platform.serve("heard")
    assert router.body("heard.localhost", "/unheard") == "heard v1"
    settings.set(appRequestLog="true")
    until(lambda: "INFO [heard]: " in router.log() or not router.body("heard.localhost", "/heard?a=b"), "a request is a line of its app")
    line = next(line for line in router.log().splitlines() if line.startswith("INFO [heard]: "))
    assert ' - 200 - "GET /heard?a=b HTTP/1.1" - ' in line
    router.acknowledged(platform.live("heard", 1, allowlist=["127.9.9.9"]))
    assert router.status("heard.localhost", "/forbidden") == 403
    router.acknowledged(platform.live("heard", 2))
    assert router.status("heard.localhost", "/unavailable") == 503
    for request in (' - 403 - "GET /forbidden ', ' - 503 - "GET /unavailable '):
        until(lambda request=request: any(request in line for line in router.log().splitlines() if line.startswith("INFO [heard]: ")),
              "the router's own answers are lines of the app, too")
    router.acknowledged(platform.live("heard", 1))
    old = router.agent()
    os.kill(old, signal.SIGKILL)
    until(lambda: router.agent() not in (None, old) and router.admin("/readyz")[0] == 200, "another agent")
    until(lambda: "/after" in router.log() or not router.body("heard.localhost", "/after"), "lines go on with another agent")
    router.status("nobody.localhost", "/unrouted")
    assert "/unheard" not in router.log() and "/unrouted" not in router.log()
