"""Certificates of domains, chosen from the routing table while the handshake goes on; and what HTTP/2 can be misused for."""

import hashlib
import json
import os
import socket
import ssl
import struct
import threading

import pytest

from certificates import certificate
from rig import until
from test_abuse import resident


def shown(router, host):
    """The certificate that the host shows, as PEM; None when there is no TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", router.ssl_port), 5) as plain, context.wrap_socket(plain, server_hostname=host) as tls:
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)).strip()
    except OSError:
        return None


@pytest.fixture(scope="module", autouse=True)
def open_port(shared, tmp_path_factory):
    """TLS is opened with the first certificate of a domain: one that is there before, so that no test opens the port."""
    etcd, router = shared
    chain, key = certificate(tmp_path_factory.mktemp("certificate"), "first", "first.test")
    etcd.put("/deis/certs/first.test", {"certificate": chain, "key": key})
    until(lambda: shown(router, "first.test") and old_workers_are_gone(router), "TLS is open")
    yield
    etcd.erase("/deis/certs/first.test")


def old_workers_are_gone(router):
    try:
        return json.loads(router.admin("/settings")[1]).get("settled") and len(router.workers()) == os.cpu_count()
    except OSError:  # one of them ended just now
        return False


@pytest.fixture
def certs(etcd, router):
    """put(name, certificate, key) writes one and waits for the router; all are gone afterwards."""
    names = set()

    def put(name, chain, key):
        names.add(name)
        router.acknowledged(etcd.put(f"/deis/certs/{name}", {"certificate": chain, "key": key}))

    yield put
    for name in names:
        etcd.erase(f"/deis/certs/{name}")


def test_each_host_shows_its_own_certificate_and_a_new_one_at_once(router, certs, directory):
    own, wild = certificate(directory, "own", "own.test"), certificate(directory, "wild", "*.wild.test")
    certs("own.test", *own)
    certs("*.wild.test", *wild)
    workers = router.workers()
    assert shown(router, "own.test") == shown(router, "OWN.test") == own[0].strip()
    assert shown(router, "a.wild.test") == wild[0].strip()
    assert shown(router, "a.b.wild.test") not in (own[0].strip(), wild[0].strip()), "a wildcard is for one label"
    certs("a.wild.test", *own)
    assert shown(router, "a.wild.test") == own[0].strip(), "the exact name comes first"
    renewed = certificate(directory, "renewed", "own.test")
    certs("own.test", *renewed)
    assert shown(router, "own.test") == renewed[0].strip()
    assert router.workers() == workers, "nothing was reloaded"


def test_a_pair_that_does_not_fit_harms_its_own_domain_only(router, certs, directory):
    good, other = certificate(directory, "good", "good.test"), certificate(directory, "other", "other.test")
    certs("good.test", *good)
    certs("broken.test", good[0], other[1])
    certs("nonsense.test", "no certificate", "no key")
    assert shown(router, "good.test") == good[0].strip()
    for host in ("broken.test", "nonsense.test"):
        assert shown(router, host) not in (None, good[0].strip(), other[0].strip())
        until(lambda host=host: f'certificate for "{host}" cannot be used' in router.log(), "it is told")


def test_many_certificates_are_served_by_workers_that_keep_a_thousand(router, certs, directory):
    pair = certificate(directory, "many", "*.many.test")
    for number in range(0, 1200, 100):
        certs(f"host-{number}.test", *pair)
    assert {hashlib.sha256(shown(router, f"host-{number}.test").encode()).digest() for number in range(0, 1200, 100)} == {
        hashlib.sha256(pair[0].strip().encode()).digest()}


# --- HTTP/2 -----------------------------------------------------------------------------------------

def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def open_and_reset(stream, host):
    """A request for / and its reset, as fast as they can be written."""
    name = host.encode()
    head = b"\x82\x87\x84\x41" + bytes([len(name)]) + name  # GET, https, /, and the authority as it is
    return frame(1, 5, stream, head) + frame(3, 0, stream, struct.pack(">I", 8))


def attack(router, host, requests):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection(("127.0.0.1", router.ssl_port), 10) as plain, context.wrap_socket(plain, server_hostname=host) as tls:
        assert tls.selected_alpn_protocol() == "h2"
        tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
        try:
            for first in range(0, requests, 100):
                tls.sendall(b"".join(open_and_reset(2 * number + 1, host) for number in range(first, first + 100)))
        except OSError:
            pass  # the router has had enough


def test_rapid_resets_of_streams_leave_the_router_serving_in_bounded_memory(platform, router, certs, directory):
    app = platform.serve("rapid")
    certs("rapid.test", *certificate(directory, "rapid", "rapid.test"))
    workers, before = router.workers(), resident(router)
    attackers = [threading.Thread(target=attack, args=(router, "rapid.localhost", 20_000)) for _ in range(4)]
    for attacker in attackers:
        attacker.start()
    answers = [router.get("rapid.localhost")[0] for _ in range(20)]
    for attacker in attackers:
        attacker.join()
    assert set(answers) == {200}
    until(lambda: router.in_flight(app) == 0, "no request is left behind", 30)
    assert router.workers() == workers and resident(router) - before < 60
