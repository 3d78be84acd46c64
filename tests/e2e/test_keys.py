"""`deisctl rotate-key controller` on a running platform: what was sealed before it opens after it, and the old key is gone."""

import json
import urllib.parse

import pytest

from .platform import App, ROOT, wait_until

SECRET = "correct-horse-battery"
HOST = "www.vault.example"


@pytest.fixture(scope="module")
def vera(platform):
    return platform.user("vera")


@pytest.fixture(scope="module")
def vault(vera):
    """An app with a secret in its config and a certificate of its owner."""
    app = App(vera, "vault", ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("config:set", f"SECRET={SECRET}")
    paths = [str(vera.home / f"{HOST}.{kind}") for kind in ("pem", "key")]
    vera.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
              "-out", paths[0], "-keyout", paths[1]])
    vera.deis("certs:add", *paths)
    yield app
    vera.deis("certs:remove", HOST)
    app.destroy()


def key_ids(platform):
    ring = json.loads((platform.host.directory / "data" / "controller" / "keyring.json").read_text())
    return [key["id"] for key in ring["keys"]]


def routed_certificate(platform):
    return json.loads(platform.etcd_get(f"/deis/certs/{HOST}") or "null")


def dump(platform):
    """Every row that holds secrets, as a thief of the database sees it."""
    name, user, password = (platform.etcd_get(f"/deis/database/{key}") for key in ("name", "user", "password"))
    url = f"postgresql://{user}:{urllib.parse.quote(password, safe='')}@127.0.0.1:5432/{name}"
    rows = "SELECT c::text FROM certs c UNION ALL SELECT c::text FROM configs c UNION ALL SELECT u::text FROM users u"
    return platform.host.run(["psql", "-d", url, "-Atc", rows]).stdout


def test_the_database_holds_no_secret_in_plain(platform, vault):
    rows = dump(platform)
    assert HOST in rows
    for secret in (SECRET, "PRIVATE KEY", vault.user.token()):
        assert secret not in rows


def test_config_values_certificates_and_sessions_outlive_a_rotation(platform, vault):
    before, certificate = key_ids(platform), routed_certificate(platform)
    assert "PRIVATE KEY" in certificate["key"]
    done = platform.deisctl("rotate-key", "controller")
    after = key_ids(platform)
    assert len(before) == len(after) == 1 and before != after
    assert after[0] in done.stdout + done.stderr

    assert SECRET in vault.deis("config").stdout
    vault.user.deis("keys")  # the session's token
    old = vault.latest()
    vault.deis("config:set", "OTHER=1")
    assert vault.latest() == old + 1 and vault.get("/env/SECRET")[1].strip() == SECRET
    assert HOST in vault.user.deis("certs").stdout

    # Nothing of it is what the controller remembered, or etcd kept.
    platform.host.run(["etcdctl", "--endpoints=127.0.0.1:2379", "del", f"/deis/certs/{HOST}"], env={"ETCDCTL_API": "3"})
    platform.deisctl("restart", "controller")
    wait_until(lambda: routed_certificate(platform) == certificate, 30, "routers are told the certificate again")
    assert SECRET in vault.deis("config").stdout
    assert key_ids(platform) == after
