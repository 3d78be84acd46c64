"""1.7: a user's whole session with the original client 1.13.4: its request lines, headers and bodies, in the order its commands
send them, and its types reading the answers."""

import pytest

from . import go
from .test_9_9_keys import make_key
from .test_9_11_certs import make_cert
from .world import PROCFILE, fresh_name

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def names():
    """What the session calls things."""
    class Names:
        user, friend, app = fresh_name("go"), fresh_name("friend"), fresh_name("shop")
    return Names


@pytest.fixture(scope="module")
def client(world, names):
    return go.GoClient(world.api)


@pytest.fixture(scope="module")
def friend(world, names):
    client = go.GoClient(world.api)
    client.register(names.friend, PASSWORD)
    return client


# The tests of this module are one session, in this order.

def test_1_7_register_and_login(client, names):
    client.register(names.user, PASSWORD)
    assert len(client.token) == 40
    client.login(names.user, PASSWORD)


def test_1_7_register_with_a_stored_token(client):
    token = client.token
    client.register(fresh_name("second"), PASSWORD)
    client.token = token


def test_1_7_passwd_and_regenerate(client, names):
    client.call("POST", "/v1/auth/passwd/", {"password": PASSWORD, "new_password": "new"})
    client.call("POST", "/v1/auth/passwd/", {"username": names.user, "password": "new", "new_password": PASSWORD})
    before = client.token
    client.token = client.call("POST", "/v1/auth/tokens/", shape=go.TOKEN)["token"]
    assert client.token != before


def test_1_7_keys(client):
    id = fresh_name("me@laptop")
    client.call("POST", "/v1/keys/", {"id": id, "public": make_key("ssh-rsa")}, go.KEY)
    listed = client.list("/v1/keys/", go.KEY)
    assert [key["id"] for key in listed] == [id] and len(listed[0]["public"]) >= 16
    client.call("DELETE", f"/v1/keys/{id}")
    client.call("POST", "/v1/keys/", {"id": id, "public": make_key("ecdsa-sha2-nistp256")}, go.KEY)


def test_1_7_create_info_list(client, names):
    assert client.call("POST", "/v1/apps/", {"id": names.app}, go.APP)["id"] == names.app
    unnamed = client.call("POST", "/v1/apps/", shape=go.APP)["id"]
    client.call("GET", f"/v1/apps/{names.app}/", shape=go.APP)
    assert {app["id"] for app in client.list("/v1/apps/", go.APP)} == {names.app, unnamed}
    client.call("DELETE", f"/v1/apps/{unnamed}/")


def test_1_7_config_before_the_first_build(client, names):
    path = f"/v1/apps/{names.app}/config/"
    made = client.call("POST", path, {"values": {"GREETING": "hello"}}, go.CONFIG)
    assert "DEIS_RELEASE" not in made["values"]
    client.call("GET", path, shape=go.CONFIG)


def test_1_7_builds_and_ps(world, client, names):
    path = f"/v1/apps/{names.app}/builds/"
    client.call("POST", path, {"image": world.target.image}, go.BUILD)
    client.call("POST", path, {"image": world.target.image, "procfile": PROCFILE}, go.BUILD)
    assert len(client.list(path, go.BUILD)) == 2
    assert [c["type"] for c in client.list(f"/v1/apps/{names.app}/containers/", go.CONTAINER)] == ["cmd"]


def test_1_7_config_set_and_unset_show_the_release(client, names):
    path = f"/v1/apps/{names.app}/config/"
    made = client.call("POST", path, {"values": {"GREETING": "grüße", "OTHER": "1"}}, go.CONFIG)
    assert made["values"]["DEIS_RELEASE"] == "v5"
    made = client.call("POST", path, {"values": {"OTHER": None}}, go.CONFIG)
    assert made["values"] == {"GREETING": "grüße", "DEIS_APP": names.app, "DEIS_RELEASE": "v6"}


def test_1_7_limits_are_sent_as_text_and_cpu_comes_back_as_a_number(client, names):
    path = f"/v1/apps/{names.app}/config/"
    client.call("POST", path, {"memory": {"worker": "64M"}}, go.CONFIG)
    made = client.call("POST", path, {"cpu": {"worker": "1024"}}, go.CONFIG)
    assert made["cpu"] == {"worker": 1024} and made["memory"] == {"worker": "64M"}
    client.call("POST", path, {"memory": {"worker": None}}, go.CONFIG)
    assert client.call("POST", path, {"cpu": {"worker": None}}, go.CONFIG)["cpu"] == {}


def test_1_7_tags(client, names):
    path = f"/v1/apps/{names.app}/config/"
    assert client.call("POST", path, {"tags": {}}, go.CONFIG)["tags"] == {}
    client.call("GET", path, shape=go.CONFIG)


def test_1_7_scale_ps_and_restart(client, names):
    base = f"/v1/apps/{names.app}"
    client.call("POST", f"{base}/scale/", {"web": 2, "worker": 1})
    listed = client.list(f"{base}/containers/", go.CONTAINER)
    assert sorted((c["type"], c["num"]) for c in listed) == [("cmd", 1), ("web", 1), ("web", 2), ("worker", 1)]
    for path, count in (("restart", 4), ("web/restart", 2), ("web/2/restart", 1)):
        assert len(client.call("POST", f"{base}/containers/{path}/", shape=[go.CONTAINER])) == count
    client.call("POST", f"{base}/scale/", {"web": 0, "worker": 0})


def test_1_7_run_is_an_array_in_plain_text(client, names):
    code, _ = client.run(names.app, "true")
    assert code == 0


def test_1_7_logs(world, client, names):
    for query in ("", "?log_lines=5"):
        answer = client.send("GET", f"/v1/apps/{names.app}/logs{query}")
        assert answer.status in (200, 204)
    assert answer.body.decode()


def test_1_7_releases_and_rollback(client, names):
    base = f"/v1/apps/{names.app}/releases/"
    releases = client.list(base, go.RELEASE)
    newest = releases[0]["version"]
    assert [release["version"] for release in releases] == list(range(newest, 0, -1))
    assert releases[-1]["build"] is None
    assert client.call("GET", f"{base}v2/", shape=go.RELEASE)["version"] == 2
    assert client.call("POST", f"{base}rollback/", shape=go.VERSION) == {"version": newest + 1}
    assert client.call("POST", f"{base}rollback/", {"version": 4}, go.VERSION) == {"version": newest + 2}


def test_1_7_domains(client, names):
    base, domain = f"/v1/apps/{names.app}/domains/", fresh_name("d") + ".example.com"
    assert client.call("POST", base, {"domain": domain}, go.DOMAIN)["domain"] == domain
    assert [d["domain"] for d in client.list(base, go.DOMAIN)] == [domain]
    client.call("DELETE", base + domain)
    assert client.list(base, go.DOMAIN) == []


def test_1_7_certs(client, tmp_path):
    host = fresh_name("www") + ".example.com"
    certificate, key = make_cert(tmp_path, host)
    client.call("POST", "/v1/certs/", {"certificate": certificate, "key": key}, go.CERT)
    other = fresh_name("www") + ".example.com"
    client.call("POST", "/v1/certs/", {"certificate": certificate, "key": key, "common_name": other}, go.CERT)
    listed = client.list("/v1/certs/", go.CERT)
    assert {cert["common_name"] for cert in listed} == {host, other}
    for name in (host, other):
        client.call("DELETE", f"/v1/certs/{name}")


def test_1_7_perms(client, friend, names):
    base = f"/v1/apps/{names.app}/perms/"
    client.call("POST", base, {"username": names.friend})
    assert client.call("GET", base, shape=go.PERMS) == {"users": [names.friend]}
    assert [app["id"] for app in friend.list("/v1/apps/", go.APP)] == [names.app]
    client.call("DELETE", base + names.friend)


def test_1_7_admin_perms_and_users(world, names, friend):
    admin = go.GoClient(world.api)
    admin.token = world.admin.token
    admin.call("POST", "/v1/admin/perms/", {"username": names.friend})
    assert names.friend in {entry["username"] for entry in admin.list("/v1/admin/perms/", go.ADMIN)}
    admin.call("DELETE", f"/v1/admin/perms/{names.friend}")
    admin.list("/v1/users/", go.USER)
    friend.token = admin.call("POST", "/v1/auth/tokens/", {"username": names.friend}, go.TOKEN)["token"]


def test_1_7_errors_are_what_the_client_prints(client, names):
    """`Error: `, the status line as received, a `key: value` line per text."""
    answer = client.exchange("GET", "/v1/apps/" + fresh_name("none") + "/")
    assert answer.status_line == "404 NOT FOUND" and answer.json() == {"detail": "Not found"}
    answer = client.exchange("POST", "/v1/apps/", {"id": names.app})
    assert answer.status_line == "400 BAD REQUEST" and answer.json() == {"id": ["This field must be unique."]}


def test_1_7_transfer_and_destroy(client, friend, names):
    client.call("POST", f"/v1/apps/{names.app}/", {"owner": names.friend})
    assert client.exchange("GET", f"/v1/apps/{names.app}/").status_line == "403 FORBIDDEN"
    friend.call("DELETE", f"/v1/apps/{names.app}/")
    assert friend.exchange("GET", f"/v1/apps/{names.app}/").status == 404


def test_1_7_cancel(world, client, friend, names):
    client.call("DELETE", "/v1/auth/cancel/")
    assert client.exchange("GET", "/v1/apps/").status_line == "401 UNAUTHORIZED"
    admin = go.GoClient(world.api)
    admin.token = world.admin.token
    admin.call("DELETE", "/v1/auth/cancel/", {"username": names.friend})


# --- the strictness itself ------------------------------------------------------------------------------

@pytest.mark.parametrize("value, shape", [
    (1.0, int), (True, int), ("1", int), (None, str), ({"a": 1}, ("map", str)), (None, [str]), ({}, {"id": str})])
def test_1_7_wrong_types_would_be_noticed(value, shape):
    with pytest.raises(go.WrongType):
        go.decode(value, shape)
