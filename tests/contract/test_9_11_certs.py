"""9.11 Certificates. Made with the openssl program, so that no key lies in the sources."""

import re
import subprocess

import pytest

from .world import fresh_name

CERT_KEYS = {"id", "owner", "expires", "created", "updated", "common_name"}
NOT_FOUND = {"detail": "Not found"}
WILDCARD = {"common_name": ["Wildcard certificates are not supported"]}


def make_cert(directory, common_name, days=30, extra=()):
    """(certificate, key) as PEM, signed by itself."""
    key, cert = directory / "key.pem", directory / "cert.pem"
    subject = f"/CN={common_name}" if common_name else "/O=nobody"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", cert, "-days", str(days), "-subj", subject, *extra], check=True, capture_output=True)
    return cert.read_text(), key.read_text()


def expiry(certificate):
    """notAfter, as the API writes it."""
    argv = ["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601"]
    text = subprocess.run(argv, input=certificate, check=True, capture_output=True, text=True).stdout
    return re.sub(r"notAfter=(\S+) (\S+)Z\n", r"\1T\2UTC", text)


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


def fresh_host():
    return fresh_name("www") + ".example.com"


def add(user, pair, status=201, **more):
    return user.post("/certs/", {"certificate": pair[0], "key": pair[1], **more}).expect(status)


def test_9_11_a_pem_pair_is_201_and_read_shows_name_and_expiry_only(bob, tmp_path):
    host = fresh_host()
    pair = make_cert(tmp_path, host)
    answer = add(bob, pair)
    made = answer.json()
    assert set(made) == CERT_KEYS and type(made["id"]) is int
    assert (made["common_name"], made["owner"], made["expires"]) == (host, bob.name, expiry(pair[0]))
    shown = bob.get(f"/certs/{host}").expect(200)
    assert shown.json() == made and made in bob.results("/certs/")
    for text in (answer.text, shown.text, bob.get("/certs/").text):
        assert "BEGIN" not in text
    assert bob.delete(f"/certs/{host}").expect(204).body == b""
    bob.get(f"/certs/{host}").refuses(404, NOT_FOUND)
    bob.delete(f"/certs/{host}").refuses(404, NOT_FOUND)


def test_9_11_a_wildcard_name_is_400_with_the_exact_body(bob, tmp_path):
    pair = make_cert(tmp_path, "*.example.com")
    add(bob, pair, 400, common_name="*.example.com").refuses(400, WILDCARD)
    add(bob, pair, 400).refuses(400, WILDCARD)


def test_9_11_overriding_the_name_works(bob, tmp_path):
    host = fresh_host()
    pair = make_cert(tmp_path, fresh_host(), extra=["-addext", f"subjectAltName=DNS:{host}"])
    assert add(bob, pair, common_name=host)["common_name"] == host
    bob.delete(f"/certs/{host}").expect(204)


def test_9_11_a_name_is_needed(bob, tmp_path):
    add(bob, make_cert(tmp_path, ""), 400)


def test_9_11_a_name_is_somebodys_only_once(world, bob, tmp_path):
    host = fresh_host()
    pair = make_cert(tmp_path, host)
    add(bob, pair)
    for user in (bob, world.user("eve")):
        for more in ({}, {"common_name": host}):
            add(user, pair, 400, **more).refuses(400, {"common_name": ["This field must be unique."]})
    bob.delete(f"/certs/{host}").expect(204)


def test_9_11_what_is_no_certificate_is_400_naming_the_field(bob, tmp_path):
    pair = make_cert(tmp_path, fresh_host())
    assert list(add(bob, ("nonsense", pair[1]), 400).json()) == ["certificate"]
    bob.post("/certs/").refuses(400, {"certificate": ["This field is required."], "key": ["This field is required."]})


def test_9_11_certs_are_their_owners_only(world, bob, tmp_path):
    host = fresh_host()
    add(bob, make_cert(tmp_path, host))
    for other in (world.admin, world.user("eve")):
        other.get(f"/certs/{host}").refuses(404, NOT_FOUND)
        other.delete(f"/certs/{host}").refuses(404, NOT_FOUND)
        assert host not in {cert["common_name"] for cert in other.results("/certs/")}
    bob.delete(f"/certs/{host}").expect(204)


def test_9_11_a_stored_wildcard_can_be_read_and_deleted(bob, tmp_path):
    """Our extension stores one; the path of the contract reads and deletes it."""
    name = f"*.{fresh_host()}"
    assert add(bob, make_cert(tmp_path, name), wildcard=True)["common_name"] == name
    assert bob.get(f"/certs/{name}").expect(200)["common_name"] == name
    bob.delete(f"/certs/{name}").expect(204)
    bob.get(f"/certs/{name}").refuses(404, NOT_FOUND)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_9_11_put_and_patch_on_the_collection_are_405(bob, method):
    bob.request(method, "/certs/").refuses(405, {"detail": f"Method '{method}' not allowed."})
