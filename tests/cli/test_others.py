"""domains, certs, keys, perms, users of api.md 8.4, and what is ours: tokens, audit, policy."""

import re
import shutil
import subprocess

import pytest


@pytest.fixture
def empty(ann):
    ann.run("create", "shop", "--no-remote")
    return ann


def keygen(client, name, kind="ed25519", comment="ann@laptop"):
    directory = client.home / ".ssh"
    directory.mkdir(exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", directory / name], check=True)
    return directory / f"{name}.pub"


def test_domains_come_and_go(empty):
    assert empty.run("domains:add", "www.example.com", "-a", "shop").out == "Adding www.example.com to shop... done\n"
    empty.run("domains:add", "a.example.com", "-a", "shop")
    assert empty.run("domains", "-a", "shop").out == "=== shop Domains\na.example.com\nwww.example.com\n"
    assert empty.run("domains", "-l", "1", "-a", "shop").lines[0] == "=== shop Domains (1 of 2)"
    out = empty.run("domains:remove", "www.example.com", "-a", "shop").out
    assert out == "Removing www.example.com from shop... done\n"
    assert "404 NOT FOUND" in empty.fails("domains:remove", "www.example.com", "-a", "shop").err


def certificate(client, name):
    paths = [str(client.cwd / f"{name}.{kind}") for kind in ("pem", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
         "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def test_certificates_come_and_go(ann):
    assert ann.run("certs").out == "No certs\n"
    assert ann.run("certs:add", *certificate(ann, "www.example.com")).out == "Adding SSL endpoint... done\n"
    lines = ann.run("certs").lines
    assert lines[:2] == ["Common Name         Expires", "---------------     ----------------------"]
    assert re.fullmatch(r"www\.example\.com     \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dUTC", lines[2])
    assert ann.run("certs:remove", "www.example.com").out == "Removing www.example.com... done\n"
    assert "404 NOT FOUND" in ann.fails("certs:remove", "www.example.com").err


def test_a_certificate_that_is_not_there_is_named(ann):
    assert ann.fails("certs:add", "nowhere.pem", "nowhere.key").err == (
        "Error: cannot read nowhere.pem: No such file or directory\n")


def test_keys_come_and_go(ann):
    assert ann.run("keys").out == "=== ann Keys\n"
    path = keygen(ann, "id_ed25519")
    assert ann.run("keys:add", str(path)).out == "Uploading id_ed25519.pub to deis... done\n"
    text = path.read_text().strip()
    assert ann.run("keys:list").out == f"=== ann Keys\nann@laptop {text[:16]}...{text[-10:]}\n"
    assert ann.run("keys:remove", "ann@laptop").out == "Removing ann@laptop SSH Key... done\n"


def test_a_key_without_a_comment_is_called_by_its_file(ann):
    path = keygen(ann, "work", "ecdsa", "")
    path.write_text(" ".join(path.read_text().split()[:2]) + "\n")
    ann.run("keys:add", str(path))
    assert ann.run("keys", "--json").json()[0]["id"] == "work"


def test_without_a_file_the_keys_of_the_home_directory_are_offered(ann):
    keygen(ann, "id_a", comment="a@laptop")
    path = keygen(ann, "id_b", comment="b@laptop")
    done = ann.run("keys:add", input="2\n")
    assert "Found the following SSH public keys:\n1) id_a.pub\n2) id_b.pub\n0) Enter path" in done.out
    assert done.out.endswith("Uploading id_b.pub to deis... done\n")
    moved = ann.cwd / "moved.pub"
    shutil.copy(ann.home / ".ssh" / "id_a.pub", moved)
    assert ann.run("keys:add", input=f"0\n{moved}\n").out.endswith("Uploading moved.pub to deis... done\n")
    assert "none of the numbers" in ann.fails("keys:add", input="7\n").err
    assert path.exists()


def test_a_private_key_is_not_uploaded(ann):
    private = keygen(ann, "id_ed25519").with_suffix("")
    assert "is a private key" in ann.fails("keys:add", str(private)).err


def test_collaborators_come_and_go(empty, bob):
    assert empty.run("perms", "-a", "shop").out == "=== shop's Users\n"
    assert empty.run("sharing:add", "bob", "-a", "shop").out == "Adding bob to shop collaborators... done\n"
    assert empty.run("sharing", "-a", "shop").out == empty.run("sharing:list", "-a", "shop").out == "=== shop's Users\nbob\n"
    assert empty.run("perms", "-a", "shop", "--json").json() == {"users": ["bob"]}
    assert bob.run("apps").out == "=== Apps\nshop\n"
    assert empty.run("sharing:remove", "bob", "-a", "shop").out == "Removing bob from shop collaborators... done\n"
    assert "403 FORBIDDEN" in bob.fails("info", "-a", "shop").err


def test_administrators_come_and_go(ann, bob):
    assert ann.run("perms", "--admin").out == "=== Administrators\nann\n"
    assert ann.run("perms:create", "bob", "--admin").out == "Adding bob to system administrators... done\n"
    assert ann.run("perms:list", "--admin", "-l", "1").lines[0] == "=== Administrators (1 of 2)"
    assert ann.run("perms:delete", "bob", "--admin").out == "Removing bob from system administrators... done\n"


def test_users_are_for_administrators(ann, bob):
    assert ann.run("users").out == "=== Users\nann\nbob\n"
    assert bob.fails("users").err == (
        "Error: \n403 FORBIDDEN\ndetail: You do not have permission to perform this action.\n\n")


def test_tokens_are_made_listed_and_revoked(empty):
    done = empty.run("tokens:create", "ci", "--scopes=deploy", "--apps=shop", "--expires-in=90d")
    assert re.fullmatch(r"deis_[0-9a-f]{40}\n", done.out) and "shown this once" in done.err
    token = empty.run("tokens", "--json").json()[0]
    assert (token["name"], token["scopes"], token["apps"]) == ("ci", ["deploy"], ["shop"])
    lines = empty.run("tokens").lines
    assert lines[0] == "=== ann Tokens" and lines[1].split()[:4] == ["ID", "NAME", "SCOPES", "APPS"]
    assert lines[2].split()[:4] == [token["id"], "ci", "deploy", "shop"]
    assert empty.run("tokens:revoke", token["id"]).out == f"Revoking {token['id']}... done\n"
    assert empty.run("tokens").out == "=== ann Tokens\n"
    assert "is not a time like 90d" in empty.fails("tokens:create", "x", "--expires-in=soon").err


def test_the_audit_log_says_who_did_what(empty):
    empty.run("config:set", "SECRET=hush", "-a", "shop")
    out = empty.run("audit", "-a", "shop").out
    assert out.startswith("=== shop Audit\nTIME") and " ann " in out and "hush" not in out
    assert empty.run("audit", "--all", "-l", "1").lines[0].startswith("=== Audit")
    assert empty.run("audit", "-a", "shop", "--json").json()[0]["user"] == "ann"


def test_maintenance_goes_on_and_off(empty):
    assert empty.run("maintenance", "-a", "shop").out == "Maintenance mode is off for shop\n"
    assert empty.run("maintenance:on", "-m", "Back at noon", "-a", "shop").out == "Enabling maintenance mode for shop... done\n"
    assert empty.run("maintenance", "-a", "shop").out == "Maintenance mode is on for shop\nMessage: Back at noon\n"
    assert empty.run("maintenance:off", "-a", "shop").out == "Disabling maintenance mode for shop... done\n"
    assert empty.run("maintenance", "-a", "shop", "--json").json()["enabled"] is False


def test_addresses_are_let_in_and_taken_off(empty):
    assert empty.run("allowlist", "-a", "shop").out == "=== shop Allowlist\nEverybody\n"
    out = empty.run("allowlist:add", "10.0.0.0/8", "2001:db8::/32", "-a", "shop").out
    assert out == "Applying allowlist... done\n\n=== shop Allowlist\n10.0.0.0/8\n2001:db8::/32\n"
    assert empty.run("allowlist:remove", "10.0.0.0/8", "-a", "shop").out.endswith("Allowlist\n2001:db8::/32\n")
    assert "not in the allowlist" in empty.fails("allowlist:remove", "192.0.2.1", "-a", "shop").err
    assert "everybody may reach" in empty.run("allowlist:remove", "2001:db8::/32", "-a", "shop").err


def test_healthchecks_are_set_and_unset(shop):
    out = shop.run("healthchecks:set", "web", "--path=/healthz", "--timeout=2", "-a", "shop").out
    assert out.startswith("Applying healthchecks... done\n\n=== shop Healthchecks\n")
    check = shop.run("healthchecks", "-a", "shop", "--json").json()["web"]
    assert check["type"] == "http" and check["path"] == "/healthz" and check["timeout"] == 2
    shop.run("healthchecks:unset", "web", "-a", "shop")
    assert "/healthz" not in shop.run("healthchecks", "-a", "shop").out


def test_pids_are_limited(shop):
    out = shop.run("limits:set", "--pids", "web=200", "-a", "shop").out
    assert out.startswith("Applying limits... done\n") and out.endswith("\n--- PIDs\nweb     200\n")
    assert shop.run("limits", "-a", "shop", "--json").json()["web"]["pids"] == 200
    assert shop.run("releases:diff", "-a", "shop").out == "=== shop v2 -> v3\n--- Limits\n+ pids web: 200\n"
    assert "PIDs" not in shop.run("limits:unset", "--pids", "web", "-a", "shop").out


def test_routes_are_set_and_unset(empty):
    standard = "=== shop Routes\nbalance           round-robin\ndrain-timeout     30\n"
    assert empty.run("routes", "-a", "shop").out == standard
    out = empty.run("routes:set", "balance=least-requests", "drain-timeout=120", "-a", "shop").out
    assert out.startswith("Applying routes... done\n\n=== shop Routes\n")
    assert empty.run("routes", "-a", "shop", "--json").json() == {"balance": "least-requests", "drain_timeout": 120}
    assert empty.run("routes", "unset", "balance", "drain-timeout", "-a", "shop").out.endswith(standard)
    assert "from 1 to 3600" in empty.fails("routes:set", "drain-timeout=0", "-a", "shop").err
    assert "is not like balance=" in empty.fails("routes:set", "balance", "-a", "shop").err
